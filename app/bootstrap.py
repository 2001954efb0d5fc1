"""The workstation's composition root: `python -m app.bootstrap`.

Rules: no Qt object at module level; the password never stands in the arguments; prints one JSON line when the window
has been painted; ends when its standard input closes if it was started by another process.
"""

import argparse
import dataclasses
import gc
import json
import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import pyqtgraph
from platformdirs import user_data_path
from PySide6.QtCore import QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from app import settings as setting
from app.debug.figures import desk_figures
from app.debug.watchdog import Watchdog
from app.desk import Desk
from app.link.link import Endpoint, Link
from app.main_window import MainWindow
from app.settings import ConnectLine, Settings
from server.client.parent_pipe import watch_parent
from server.protocol.enums import Mode
from widgets.login_dialog import LoginDialog
from widgets.theme import Theme

BUILD: Final = "0.1"
DEFAULT_SIZE: Final = "1920x1080"
PIPE_POLL_MS: Final = 50
SETTLE_MS: Final = 400
GC_THRESHOLD: Final = 50_000
SWITCH_S: Final = 0.0005
Z85_KEY_CHARACTERS: Final = 40

_log = logging.getLogger(__name__)


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m app.bootstrap", description="The Tradepit workstation.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--server-key", default="", help="the server's public CURVE key, Z85")
    parser.add_argument("--user", default="")
    parser.add_argument(
        "--password-stdin", action="store_true", help="the first line of standard input is the password"
    )
    parser.add_argument("--connect-stdin", action="store_true", help="the first line of standard input is JSON: host, "
                        "control_port, server_key, user, password")  # fmt: skip
    parser.add_argument("--parent-pipe", action="store_true", help="end when standard input closes or says stop")
    parser.add_argument("--orders", type=Path, default=None, help="directory in which commands are kept on disk")
    parser.add_argument("--theme", choices=setting.THEMES, default=None)
    parser.add_argument("--palette", choices=setting.PALETTES, default=None)
    parser.add_argument("--symbol", default="", help="the instrument shown first")
    parser.add_argument("--offscreen", action="store_true", help="draw without a display")
    parser.add_argument("--seconds", type=float, default=0.0, help="end after so long; 0: never")
    parser.add_argument(
        "--screenshot", type=Path, default=None, help="a directory: pictures of the window, both themes"
    )
    parser.add_argument("--figures", type=Path, default=None, help="a file: what the window measured of itself, JSON")
    parser.add_argument("--size", default=DEFAULT_SIZE, help="window size without a display, as 1920x1080")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the workstation; returns its exit status: 2 if the server would not have us."""
    options = arguments(argv)
    if options.offscreen:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    qInstallMessageHandler(_log_qt)
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Tradepit")
    pyqtgraph.setConfigOptions(antialias=False)
    settings = Settings(None) if options.offscreen else Settings.of_user()
    theme = Theme.load(options.theme or settings.get(setting.THEME), options.palette or settings.get(setting.PALETTE))
    theme.apply(app)
    try:
        endpoint = _endpoint(options)
    except ValueError as error:
        print(f"Where is the server? {error}", file=sys.stderr)
        return 2
    return Program(app, options, settings, theme, endpoint).run()


def tune_interpreter() -> None:
    """What is built stays: the collector need not look at it; the window gets the interpreter back when it asks."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 20, 50)
    sys.setswitchinterval(SWITCH_S)


class LineReader:
    """The first line of standard input, read beside the window: it comes when the server is up, not when we are."""

    def __init__(self) -> None:
        """Begin to read."""
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=lambda: self._lines.put(sys.stdin.readline()), name="connect-line", daemon=True).start()

    def take(self) -> str | None:
        """The line, once, as soon as it is there."""
        return None if self._lines.empty() else self._lines.get()


class Program:
    """One run: window, link and the timers around them. Without a password in `endpoint` the person is asked."""

    def __init__(
        self, app: QApplication, options: argparse.Namespace, settings: Settings, theme: Theme, endpoint: Endpoint
    ) -> None:
        """Build everything; nothing is connected yet."""
        self._app, self._options, self._endpoint = app, options, endpoint
        self._status = 0
        self._dialog: LoginDialog | None = None
        self._settings = settings
        self._orders = order_directory(options)
        self._desk = Desk(self._link(), time.time_ns, settings=settings)
        self._desk.select_symbol(options.symbol or settings.get(setting.INSTRUMENT))
        self._window = MainWindow(self._desk, settings, theme)
        self._window.shown.connect(self._shown)
        self._desk.connection_failed.connect(self._refused)
        self._line = LineReader() if options.connect_stdin else None
        self._watchdog = Watchdog(lambda: self._window.clock.began_ns)
        self._ended = watch_parent() if options.parent_pipe and not options.connect_stdin else threading.Event()

    def run(self) -> int:
        """Show the window and run until it closes."""
        if self._options.offscreen:
            width, _, height = self._options.size.partition("x")
            self._window.resize(int(width), int(height))
            self._window.show()
        else:
            self._window.showMaximized()
        self._window.start()
        if self._line is None:
            self._connect()
        watch = QTimer(self._window)
        watch.timeout.connect(self._check_parent)
        watch.start(PIPE_POLL_MS)
        tune_interpreter()
        self._watchdog.start()
        self._app.exec()
        self._watchdog.stop()
        self._desk.link.stop()
        return self._status

    def _link(self) -> Link:
        return Link(self._endpoint, time.time_ns, BUILD, orders=self._orders, wishes=self._settings.wishes())

    def _shown(self) -> None:
        print(json.dumps({"ready": True, "window_ns": time.time_ns(), "pid": os.getpid()}), flush=True)

    def _connect(self) -> None:
        if self._endpoint.password:
            self._desk.link.start()
        else:
            self._ask()
        if self._options.seconds:
            QTimer.singleShot(int(self._options.seconds * 1000), self._window, self._time_is_up)

    def _take_line(self, line: str) -> None:
        """The parent says where the server is; from now on its pipe only says when to end."""
        self._line = None
        try:
            self._endpoint, self._orders = _read_line(line)
        except msgspec.DecodeError as error:
            print(f"Where is the server? {error}", file=sys.stderr, flush=True)
            self._status = 2
            self._end()
            return
        self._desk.link = self._link()
        self._ended = watch_parent()
        self._connect()

    def _check_parent(self) -> None:
        line = self._line.take() if self._line is not None else None
        if line is not None:
            self._take_line(line)
        if self._ended.is_set():
            self._window.close()
            self._app.quit()

    def _ask(self) -> None:
        dialog = self._dialog = LoginDialog(self._window.theme, self._window)
        dialog.set_server(f"{self._endpoint.host}:{self._endpoint.control_port}")
        dialog.set_user(self._endpoint.user)
        dialog.logonRequested.connect(self._log_on)
        dialog.rejected.connect(self._end)
        self._desk.logged_on.connect(dialog.accept)
        dialog.open()

    def _log_on(self, user: str, password: str) -> None:
        self._desk.link.stop()
        self._endpoint = dataclasses.replace(self._endpoint, user=user, password=password)
        self._desk.link = self._link()
        self._desk.link.start()

    def _refused(self, text: str) -> None:
        if self._dialog is not None and self._dialog.isVisible():
            self._dialog.show_problem(text)
            return
        self._status = 2
        self._desk.message.emit("alarm", "THE SERVER HAS ENDED THE SESSION", text)
        print(f"The server would not have us: {text}", file=sys.stderr, flush=True)
        if self._options.offscreen:
            self._app.quit()

    def _time_is_up(self) -> None:
        if self._options.screenshot is None:
            self._end()
            return
        self._options.screenshot.mkdir(parents=True, exist_ok=True)
        self._picture()
        self._window.set_theme(
            Theme.load("light" if self._window.theme.is_dark else "dark", self._window.theme.palette_name)
        )
        QTimer.singleShot(SETTLE_MS, self._window, self._second_picture)

    def _second_picture(self) -> None:
        self._picture()
        self._end()

    def _picture(self) -> None:
        self._desk.frame_for_all()
        kind = "replay" if self._desk.state.mode is Mode.REPLAY else "desk"
        self._window.grab().save(str(self._options.screenshot / f"{kind}-{self._window.theme.name}.png"))

    def _end(self) -> None:
        if self._options.figures is not None:
            figures = desk_figures(self._desk, self._window.clock.pace.interval_ns)
            figures |= {"stalls": self._watchdog.stalls, "stall_longest_ms": self._watchdog.longest_ns / 1e6}
            self._options.figures.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
        self._window.close()
        self._app.quit()


def _log_qt(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    """Qt's own messages go to the log, where the harmless ones of the offscreen platform stay out of the way."""
    del context
    harmless = kind in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) or "propagateSizeHints" in text
    _log.log(logging.DEBUG if harmless else logging.WARNING, "qt: %s", text)


def _endpoint(options: argparse.Namespace) -> Endpoint:
    """Where to connect, as far as the arguments say. Raises `ValueError` in one sentence."""
    if options.connect_stdin:
        return Endpoint(options.host, 0, b"", "", "")
    if not options.control_port or len(options.server_key) != Z85_KEY_CHARACTERS:
        raise ValueError("Give --control-port and --server-key; the server prints both when it is ready.")
    password = sys.stdin.readline().rstrip("\n") if options.password_stdin else ""
    return Endpoint(options.host, options.control_port, options.server_key.encode(), options.user, password)


def _read_line(line: str) -> tuple[Endpoint, Path | None]:
    """Where to connect and where to keep commands, from the parent's line. Raises `msgspec.DecodeError`."""
    told = msgspec.json.decode(line, type=ConnectLine)
    endpoint = Endpoint(told.host, told.control_port, told.server_key.encode(), told.user, told.password)
    return endpoint, Path(told.orders) if told.orders else None


def order_directory(options: argparse.Namespace) -> Path | None:
    """Where commands are kept on disk; nowhere for a window without a display that names no place."""
    if options.orders is not None or options.offscreen or options.connect_stdin:
        chosen: Path | None = options.orders
        return chosen
    return user_data_path("tradepit") / "orders"


if __name__ == "__main__":
    sys.exit(main())
