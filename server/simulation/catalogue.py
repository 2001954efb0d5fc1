"""The instruments, accounts and users of the demo, from `resources/instruments/demo.toml`.

Rules: pure after reading the file; the numbers of accounts and users below are part of the demo, since a seeded
journal carries them.
"""

from pathlib import Path
from typing import Final

import msgspec

from server.protocol.enums import Phase
from server.settings import AccountSetting, CurrencySetting, InstrumentSetting, Reference, UserSetting

DEMO_FILE: Final = Path(__file__).resolve().parents[2] / "resources" / "instruments" / "demo.toml"

SIMULATOR_USER: Final = 101
TRADER_USER: Final = 1
OPERATOR_USER: Final = 2
TRADER_ACCOUNT: Final = 4471
HEDGE_ACCOUNT: Final = 4472
MAKER_ACCOUNTS: Final = (9001, 9002, 9003)
NOISE_ACCOUNT: Final = 9011
MOMENTUM_ACCOUNT: Final = 9012


class DemoInstrument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fictional instrument; the units are said at the head of the file."""

    instrument: int
    symbol: str
    name: str
    group: str
    isin: str = ""
    price_decimals: int
    quantity_decimals: int
    tick_size: int
    reference_price: int
    multiplier: int
    quantity_max: int
    pace: float
    volatility: float
    size: int
    spread: int


class DemoCatalogue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    currency: CurrencySetting
    instruments: list[DemoInstrument]


def load_catalogue(path: Path = DEMO_FILE) -> DemoCatalogue:
    """Reads the file. Raises `msgspec.ValidationError` on anything that does not fit."""
    return msgspec.toml.decode(path.read_bytes(), type=DemoCatalogue)


def reference(
    catalogue: DemoCatalogue, trader: tuple[str, str], simulator: tuple[str, str], operator: tuple[str, str]
) -> Reference:
    """What the server of a demo lists, opens and creates; each pair is (user, password)."""
    currency = catalogue.currency
    unit = 10**currency.money_decimals
    deep = [*MAKER_ACCOUNTS, NOISE_ACCOUNT, MOMENTUM_ACCOUNT]
    names = ["MAKER-A", "MAKER-B", "MAKER-C", "NOISE", "MOMENTUM"]
    accounts = [
        AccountSetting(
            account=TRADER_ACCOUNT,
            name="TP-4471 Main",
            cash=1_250_000 * unit,
            credit_limit=750_000 * unit,
            position_max=2_000_000,
            orders_max=500,
            currency=currency.number,
            short_allowed=True,
        ),
        AccountSetting(
            account=HEDGE_ACCOUNT, name="TP-4472 Hedge", cash=400_000 * unit, orders_max=500, currency=currency.number
        ),
    ]
    accounts += [
        AccountSetting(
            account=account, name=name, credit_limit=10**11 * unit, orders_max=100_000, currency=currency.number
        )
        for account, name in zip(deep, names, strict=True)
    ]
    users = [
        UserSetting(user_id=TRADER_USER, user=trader[0], password=trader[1], accounts=[TRADER_ACCOUNT, HEDGE_ACCOUNT]),
        UserSetting(user_id=OPERATOR_USER, user=operator[0], password=operator[1], operator=True),
        UserSetting(user_id=SIMULATOR_USER, user=simulator[0], password=simulator[1], accounts=deep),
    ]
    instruments = [instrument_setting(item, currency) for item in catalogue.instruments]
    return Reference(currencies=[currency], instruments=instruments, accounts=accounts, users=users)


def demo_reference(passwords: tuple[str, str, str]) -> Reference:
    """The demo's reference data with passwords for trader, simulator and operator."""
    trader, simulator, operator = passwords
    return reference(load_catalogue(), ("trader", trader), ("simulator", simulator), ("operator", operator))


def instrument_setting(item: DemoInstrument, currency: CurrencySetting) -> InstrumentSetting:
    """The listing of one instrument: prices from one tick to three times the reference."""
    scale = 10 ** (currency.money_decimals - item.price_decimals - item.quantity_decimals)
    tick = item.tick_size
    return InstrumentSetting(
        instrument=item.instrument,
        symbol=item.symbol,
        name=item.name,
        group=item.group,
        isin=item.isin,
        currency=currency.number,
        price_decimals=item.price_decimals,
        quantity_decimals=item.quantity_decimals,
        tick_size=tick,
        price_min=tick,
        price_max=item.reference_price // tick * tick * 3,
        quantity_max=item.quantity_max,
        cash_scale=scale * item.multiplier,
        reference_price=item.reference_price // tick * tick,
        phase=int(Phase.CONTINUOUS),
    )
