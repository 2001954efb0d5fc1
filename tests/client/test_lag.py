"""How far behind market data is: relative, forgiving of drift and of a moment, and never fooled for long."""

from server.client.lag import LAG_MAX_NS, STAYS_NS, LagGauge

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND


def test_the_lag_is_measured_against_the_smallest_distance() -> None:
    gauge = LagGauge()
    assert gauge.lag_ns(START, START + 7 * SECOND) == 0, "the clocks of two machines need not agree"
    assert gauge.lag_ns(START + 1, START + 5 * SECOND + 1) == 0
    assert gauge.lag_ns(START + 2, START + 6 * SECOND + 2) in range(SECOND - 200_000, SECOND + 1)


def test_a_late_copy_of_another_line_is_no_lag() -> None:
    gauge = LagGauge()
    gauge.lag_ns(START + SECOND, START + SECOND)
    assert gauge.lag_ns(START, START + 5 * SECOND) == 0


def test_clocks_that_drift_apart_are_no_lag() -> None:
    gauge = LagGauge()
    for hour in range(100):
        sent_ns = START + hour * 3600 * SECOND
        assert gauge.lag_ns(sent_ns, sent_ns + hour * 3600 * SECOND // 20_000) <= 0


def test_a_moment_is_forgiven_and_what_stays_is_not() -> None:
    gauge = LagGauge()
    gauge.stays_behind_ns(START, START)
    late_ns = START + LAG_MAX_NS + SECOND
    for number in range(1000):
        assert gauge.stays_behind_ns(START + number, late_ns + number) == 0, "a burst that was held back"
    assert gauge.stays_behind_ns(late_ns, late_ns + 10_000) == 0
    assert gauge.stays_behind_ns(late_ns + 1, late_ns + LAG_MAX_NS + SECOND) == 0
    assert gauge.stays_behind_ns(late_ns + 2, late_ns + LAG_MAX_NS + SECOND + STAYS_NS) > LAG_MAX_NS


def test_after_a_reset_it_begins_anew() -> None:
    gauge = LagGauge()
    gauge.lag_ns(START, START)
    gauge.reset()
    assert gauge.lag_ns(START + 1, START + 9 * SECOND) == 0


def test_a_market_clock_that_runs_faster_shows_no_false_lag() -> None:
    gauge = LagGauge()
    for second in range(60):
        assert gauge.lag_ns(START + 4 * second * SECOND, START + second * SECOND) == 0
