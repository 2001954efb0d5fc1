"""A small language for columns of one's own: arithmetic and comparisons over the figures of an instrument.

    (ask - bid) / mid * 10000
    last / open - 1 if volume > 100000 else 0
    max(high - last, last - low) / tick

Rules: a text is read by Python's parser and everything but the listed nodes is refused; an expression is computed for
all instruments at once; what is unknown, infinite or divided by zero is unknown (NaN), and unknown makes unknown;
comparisons give 1 or 0. The figures are for the eye and for sorting; no order and no limit ever depends on them.
"""

import ast
import warnings
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

TEXT_MAX: Final = 400
DEPTH_MAX: Final = 40
Column = NDArray[np.float64]
Fields = Callable[[str], Column]
_Step = Callable[[Fields], Column]


class ExpressionError(ValueError):
    """Why a text is no expression, and at which of its characters (from 1)."""

    def __init__(self, message: str, at: int = 1) -> None:
        """With a sentence for a person."""
        super().__init__(message)
        self.at = at


@dataclass(frozen=True, slots=True)
class Expression:
    """A text that was understood; `names` are the fields that it reads."""

    text: str
    names: frozenset[str]
    _step: _Step

    def __call__(self, fields: Fields) -> Column:
        """The figure of each instrument, NaN where it is unknown; `fields(name)` gives columns of one length."""
        with np.errstate(all="ignore"):
            return np.asarray(self._step(fields), np.float64)


_OPERATORS: Final[dict[type[ast.operator], Callable[[Column, Column], Column]]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.FloorDiv: np.floor_divide,
    ast.Mod: np.mod,
    ast.Pow: np.power,
}
_COMPARISONS: Final[dict[type[ast.cmpop], Callable[[Column, Column], NDArray[np.bool_]]]] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}
_ONE: Final[dict[str, Callable[[Column], Column]]] = {
    "abs": np.abs,
    "ceil": np.ceil,
    "exp": np.exp,
    "floor": np.floor,
    "log": np.log,
    "round": np.rint,
    "sign": np.sign,
    "sqrt": np.sqrt,
    "known": lambda values: np.isfinite(values).astype(np.float64),
}
_MANY: Final[dict[str, Callable[[Column, Column], Column]]] = {"max": np.maximum, "min": np.minimum}
FUNCTIONS: Final = tuple(sorted({*_ONE, *_MANY}))


def parse(text: str, names: Collection[str]) -> Expression:
    """Understand a text over the fields `names`. Raises `ExpressionError`, and nothing else, for any text."""
    if not text.strip():
        raise ExpressionError("Nothing to compute")
    if len(text) > TEXT_MAX:
        raise ExpressionError(f"Longer than {TEXT_MAX} characters", TEXT_MAX)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        raise ExpressionError(f"Not understood: {error.msg}", error.offset or 1) from None
    except (ValueError, MemoryError, RecursionError):
        raise ExpressionError("Not understood") from None
    reader = _Reader(names)
    step = reader.read(tree.body, 0)
    return Expression(text.strip(), frozenset(reader.used), step)


class _Reader:
    """Turns nodes into steps."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = names
        self.used: set[str] = set()

    def read(self, node: ast.expr, depth: int) -> _Step:
        if depth > DEPTH_MAX:
            raise ExpressionError("Nested too deeply", node.col_offset + 1)
        match node:
            case ast.Constant(value=bool() | int() | float() as value):
                return _constant(value, node)
            case ast.Name(id=name):
                return self._field(name, node)
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _OPERATORS:
                return _binary(_OPERATORS[type(operator)], self.read(left, depth + 1), self.read(right, depth + 1))
            case ast.UnaryOp(op=operator, operand=operand):
                return self._unary(operator, self.read(operand, depth + 1), node)
            case ast.BoolOp(op=operator, values=values):
                return _logic(isinstance(operator, ast.And), [self.read(one, depth + 1) for one in values])
            case ast.Compare():
                return self._compare(node, depth)
            case ast.IfExp(test=test, body=body, orelse=other):
                return _choice(*(self.read(one, depth + 1) for one in (test, body, other)))
            case ast.Call():
                return self._call(node, depth)
        raise ExpressionError("Only figures, fields, arithmetic, comparisons and functions", node.col_offset + 1)

    def _field(self, name: str, node: ast.expr) -> _Step:
        if name not in self._names:
            raise ExpressionError(f"There is no field {name}", node.col_offset + 1)
        self.used.add(name)
        return lambda fields: fields(name)

    def _unary(self, operator: ast.unaryop, step: _Step, node: ast.expr) -> _Step:
        match operator:
            case ast.USub():
                return lambda fields: np.negative(step(fields))
            case ast.UAdd():
                return step
            case ast.Not():
                return lambda fields: _known(np.equal(values := step(fields), 0), values)
        raise ExpressionError("There are no bits here", node.col_offset + 1)

    def _compare(self, node: ast.Compare, depth: int) -> _Step:
        steps = [self.read(one, depth + 1) for one in (node.left, *node.comparators)]
        pairs: list[_Step] = []
        for place, operator in enumerate(node.ops):
            if type(operator) not in _COMPARISONS:
                raise ExpressionError("Compare with < <= > >= == !=", node.col_offset + 1)
            pairs.append(_comparison(_COMPARISONS[type(operator)], steps[place], steps[place + 1]))
        return pairs[0] if len(pairs) == 1 else _logic(True, pairs)

    def _call(self, node: ast.Call, depth: int) -> _Step:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in FUNCTIONS:
            raise ExpressionError(f"Functions: {', '.join(FUNCTIONS)}", node.col_offset + 1)
        if node.keywords or any(isinstance(one, ast.Starred) for one in node.args):
            raise ExpressionError("Arguments stand plainly one after the other", node.col_offset + 1)
        steps = [self.read(one, depth + 1) for one in node.args]
        if name in _ONE:
            if len(steps) != 1:
                raise ExpressionError(f"{name} takes one argument", node.col_offset + 1)
            function, step = _ONE[name], steps[0]
            return lambda fields: _finite(function(step(fields)))
        if not steps:
            raise ExpressionError(f"{name} takes arguments", node.col_offset + 1)
        found = steps[0]
        for step in steps[1:]:
            found = _binary(_MANY[name], found, step)
        return found


def _constant(value: float, node: ast.expr) -> _Step:
    try:
        number = np.float64(value)
    except OverflowError:
        number = np.float64(np.inf)
    if not np.isfinite(number):
        raise ExpressionError("The figure is too large", node.col_offset + 1)
    return lambda _: np.asarray(number)


def _binary(operator: Callable[[Column, Column], Column], left: _Step, right: _Step) -> _Step:
    return lambda fields: _finite(operator(left(fields), right(fields)))


def _comparison(operator: Callable[[Column, Column], NDArray[np.bool_]], left: _Step, right: _Step) -> _Step:
    def compare(fields: Fields) -> Column:
        one, other = left(fields), right(fields)
        return _known(operator(one, other), one, other)

    return compare


def _logic(every: bool, steps: list[_Step]) -> _Step:
    def compute(fields: Fields) -> Column:
        columns = [step(fields) for step in steps]
        truths = [np.not_equal(one, 0) for one in columns]
        found = truths[0]
        for one in truths[1:]:
            found = found & one if every else found | one
        return _known(found, *columns)

    return compute


def _choice(test: _Step, chosen: _Step, other: _Step) -> _Step:
    def compute(fields: Fields) -> Column:
        condition = test(fields)
        found = np.where(np.not_equal(condition, 0), chosen(fields), other(fields))
        return np.where(np.isnan(condition), np.nan, found)

    return compute


def _finite(values: Column) -> Column:
    return np.where(np.isfinite(values), values, np.nan)


def _known(truth: NDArray[np.bool_], *columns: Column) -> Column:
    """1 or 0, unknown where any of the columns is."""
    found = np.asarray(truth, np.float64)
    for one in columns:
        found = np.where(np.isnan(one), np.nan, found)
    return found
