"""Reusable views: arrays and Qt models in, signals out. Rule: knows Qt, pyqtgraph and numpy only."""
