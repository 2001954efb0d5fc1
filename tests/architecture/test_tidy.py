"""Style as a test: sizes, names, comments, imports, and what the pure packages may not do.

Rule: a finding names the file, the line and what to do instead; there is no list of exceptions but the ones here.
"""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.source_tree import PROJECT, Source, committed_files, functions, lines_of, sources

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
CLASS_METHODS_MAX = 25
LINE_COLUMNS_MAX = 120

BANNED_WORDS = {
    "manager": "say what it does: Registry, Pool, Desk, Scheduler",
    "helper": "name the thing that it makes or does",
    "helpers": "name the thing that it makes or does",
    "util": "name the thing that it makes or does",
    "utils": "name the thing that it makes or does",
    "misc": "put each thing where it belongs",
    "common": "name what is shared",
    "base": "name the role",
}
NUMBA_PLACES = ("server/engine/", "server/history/kernels", "app/state/kernels", "tests/")
IMPURE_MODULES = {
    "time", "datetime", "random", "secrets", "uuid", "os", "io", "pathlib", "shutil", "tempfile", "socket", "select",
    "threading", "asyncio", "concurrent", "multiprocessing", "subprocess", "logging", "structlog", "zmq", "sqlite3",
    "sqlalchemy", "PySide6", "pyqtgraph",
}  # fmt: skip
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "__import__"}
IMPURE_EXCEPT = ("server/engine/compile.py", "server/engine/kernel.py", "server/engine/switches.py")
"""They place compiled kernels in the cache and say which engine it is: set-up's part, no part of `apply`."""


def findings(check: str, found: Iterator[str] | list[str]) -> None:
    """Fails with one line each."""
    lines = list(found)
    if lines:
        pytest.fail(f"{check}: {len(lines)}\n" + "\n".join(lines), pytrace=False)


def words_of(name: str) -> set[str]:
    """The words of a snake_case or CamelCase name, in lower case."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)}


def test_files_are_short() -> None:
    counts = [(len(source.text.splitlines()), source.path) for source in sources()]
    findings(
        "files too long",
        [f"{path}: {count} lines, at most {FILE_LINES_MAX}" for count, path in counts if count > FILE_LINES_MAX],
    )


def test_functions_are_short() -> None:
    findings(
        "functions too long",
        [
            f"{source.path}:{function.lineno}: {function.name}: {lines_of(function)} lines, over {FUNCTION_LINES_MAX}"
            for source in sources()
            for function in functions(source.tree)
            if lines_of(function) > FUNCTION_LINES_MAX
        ],
    )


def test_classes_are_small() -> None:
    found = []
    for source in sources():
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef):
                methods = sum(isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) for part in node.body)
                if methods > CLASS_METHODS_MAX:
                    found.append(
                        f"{source.path}:{node.lineno}: {node.name} has {methods} methods, at most {CLASS_METHODS_MAX}"
                    )
    findings("classes too large", found)


def test_lines_fit() -> None:
    findings(
        "lines too long",
        [
            f"{source.path}:{number}: {len(line)} columns, at most {LINE_COLUMNS_MAX}"
            for source in sources()
            for number, line in enumerate(source.text.splitlines(), 1)
            if len(line) > LINE_COLUMNS_MAX
        ],
    )


def test_every_module_opens_with_its_job() -> None:
    found = []
    for source in sources():
        if source.path.endswith("__init__.py") and not source.text.strip():
            continue
        docstring = ast.get_docstring(source.tree)
        if not docstring or len(docstring.splitlines()[0]) < 15:
            found.append(f"{source.path}: begin with a docstring whose first line says the job")
    findings("modules without their job", found)


def test_public_functions_state_their_contract() -> None:
    found = []
    for source in sources():
        if source.is_test:
            continue
        for owner in [source.tree, *(node for node in source.tree.body if isinstance(node, ast.ClassDef))]:
            if isinstance(owner, ast.ClassDef) and (owner.name.startswith("_") or is_protocol(owner)):
                continue
            for node in owner.body:
                if (
                    isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                    and not node.name.startswith("_")
                    and ast.get_docstring(node) is None
                    and not is_qt_override(node)
                    and not is_overload(node)
                ):
                    found.append(f"{source.path}:{node.lineno}: {node.name} has no docstring")
    findings("public functions without a contract", found)


def is_protocol(owner: ast.ClassDef) -> bool:
    """True for a typing.Protocol, whose own docstring tells where the contract is."""
    return any(isinstance(base, ast.Name) and base.id == "Protocol" for base in owner.bases)


def is_qt_override(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Qt's names are in camelCase; Qt documents them."""
    return re.fullmatch(r"[a-z]+([A-Z][a-z0-9]*)+|event|paint|data|flags|parent|index", function.name) is not None


def is_overload(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """True for setters and overloads: the first of the name says it."""
    return any(
        (isinstance(decorator, ast.Attribute) and decorator.attr in {"setter", "deleter"})
        or (isinstance(decorator, ast.Name) and decorator.id in {"overload", "override"})
        for decorator in function.decorator_list
    )


def test_names_say_something() -> None:
    found = []
    for source in sources():
        stem = source.path.rsplit("/", 1)[-1].removesuffix(".py")
        names = [(1, stem)]
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef):
                names.append((node.lineno, node.name))
        for line, name in names:
            for word in sorted(words_of(name) & BANNED_WORDS.keys()):
                found.append(f"{source.path}:{line}: {name}: {word}: {BANNED_WORDS[word]}")
    findings("empty names", found)


def test_nothing_is_left_to_do_in_the_code() -> None:
    pattern = re.compile(r"#.*\b(TOD[O]|FIXM[E]|XX[X]|HAC[K])\b")
    findings(
        "notes of unfinished work (file an issue instead)",
        [
            f"{source.path}:{number}: {line.strip()[:80]}"
            for source in sources()
            for number, line in enumerate(source.text.splitlines(), 1)
            if pattern.search(line)
        ],
    )


def test_imports_stand_at_the_top() -> None:
    found = []
    for source in sources():
        for function in functions(source.tree):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    found.append(f"{source.path}:{node.lineno}: in {function.name}")
    findings("imports within functions", found)


def test_no_wildcard_imports() -> None:
    findings(
        "wildcard imports",
        [
            f"{source.path}:{node.lineno}"
            for source in sources()
            for node in ast.walk(source.tree)
            if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
        ],
    )


def imported_modules(source: Source) -> Iterator[tuple[int, str]]:
    """Line and dotted name of each import."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module


def test_numba_stays_in_its_places() -> None:
    findings(
        "numba outside the engine and the two kernel modules",
        [
            f"{source.path}:{line}"
            for source in sources()
            if not source.path.startswith(NUMBA_PLACES)
            for line, module in imported_modules(source)
            if module.split(".")[0] in {"numba", "llvmlite"}
        ],
    )


def test_pure_packages_import_nothing_that_can_surprise() -> None:
    findings(
        "impure imports",
        [
            f"{source.path}:{line}: {module}"
            for source in sources()
            if source.is_pure and source.path not in IMPURE_EXCEPT
            for line, module in imported_modules(source)
            if module.split(".")[0] in IMPURE_MODULES
        ],
    )


def impure_steps(source: Source) -> Iterator[str]:
    """Calls, loops over sets and float divisions that a pure module may not have."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in IMPURE_CALLS:
            yield f"{source.path}:{node.lineno}: {node.func.id}()"
        loops = [node] if isinstance(node, ast.For) else getattr(node, "generators", [])
        for loop in loops:
            if is_set(loop.iter):
                yield f"{source.path}:{loop.iter.lineno}: the order of a set differs from run to run; use sorted()"


def is_set(node: ast.expr) -> bool:
    """True for what is plainly a set."""
    if isinstance(node, ast.Set | ast.SetComp):
        return True
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"set", "frozenset"}


def test_pure_packages_take_no_impure_step() -> None:
    findings(
        "impure steps",
        [
            step
            for source in sources()
            if source.is_pure and source.path not in IMPURE_EXCEPT
            for step in impure_steps(source)
        ],
    )


def test_engine_and_protocol_know_no_floats() -> None:
    found = []
    for source in sources():
        if not source.path.startswith(("server/engine/", "server/protocol/")) or source.path in IMPURE_EXCEPT:
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, float):
                found.append(f"{source.path}:{node.lineno}: {node.value}")
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
                found.append(f"{source.path}:{node.lineno}: float()")
            elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
                found.append(f"{source.path}:{node.lineno}: / gives a float; use // with care for the sign")
    findings("floats", found)


def test_no_address_of_an_index_and_no_path_of_one_machine() -> None:
    root_folders = "work|root|home|Users|opt/pypi"
    index_hosts = r"pypi[.]org|pythonhosted[.]org|deb[.]debian[.]org"
    pattern = re.compile(rf"(?<![\w.~-])/(?:{root_folders})/\w|https?://[^\s\"']*(?:{index_hosts})")
    found = []
    for path in committed_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if pattern.search(line) and "root_folders" not in line:
                found.append(f"{path.relative_to(PROJECT)}:{number}: {line.strip()[:100]}")
    findings("paths of one machine or addresses of an index", found)


def test_no_merge_was_left_half_done() -> None:
    pattern = re.compile(r"^(?:<{7}|>{7})(?: |$)|^={7}$")
    found = []
    for path in committed_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if pattern.match(line):
                found.append(f"{path.relative_to(PROJECT)}:{number}: {line[:60]}")
    findings("marks of a merge", found)
