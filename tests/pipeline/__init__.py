"""Tests of the loop: what leaves, when, and what is there again after a restart."""
