"""A real X display: the windows open there too, with the system libraries that set-up installs."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

pytestmark = pytest.mark.window


@pytest.fixture
def display() -> Iterator[str]:
    """A virtual screen of its own, by its name."""
    server = shutil.which("Xvfb")
    if server is None:
        pytest.skip("no Xvfb on this machine; the test command installs it where it may")
    reading, writing = os.pipe()
    command = [server, "-displayfd", str(writing), "-screen", "0", "1920x1200x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL) as screen:
        os.close(writing)
        with os.fdopen(reading) as pipe:
            number = pipe.readline().strip()
        try:
            assert number, "Xvfb did not start"
            yield f":{number}"
        finally:
            screen.terminate()


def test_every_widget_opens_on_a_real_display(display: str, tmp_path: Path) -> None:
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    subprocess.run(
        [sys.executable, "-m", "widgets", "--screenshot", str(tmp_path)], check=True, env=environment, timeout=100
    )
    pictures = sorted(tmp_path.glob("*.png"))
    assert pictures
    for picture in pictures:
        image = QImage(str(picture))
        assert image.width() >= 1900, picture.name
        assert len({image.pixel(x, y) for x in range(0, 1900, 7) for y in range(0, 1000, 3)}) > 5, picture.name
