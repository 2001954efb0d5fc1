"""What the workstation knows: truth without Qt, without a clock, without I/O.

Rules: `apply(...)` takes what came and returns what changed; times come in; numbers are the exchange's integers, floats
appear only where a figure is shown and never decide.
"""
