"""Codes without check digits: MIC (ISO 10383) of a market, CFI (ISO 10962:2019) of an instrument's kind.

Rules: a MIC is four capital letters or digits. A CFI is six capital letters: a category, one of the groups of that
category, and four attributes, where X stands for what does not apply or is not known.
"""

import re
from typing import Final

_MIC = re.compile(r"[A-Z0-9]{4}", re.ASCII)
_CFI = re.compile(r"[A-Z]{6}", re.ASCII)

CFI_GROUPS: Final = {
    "E": "SPCFLDYM",  # equities
    "C": "IHBESFPM",  # collective investment vehicles
    "D": "BCWTSEGANDYM",  # debt instruments
    "R": "ASPWFDM",  # entitlements
    "O": "CPM",  # listed options
    "F": "FC",  # futures
    "S": "RTECFM",  # swaps
    "H": "RTECFM",  # options that are not listed
    "I": "FT",  # spot
    "J": "EFCRTM",  # forwards
    "K": "RTECFYM",  # strategies
    "L": "LRS",  # financing
    "T": "CTRIBDM",  # reference instruments
    "M": "CM",  # others
}
"""The groups of each category."""
_SHARE_ATTRIBUTES: Final = ("VNRE", "TU", "FOP", "BRNM")
"""Of ordinary shares (ES): voting, ownership, payment, form."""


def is_mic(text: str) -> bool:
    """Whether a text has the form of a market identifier code."""
    return _MIC.fullmatch(text) is not None


def is_cfi(text: str) -> bool:
    """Whether a text is a classification whose category and group exist; of ordinary shares each attribute too."""
    if _CFI.fullmatch(text) is None or text[1] not in CFI_GROUPS.get(text[0], ""):
        return False
    if not text.startswith("ES"):
        return True
    return all(letter in f"{known}X" for letter, known in zip(text[2:], _SHARE_ATTRIBUTES, strict=True))
