"""`python3 -m installer demo|test|setup`: the first thing that a person types.

Rule: this file, the package's `__init__` and `python_version` keep to the syntax of Python 3.6, so that an old
interpreter gets a sentence and not a syntax error.
"""

import sys

from installer.python_version import complaint

_PROBLEM = complaint(sys.version_info[:2], sys.implementation.name)
if _PROBLEM:
    sys.exit(_PROBLEM)

from installer.commands import main  # noqa: E402 - an old interpreter must not get this far

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
