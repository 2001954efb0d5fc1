"""ISIN (ISO 6166): two letters of a country, nine characters, and a check digit by Luhn's rule.

Rules: a letter counts as its number from A = 10 on, digit by digit; every second digit from the right is doubled.
The rule finds each single wrong digit, and each swap of two neighbours but 0 and 9.
"""

import re

_FORM = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]", re.ASCII)


def is_isin(text: str) -> bool:
    """Whether a text is an ISIN with the right check digit."""
    return _FORM.fullmatch(text) is not None and check_digit(text[:-1]) == int(text[-1])


def check_digit(body: str) -> int:
    """The digit that follows the eleven characters of an ISIN."""
    digits = [int(digit) for character in body for digit in str(int(character, 36))]
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = digit * 2 if place % 2 == 0 else digit
        total += doubled // 10 + doubled % 10
    return -total % 10
