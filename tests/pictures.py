"""Pictures of every view in every state, both themes and each palette: `python -m tests.pictures DIR [--quick]`.

Rules: real widgets and the real window over the made market of the storm (a feeder process over CURVE), painted without
a display. `gallery/` has every widget in every state, `desk/` the whole window in every look, at three sizes, and in
every state that it can be in. `--quick`: the standard palette alone. `--guide`: the pictures of the trader guide too,
in few colours, because a repository keeps every version for ever.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from msgspec import structs
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from app.desk import Desk
from app.link.link import Endpoint, Link
from app.main_window import MainWindow
from app.settings import Settings
from server.client.incoming import Channel, ChannelState, MarketDataReceived, StaleChange, StaleReason, StreamState
from server.protocol.enums import MarketDataKind, Mode, Phase, Side, Topic
from server.protocol.records import BOOK_RECORD
from widgets.__main__ import write_pictures
from widgets.theme import PALETTE_NAMES, THEME_NAMES, Theme

SIZES: Final = ((1280, 800), (1920, 1080), (2560, 1440))
RATE, INSTRUMENTS = 2_000, 24
START_S: Final = 120.0
COLOURS: Final = 256
STATES_SIZE: Final = (1920, 1080)
GUIDE_FOLDER: Final = Path(__file__).resolve().parent.parent / "resources" / "docs" / "images"
GUIDE: Final = (
    "desk-1920x1080-dark", "desk-1280x800-light", "state-armed-dark", "state-command-light",
    "state-stale-instrument-dark", "state-halted-light", "state-disconnected-dark", "state-replay-dark",
    "state-windows-light", "state-live-dark-colour_blind_safe", "state-live-light-east_asian",
)  # fmt: skip


@contextmanager
def market() -> Iterator[Endpoint]:
    """A feeder process and where it is."""
    command = [sys.executable, "-m", "tests.benchmarks.storm_feeder", "--rate", str(RATE), "--orders", "0.02",
               "--instruments", str(INSTRUMENTS)]  # fmt: skip
    feeder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert feeder.stdout is not None
    assert feeder.stdin is not None
    line = json.loads(feeder.stdout.readline())
    try:
        yield Endpoint("127.0.0.1", line["control_port"], line["server_key"].encode(), "trader", "-")
    finally:
        feeder.stdin.close()
        feeder.wait(10)


class Camera:
    """A desk, its window, and a folder for pictures of it."""

    def __init__(self, app: QApplication, endpoint: Endpoint, folder: Path) -> None:
        """The window is shown; nothing moves."""
        self._app, self._folder = app, folder
        folder.mkdir(parents=True, exist_ok=True)
        self.link = Link(endpoint, time.time_ns)
        self.desk = Desk(self.link, time.time_ns)
        self.window = MainWindow(self.desk, Settings(None), Theme.load("dark"))
        self.window.resize(*STATES_SIZE)
        self.window.show()
        self.window.start()

    def run_until(self, reached: Callable[[], bool]) -> None:
        """Let the window run. Raise `TimeoutError` if it does not come to that."""
        deadline = time.monotonic() + START_S
        while not reached():
            self._app.processEvents()
            if time.monotonic() > deadline:
                raise TimeoutError("the desk did not come to what is to be pictured")
            time.sleep(0.005)

    def run_for(self, frames: int) -> None:
        """Let so many frames pass."""
        until = self.desk.meter.count + frames
        self.run_until(lambda: self.desk.meter.count >= until)

    def take(self, name: str, window: QWidget | None = None) -> None:
        """One picture of what there is now, as the theme paints it, of a further window if one is given."""
        theme = self.window.theme
        palette = "" if theme.palette_name == PALETTE_NAMES[0] else f"-{theme.palette_name}"
        self.desk.frame_for_all()
        self._app.processEvents()
        path = self._folder / f"{name}-{theme.name}{palette}.png"
        (window or self.window).grab().save(str(path))
        print(path, flush=True)

    def take_looks(self, name: str, palettes: tuple[str, ...]) -> None:
        """The same in both themes and the palettes."""
        for palette in palettes:
            for theme in THEME_NAMES:
                self.window.set_theme(Theme.load(theme, palette))
                self.take(name)

    def is_filled(self) -> bool:
        """Whether everything that was asked for has come."""
        market_state = self.desk.state.market
        quotes = market_state.quotes.received_ns
        charts = list(market_state.charts.values())
        return bool(
            len(quotes) and (quotes > 0).all() and charts and all(one.loaded for one in charts)
            and market_state.book(self.desk.instrument).complete and len(self.desk.state.orders)
        )  # fmt: skip

    def close(self) -> None:
        """The window goes."""
        self.window.close()
        self.link.stop()


def phase_record(instrument: int, phase: Phase) -> MarketDataReceived:
    """A STATUS message, as the client hands it over."""
    row = np.zeros(1, BOOK_RECORD)
    row["kind"], row["instrument"], row["phase"] = MarketDataKind.STATUS, instrument, phase
    return MarketDataReceived(Topic.STATUS, instrument, row, 1, 1)


def take_windows(camera: Camera) -> None:
    """A further window with panels of another link group, and one that is not linked."""
    workspace, desk = camera.window.workspace, camera.desk
    ladder = workspace.open("ladder", link="B")
    other = ladder.window()
    workspace.open("chart", other, link="B")
    tape = workspace.open("tape", other, link="")
    desk.select(desk.state.market.instruments.at(3).instrument, "B")
    tape.select(desk.state.market.instruments.at(5).instrument)
    other.resize(1400, 640)
    camera.run_for(40)
    camera.take("state-windows", other)
    workspace.close_windows()


def desk_states(camera: Camera, palettes: tuple[str, ...]) -> None:
    """The whole window in every state that it can be in."""
    desk, window = camera.desk, camera.window
    inbox, instrument = desk.link.inbox, desk.instrument
    camera.take_looks("state-live", palettes)
    window.ladder.arm(armed=True)
    camera.take_looks("state-armed", palettes)
    desk.set_armed(False)
    window.set_theme(Theme.load("light"))
    window.palette_box.show_palette(f"b 500 {desk.state.market.instruments.at(0).symbol.lower()}")
    camera.take("state-command")
    window.palette_box.hide()
    window.overlay.toggle()
    camera.take("state-overlay")
    window.overlay.toggle()
    take_windows(camera)
    inbox.put([StaleChange(Topic.DEPTH, instrument, StaleReason.GAP)])
    camera.run_for(70)
    camera.take_looks("state-stale-instrument", palettes)
    inbox.put([StaleChange(Topic.DEPTH, instrument, None), phase_record(instrument, Phase.HALTED)])
    camera.run_for(4)
    camera.take_looks("state-halted", palettes)
    inbox.put([phase_record(instrument, Phase.CONTINUOUS)])
    window.actions_by_name["privacy"].trigger()
    camera.take("state-privacy")
    window.actions_by_name["privacy"].trigger()
    desk.want_draft("A", Side.SELL, None, None)
    desk.link.stop()
    inbox.put([StreamState(Channel.MARKET_DATA, ChannelState.STALE)])
    camera.run_for(70)
    camera.take_looks("state-feed-stale", palettes)
    inbox.put([StreamState(one, ChannelState.DOWN) for one in (Channel.ORDERS, Channel.MARKET_DATA)])
    camera.run_for(4)
    camera.take_looks("state-disconnected", palettes)
    assert desk.state.welcome is not None
    desk.state.apply_welcome(structs.replace(desk.state.welcome, mode=Mode.REPLAY))
    inbox.put([StreamState(one, ChannelState.LIVE) for one in Channel])
    camera.run_for(4)
    camera.take_looks("state-replay", palettes)


def desk_pictures(app: QApplication, folder: Path, palettes: tuple[str, ...]) -> None:
    """The window at every size, in every look and state."""
    with market() as endpoint:
        camera = Camera(app, endpoint, folder)
        camera.take("state-connecting")
        camera.link.start()
        camera.run_until(camera.is_filled)
        camera.run_for(120)
        for width, height in SIZES:
            camera.window.resize(width, height)
            app.processEvents()
            camera.window.default_layout()
            camera.run_for(10)
            camera.take_looks(f"desk-{width}x{height}", palettes)
        camera.window.resize(*STATES_SIZE)
        app.processEvents()
        camera.window.default_layout()
        camera.run_for(10)
        desk_states(camera, palettes)
        camera.close()


def in_few_colours(image: QImage) -> QImage:
    """The picture in the 256 colours that it has most of; every other pixel takes the nearest of them."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint32)
    colours, counts = np.unique(pixels, return_counts=True)
    table = colours[np.argsort(-counts)][:COLOURS].tolist()
    flags = Qt.ImageConversionFlag.AvoidDither | Qt.ImageConversionFlag.ThresholdDither
    return image.convertToFormat(QImage.Format.Format_Indexed8, table, flags)


def write_guide(folder: Path) -> None:
    """The chosen pictures, small, to where TRADER.md finds them."""
    for name in GUIDE:
        image = in_few_colours(QImage(str(folder / f"{name}.png")))
        path = GUIDE_FOLDER / f"guide-{name}.png"
        image.save(str(path), "PNG", 0)
        print(path, path.stat().st_size, flush=True)


def main() -> int:
    """Make them all."""
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--quick", action="store_true", help="the standard palette alone")
    parser.add_argument("--guide", action="store_true", help="write the pictures of the trader guide too")
    parser.add_argument("--only", choices=("gallery", "desk"), default="")
    options = parser.parse_args()
    palettes = PALETTE_NAMES[:1] if options.quick else PALETTE_NAMES
    app = QApplication(sys.argv[:1])
    Theme.load("dark").apply(app)
    if options.only != "gallery":
        desk_pictures(app, options.directory / "desk", palettes)
    if options.only != "desk":
        for palette in palettes:
            for name in THEME_NAMES:
                theme = Theme.load(name, palette)
                theme.apply(app)
                for path in write_pictures(theme, options.directory / "gallery"):
                    print(path, flush=True)
    if options.guide:
        write_guide(options.directory / "desk")
    return 0


if __name__ == "__main__":
    sys.exit(main())
