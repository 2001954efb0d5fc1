"""The contract between every process: records, control messages, closed enums, errors, codec.

Rules: pure (no clock, no randomness, no I/O); imports nothing else of `server`; fields are only appended,
codes are never reused. `resources/docs/PROTOCOL.md` describes the same and a test compares the two.
"""
