"""Values at which a reader of an indicator looks, and the range that some always have."""

from typing import Final

LEVELS: Final[dict[str, tuple[float, ...]]] = {
    "ADX": (25.0,), "ADXR": (25.0,), "AROON": (30.0, 70.0), "AROONOSC": (-50.0, 0.0, 50.0), "BOP": (0.0,),
    "CCI": (-100.0, 0.0, 100.0), "CMF": (0.0,), "CMO": (-50.0, 0.0, 50.0), "CMOU": (-50.0, 0.0, 50.0),
    "COPPOCK": (0.0,), "CORREL": (0.0,), "DPO": (0.0,), "DX": (25.0,), "EFI": (0.0,), "IMI": (30.0, 70.0),
    "KDJ": (20.0, 80.0), "LINEARREG_SLOPE": (0.0,), "MFI": (20.0, 80.0), "MOM": (0.0,), "PERCENTRANK": (10.0, 90.0),
    "QSTICK": (0.0,), "ROC": (0.0,), "ROCP": (0.0,), "ROCR": (1.0,), "ROCR100": (100.0,), "RSI": (30.0, 70.0),
    "RVI": (50.0,), "RVOL": (1.0,), "SMI": (-40.0, 0.0, 40.0), "STOCH": (20.0, 80.0), "STOCHF": (20.0, 80.0),
    "STOCHRSI": (20.0, 80.0), "TRIX": (0.0,), "TSI": (-25.0, 0.0, 25.0), "ULTOSC": (30.0, 70.0), "VORTEX": (1.0,),
    "WILLR": (-80.0, -20.0), "MACD": (0.0,), "MACDEXT": (0.0,), "MACDFIX": (0.0,), "APO": (0.0,), "PPO": (0.0,),
    "PVO": (0.0,), "HT_SINE": (0.0,), "FOSC": (0.0,), "DELTA": (0.0,), "CUMULATIVE_DELTA": (0.0,),
}  # fmt: skip

RANGES: Final[dict[str, tuple[float, float]]] = {
    **dict.fromkeys(
        ("AROON", "IMI", "MFI", "PERCENTRANK", "RSI", "RVI", "STOCH", "STOCHF", "STOCHRSI", "ULTOSC"), (0.0, 100.0)
    ),
    "WILLR": (-100.0, 0.0), "AROONOSC": (-100.0, 100.0), "CMO": (-100.0, 100.0), "CMOU": (-100.0, 100.0),
    "BOP": (-1.0, 1.0), "CORREL": (-1.0, 1.0), "HT_TRENDMODE": (0.0, 1.0),
}  # fmt: skip
