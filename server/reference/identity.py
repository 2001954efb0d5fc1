"""What an instrument is: its identity beside the numbers that the engine trades it by.

Rules: no code enters that does not stand its check; the engine never sees these texts, only the numbers.
"""

from dataclasses import dataclass

from server.reference.isin import is_isin
from server.reference.lei import is_lei
from server.reference.market_codes import is_cfi, is_mic
from server.reference.tick_sizes import BANDS

_CURRENCY_LETTERS = 3


class IdentityError(ValueError):
    """A code that is none; the text names the field and what it was."""


@dataclass(frozen=True)
class Identity:
    """An instrument's codes; `issuer` may be empty. Raises `IdentityError` if one does not stand its check."""

    instrument: int
    isin: str
    market: str
    classification: str
    currency: str
    tick_table: int = 0
    liquidity_band: int = 0
    calendar: str = ""
    multiplier: int = 1
    issuer: str = ""

    def __post_init__(self) -> None:
        checks = {
            "isin": is_isin(self.isin),
            "market": is_mic(self.market),
            "classification": is_cfi(self.classification),
            "currency": len(self.currency) == _CURRENCY_LETTERS and self.currency.isascii() and self.currency.isupper(),
            "liquidity_band": 0 <= self.liquidity_band < BANDS,
            "calendar": not self.calendar or is_mic(self.calendar),
            "multiplier": self.multiplier > 0,
            "issuer": not self.issuer or is_lei(self.issuer),
        }
        for name, stands in checks.items():
            if not stands:
                raise IdentityError(f"The {name} {getattr(self, name)!r} of instrument {self.instrument} is none.")
