"""`tradepit conformance`: certify a client by steps that it has to do, with a verdict for each item.

Rules: it is the server; the client under test connects to it and does what the steps say, a program by `--json` (one
object a line), a person by the sentences. It never looks into the client: only at what it asks and sends. Exit status
0: all passed; 1: something failed or was not shown; 2: it could not begin.
"""

import argparse
import json
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final, TextIO

import structlog

from server.gateway.sockets import PortInUse
from server.journal.errors import JournalError
from server.tools.conformance_breaks import BREAKS
from server.tools.conformance_items import ITEMS, LOGOFF, Item
from server.tools.conformance_stage import Failed, NotShown, Stage

PATIENCE_S: Final = 60.0
SETTLE_S: Final = 2.0
PASSED, FAILED, NOT_SHOWN = "passed", "failed", "not shown"
ALWAYS: Final = ("hello", "logon")
BEFORE_LOGON: Final = ("hello", "wrong-password", "logon")
NEEDS: Final = {"market-data-gap": ("subscribe",)}
"""What an item that is asked for alone needs before it."""
WIRE_FAULTS: Final = ("faults.MALFORMED", "faults.TOO_LARGE", "faults.FOREIGN_SESSION", "faults.UNSUPPORTED_VERSION")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of an item, and why."""

    key: str
    verdict: str
    why: str = ""


class Script:
    """Tells the steps and verdicts, a line each."""

    def __init__(self, out: TextIO, *, as_json: bool) -> None:
        self._out = out
        self._as_json = as_json
        self._step = 0
        self._item = ""

    def begin(self, item: Item) -> None:
        """The next item."""
        self._item = item.key
        if not self._as_json:
            self._line(f"{item.title} ({item.key})")

    def say(self, do: str, text: str, **numbers: Any) -> None:
        """The next step."""
        self._step += 1
        if self._as_json:
            self._line(json.dumps({"step": self._step, "item": self._item, "do": do, "text": text, **numbers}))
            return
        details = ", ".join(f"{name} {number}" for name, number in numbers.items() if str(number) not in text)
        self._line(f"{self._step:>4}. {text}" + (f" [{details}]" if details else ""))

    def judge(self, verdict: Verdict) -> None:
        """What came of it."""
        if self._as_json:
            self._line(json.dumps({"item": verdict.key, "verdict": verdict.verdict, "why": verdict.why}))
        else:
            self._line(f"      {verdict.verdict}" + (f": {verdict.why}" if verdict.why else ""))

    def end(self, verdicts: list[Verdict]) -> None:
        """The sums."""
        sums = [sum(one.verdict == kind for one in verdicts) for kind in (PASSED, FAILED, NOT_SHOWN)]
        if self._as_json:
            self._line(json.dumps(dict(zip((PASSED, FAILED, "not_shown"), sums, strict=True))))
        else:
            self._line(f"conformance: {sums[0]} passed, {sums[1]} failed, {sums[2]} not shown")

    def _line(self, text: str) -> None:
        self._out.write(f"{text}\n")
        self._out.flush()


def judged(stage: Stage, item: Item) -> Verdict:
    """Play one item to its end."""
    steps = chain(stage.joined() if item.key not in BEFORE_LOGON else (), item.play(stage))
    try:
        for _ in steps:
            stage.turn()
    except Failed as failure:
        settle(stage)
        return Verdict(item.key, FAILED, str(failure))
    except NotShown as missing:
        return Verdict(item.key, NOT_SHOWN, str(missing))
    finally:
        stage.reset()
    return Verdict(item.key, PASSED)


def settle(stage: Stage) -> None:
    """After a failure: let what the client began come to its end, so that the next item is judged by itself."""
    stage.reset()
    for _ in stage.calm(lambda: False, "", SETTLE_S):
        stage.turn()


def wire(stage: Stage) -> Verdict:
    """Whether all that the client sent was of the protocol."""
    wrong = {name: count for name, count in stage.faults.items() if name in WIRE_FAULTS and count}
    if wrong or stage.heard.garbage:
        told = ", ".join(f"{name.removeprefix('faults.')} {count}" for name, count in wrong.items())
        return Verdict("wire", FAILED, f"messages that are none of the protocol: {told or stage.heard.garbage}")
    return Verdict("wire", PASSED) if stage.heard.requests else Verdict("wire", NOT_SHOWN, "nobody is there")


def certify(directory: Path, script: Script, patience_s: float, only: list[str]) -> list[Verdict]:
    """All items, or those named with what has to come before them. Raises JournalError, PortInUse, OSError."""
    stage = Stage(directory, patience_s, script.say)
    verdicts: list[Verdict] = []
    with ExitStack() as closing:
        closing.callback(stage.close)
        for item in (*ITEMS, *BREAKS, LOGOFF):
            if only and item.key not in (*only, *(before for key in only for before in NEEDS.get(key, ())), *ALWAYS):
                continue
            script.begin(item)
            has_begun = not verdicts or verdicts[0].verdict != NOT_SHOWN
            verdicts.append(judged(stage, item) if has_begun else Verdict(item.key, NOT_SHOWN, "nobody is there"))
            script.judge(verdicts[-1])
    last = wire(stage)
    script.begin(Item("wire", "Everything sent is of the protocol", lambda _: iter(())))
    script.judge(last)
    return [*verdicts, last]


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="tradepit conformance", description=(__doc__ or "").splitlines()[0])
    top.add_argument("--json", action="store_true", help="steps and verdicts as JSON lines, for a program")
    top.add_argument("--patience", type=float, default=PATIENCE_S, help="seconds that a step may take")
    keys = [item.key for item in (*ITEMS, *BREAKS, LOGOFF)]
    top.add_argument("--only", action="append", default=[], choices=keys, help="this item alone (repeatable)")
    return top


def main(arguments: list[str] | None = None) -> int:
    """0: all passed; 1: not; 2: one sentence on standard error says why it could not begin."""
    options = parser().parse_args(arguments)
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    script = Script(sys.stdout, as_json=options.json)
    try:
        with tempfile.TemporaryDirectory(prefix="tradepit-conformance-") as directory:
            verdicts = certify(Path(directory), script, options.patience, options.only)
    except KeyboardInterrupt:
        print("tradepit conformance: interrupted.", file=sys.stderr)
        return 2
    except (JournalError, PortInUse, OSError) as error:
        print(f"tradepit conformance: {error}", file=sys.stderr)
        return 2
    script.end(verdicts)
    return 0 if all(verdict.verdict == PASSED for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
