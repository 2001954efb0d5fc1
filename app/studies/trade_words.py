"""What traders call studies besides their titles, for the search."""

from typing import Final

WORDS: Final = {
    "ADX": "trend strength wilder dmi", "ATR": "volatility range wilder", "BBANDS": "bollinger bands bb volatility",
    "CCI": "oscillator", "CMF": "money flow accumulation", "DONCHIAN": "channel breakout turtle",
    "EMA": "ema exponential average", "HMA": "hull average", "KC": "keltner channel", "KAMA": "adaptive average",
    "MACD": "momentum crossover signal", "MFI": "volume weighted rsi money flow", "OBV": "volume flow granville",
    "PLUS_DI": "dmi directional +di", "MINUS_DI": "dmi directional -di", "RMA": "smma smoothed average",
    "ROC": "rate of change momentum", "RSI": "relative strength oscillator overbought oversold wilder",
    "SAR": "psar parabolic stop reverse trailing", "SAREXT": "psar parabolic stop", "SMA": "simple average ma",
    "STDDEV": "volatility sigma", "STOCH": "stochastic oscillator %k %d", "STOCHF": "fast stochastic %k %d",
    "SUPERTREND": "trailing stop trend atr", "T3": "tillson", "TRIX": "triple exponential", "VWAP": "average price",
    "WILLR": "williams percent range", "WMA": "weighted average", "AD": "accumulation distribution line",
    "AO": "awesome bill williams", "AC": "accelerator bill williams", "FRACTAL": "swing pivot bill williams",
    "HA": "heikin ashi candles", "MASSI": "mass index reversal", "ERI": "elder ray bull bear power",
    "EFI": "elder force", "LINEARREG": "regression line", "CDLDOJI": "candle", "TRANGE": "volatility",
    "SESSION_VWAP": "average price bands deviation intraday", "ANCHORED_VWAP": "average price avwap bands",
    "SESSION_PROFILE": "market profile poc point of control value area vah val histogram",
    "VISIBLE_PROFILE": "market profile vpvr poc point of control value area",
    "FIXED_PROFILE": "market profile vpfr poc point of control value area range",
    "FOOTPRINT": "order flow cluster bid ask imbalance number bars", "DELTA": "order flow buyers sellers aggressor",
    "CUMULATIVE_DELTA": "cvd order flow buyers sellers aggressor",
}  # fmt: skip
