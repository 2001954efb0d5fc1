"""The one exception by which an auditor ends a run."""


class Wrong(Exception):
    """Something that must be true is not."""
