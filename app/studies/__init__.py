"""Studies: what follows from bars and trades. Indicators of TA-Lib, VWAP, volume profile and footprint. No Qt.

Rules: TA-Lib is imported at its first use, never at start-up. What follows from trades is counted in integers.
"""
