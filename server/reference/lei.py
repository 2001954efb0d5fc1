"""LEI (ISO 17442): eighteen characters and two check digits by ISO 7064, MOD 97-10.

Rules: a letter counts as its number from A = 10 on; the whole, read as one number, leaves 1 when divided by 97. That
finds each single wrong digit and each swap of two neighbouring digits.
"""

import re

_FORM = re.compile(r"[A-Z0-9]{18}[0-9]{2}", re.ASCII)
_MODULUS = 97


def is_lei(text: str) -> bool:
    """Whether a text is an LEI with the right check digits."""
    return _FORM.fullmatch(text) is not None and _number(text) % _MODULUS == 1


def check_digits(body: str) -> str:
    """The two digits that follow the eighteen characters of an LEI."""
    return f"{_MODULUS + 1 - _number(body + '00') % _MODULUS:02}"


def _number(text: str) -> int:
    return int("".join(str(int(character, 36)) for character in text))
