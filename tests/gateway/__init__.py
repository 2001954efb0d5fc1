"""Tests of the gateway: logic with a clock of the test's own and frames in memory."""
