"""Which Pythons will do. Rule: the syntax of Python 3.6, see `__main__`."""

MINOR_MIN = 11
MINOR_MAX = 13


def complaint(version: "tuple[int, int]", implementation: str = "cpython") -> str:
    """One sentence on why this interpreter will not do; an empty string if it will."""
    wanted = f"Tradepit needs CPython 3.{MINOR_MIN} to 3.{MINOR_MAX}"
    if implementation != "cpython":
        return f"{wanted}, and this is {implementation}."
    if version[0] != 3 or not MINOR_MIN <= version[1] <= MINOR_MAX:
        return f"{wanted}, and this is Python {version[0]}.{version[1]}: type python3.{MINOR_MIN} in place of python3."
    return ""
