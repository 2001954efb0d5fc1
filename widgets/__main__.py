"""The gallery: `python -m widgets` shows it, `python -m widgets --screenshot DIR` writes pictures of it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QApplication, QTabWidget, QWidget

from widgets.gallery.desk import desk
from widgets.gallery.dialogs import dialogs
from widgets.gallery.heat import scalper
from widgets.gallery.sample import sample_page, samples
from widgets.gallery.states import states
from widgets.gallery.studies import studies
from widgets.theme import PALETTE_NAMES, THEME_NAMES, Theme

PAGES: dict[str, Callable[[Theme], QWidget]] = {
    "desk": desk,
    "desk-armed": lambda theme: desk(theme, armed=True),
    "scalper": scalper,
    "states": states,
    "dialogs": dialogs,
    "studies": studies,
    **{f"state-{name}": partial(sample_page, sample) for name, sample in samples().items()},
}


def write_pictures(theme: Theme, directory: Path) -> list[Path]:
    """One picture a page, 1920 x 1080; give their paths."""
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for name, page in PAGES.items():
        window = page(theme)
        window.resize(1920, 1080)
        window.show()
        QApplication.processEvents()
        palette = "" if theme.palette_name == PALETTE_NAMES[0] else f"-{theme.palette_name}"
        path = directory / f"{name}-{theme.name}{palette}.png"
        window.grab().save(str(path))
        window.close()
        written.append(path)
    return written


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the gallery; give the exit status."""
    parser = argparse.ArgumentParser(prog="python -m widgets", description="All widgets on made-up data.")
    parser.add_argument("--theme", choices=THEME_NAMES, default="dark")
    parser.add_argument("--palette", choices=PALETTE_NAMES, default="standard")
    parser.add_argument("--screenshot", metavar="DIR", type=Path, help="write pictures there, without a display")
    options = parser.parse_args(arguments)
    if options.screenshot is not None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication(sys.argv[:1])
    theme = Theme.load(options.theme, options.palette)
    theme.apply(app)
    if options.screenshot is not None:
        for path in write_pictures(theme, options.screenshot):
            print(path)
        return 0
    tabs = QTabWidget()
    for name, page in PAGES.items():
        tabs.addTab(page(theme), name)
    tabs.resize(1920, 1110)
    tabs.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
