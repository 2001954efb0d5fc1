"""Tests of users, passwords and keys."""
