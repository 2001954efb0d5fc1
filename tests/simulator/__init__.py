"""The machine that tries to break the exchange: all of it in one thread, on simulated time, network and disk.

Rules: everything follows from one seed, so a run repeats exactly; the faults are those that the real parts can have
(a TCP connection breaks, stalls and loses its tail, it never reorders); what must be true is the auditor's alone.
"""
