"""Tests of reference data: codes with check digits, the tick sizes of RTS 11, calendars and the schedules they make."""
