"""`python -m tests.benchmarks [PREFIX...] [--json FILE] [--peers]`: measure, print one table, never fail on time.

A prefix selects measures by the beginning of a name (`engine`, `order.round_trip`) or all of the modules whose names
begin so (`views`); none selects all.
The JSON file is `{name: {"value", "unit", "yardstick", "ratio"}}`.
"""

import argparse
import importlib
import json
import pkgutil
import sys
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path

import tests.benchmarks
from tests.benchmarks.measure import AnyMeasure, Result

NOT_MEASURES = {"__main__", "measure"}


def all_measures() -> list[AnyMeasure]:
    """The measures of each module of this folder, modules by name. A module that fails to import is reported."""
    measures: list[AnyMeasure] = []
    for module in sorted(pkgutil.iter_modules(tests.benchmarks.__path__), key=lambda found: found.name):
        if module.name in NOT_MEASURES or module.name.startswith("test_"):
            continue
        loaded = importlib.import_module(f"tests.benchmarks.{module.name}")
        measures.extend(getattr(loaded, "MEASURES", ()))
    return measures


def with_modules(prefixes: Sequence[str]) -> list[str]:
    """The prefixes, and for one that begins names of modules (`views`) the names of their measures too."""
    names = list(prefixes)
    for module in pkgutil.iter_modules(tests.benchmarks.__path__):
        if module.name not in NOT_MEASURES and any(module.name.startswith(prefix) for prefix in prefixes):
            loaded = importlib.import_module(f"tests.benchmarks.{module.name}")
            names.extend(name for measure in getattr(loaded, "MEASURES", ()) for name in measure.names)
    return names


def selected(measures: Iterable[AnyMeasure], prefixes: Sequence[str], peers: bool) -> list[AnyMeasure]:
    """The measures with a name that begins with one of the prefixes (all, if there is none)."""
    wanted = tuple(prefixes) or ("",)
    return [
        measure
        for measure in measures
        if any(name.startswith(wanted) for name in measure.names) and (peers or not measure.peer)
    ]


def figure(value: float | None) -> str:
    """A number of three significant places with thousands separators; a dash for None."""
    if value is None:
        return "-"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def table(results: Sequence[Result]) -> str:
    """The results as aligned text, one line each."""
    rows = [("measure", "value", "unit", "yardstick", "ratio", "")]
    for result in results:
        ratio = "-" if result.ratio is None else f"{result.ratio:.3f}"
        rows.append((result.name, figure(result.value), result.unit, figure(result.yardstick), ratio, result.note))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for name, value, unit, yardstick, ratio, note in rows:
        cells = (
            name.ljust(widths[0]), value.rjust(widths[1]), unit.ljust(widths[2]),
            yardstick.rjust(widths[3]), ratio.rjust(widths[4]), note,
        )  # fmt: skip
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def as_json(results: Sequence[Result]) -> str:
    """The results as the JSON object that is compared over time."""
    figures = {
        result.name: {
            "value": result.value,
            "unit": result.unit,
            "yardstick": result.yardstick,
            "ratio": result.ratio,
        }
        for result in results
    }
    return json.dumps(figures, indent=1) + "\n"


def measure_all(measures: Sequence[AnyMeasure]) -> tuple[list[Result], list[str]]:
    """Runs the measures one after the other. Returns the results and the names of those that raised."""
    results: list[Result] = []
    failed: list[str] = []
    for measure in measures:
        sys.stderr.write(f"measuring {', '.join(measure.names)}\n")
        try:
            results.extend(measure.results())
        except Exception:  # noqa: BLE001 - the other figures are still wanted
            traceback.print_exc()
            failed.extend(measure.names)
    return results, failed


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command. The status is 1 when a measure raised, 2 when no name matched, else 0."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("prefix", nargs="*", help="measures whose names begin so (all if none is given)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--peers", action="store_true", help="measure other programs too, where they are installed")
    options = parser.parse_args(arguments)
    prefixes = with_modules(options.prefix)
    measures = selected(all_measures(), prefixes, options.peers)
    if not measures:
        sys.stderr.write(f"No measure begins with {' or '.join(options.prefix)}.\n")
        return 2
    results, failed = measure_all(measures)
    if prefixes:
        results = [result for result in results if result.name.startswith(tuple(prefixes))]
    sys.stdout.write(table(results) + "\n")
    if options.json:
        options.json.write_text(as_json(results), encoding="utf-8")
    if failed:
        sys.stderr.write(f"Not measured, because of an error: {', '.join(failed)}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
