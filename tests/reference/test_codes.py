"""Identification codes: known good ones, every wrong digit and every swap that the scheme detects."""

from string import digits
from typing import Any

import pytest

from server.reference.identity import Identity, IdentityError
from server.reference.isin import check_digit, is_isin
from server.reference.lei import check_digits, is_lei
from server.reference.market_codes import CFI_GROUPS, is_cfi, is_mic

ISINS = ("US0378331005", "DE000BASF111", "GB0002634946", "FR0000120271", "CH0012032048", "US5949181045", "XS2010038730")
LEIS = ("5493001KJTIIGC8Y1R12", "213800WSGIIZCXF1P572", "529900T8BM49AURSDO55", "HWUPKR0MPOU8FGXBT394")


def wrong_digits(code: str) -> list[str]:
    """The code with each digit changed to each other one."""
    places = [place for place, character in enumerate(code) if character in digits]
    return [code[:p] + other + code[p + 1 :] for p in places for other in digits if other != code[p]]


def swaps(code: str) -> list[tuple[str, str]]:
    """(the two digits, the code) with each pair of different neighbouring digits swapped."""
    return [
        (code[p : p + 2], code[:p] + code[p + 1] + code[p] + code[p + 2 :])
        for p in range(len(code) - 1)
        if code[p] in digits and code[p + 1] in digits and code[p] != code[p + 1]
    ]


@pytest.mark.parametrize("code", ISINS)
def test_isin(code: str) -> None:
    assert is_isin(code)
    assert check_digit(code[:-1]) == int(code[-1])
    assert not [wrong for wrong in wrong_digits(code) if is_isin(wrong)]
    missed = {pair for pair, wrong in swaps(code) if is_isin(wrong)}
    assert missed <= {"09", "90"}, "Luhn's rule misses these two alone"


@pytest.mark.parametrize(
    "text", ["", "US037833100", "US03783310055", "us0378331005", "U10378331005", "US037833100A", "US037833100٥"]
)
def test_no_isin(text: str) -> None:
    assert not is_isin(text)


def test_every_isin_body_has_one_check_digit() -> None:
    for number in range(0, 10**9, 97_654_321):
        body = f"ZZ{number:09}"
        assert [digit for digit in digits if is_isin(body + digit)] == [str(check_digit(body))]


@pytest.mark.parametrize("code", LEIS)
def test_lei(code: str) -> None:
    assert is_lei(code)
    assert check_digits(code[:-2]) == code[-2:]
    assert not [wrong for wrong in wrong_digits(code) if is_lei(wrong)]
    assert not [wrong for _, wrong in swaps(code) if is_lei(wrong)]


@pytest.mark.parametrize(
    "text", ["", "5493001KJTIIGC8Y1R1", "5493001kjtiigc8y1r12", "5493001KJTIIGC8Y1RAA", "5493001KJTIIGC8Y1R13"]
)
def test_no_lei(text: str) -> None:
    assert not is_lei(text)


@pytest.mark.parametrize(
    ("text", "good"),
    [("XETR", True), ("XNYS", True), ("360T", True), ("XET", False), ("xetr", False), ("XETRA", False), ("", False)],
)
def test_mic(text: str, good: bool) -> None:
    assert is_mic(text) == good


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("ESVUFR", True), ("ESXXXX", True), ("ESVUFQ", False), ("ESZUFR", False), ("EAVUFR", False), ("DBFTFB", True),
        ("OCASPS", True), ("FFCPNO", True), ("ZZZZZZ", False), ("ESVUF", False), ("ESVUFRX", False), ("esvufr", False),
    ],
)  # fmt: skip
def test_cfi(text: str, good: bool) -> None:
    assert is_cfi(text) == good


def test_every_group_of_a_category_is_known_and_no_other() -> None:
    for category in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        groups = {group for group in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if is_cfi(f"{category}{group}XXXX")}
        assert groups == set(CFI_GROUPS.get(category, ""))


def test_identity_refuses_what_does_not_stand_its_check() -> None:
    codes = {"isin": ISINS[0], "market": "XNYS", "classification": "ESVUFR", "currency": "USD"}
    good: dict[str, Any] = {"instrument": 1} | codes
    assert Identity(**good, issuer=LEIS[0], calendar="XNYS", liquidity_band=5).isin == ISINS[0]
    wrong = {
        "isin": "US0378331006", "market": "xnys", "classification": "ESVUF", "currency": "usd", "multiplier": 0,
        "issuer": LEIS[0][:-1] + "3", "calendar": "NY", "liquidity_band": 6,
    }  # fmt: skip
    for name, value in wrong.items():
        with pytest.raises(IdentityError, match=name):
            Identity(**(good | {name: value}))
