"""The reference exchange: the rule book in plain Python, written to be read, not to be fast.

Rules: follows `resources/docs/RULEBOOK.md` and nothing else; knows no line of `server.engine`, so that a difference
between the two is news; dicts, lists and Python's integers only; numpy appears where commands enter and records leave.
"""

from tests.oracle.exchange import OracleExchange, OracleOutputs

__all__ = ["OracleExchange", "OracleOutputs"]
