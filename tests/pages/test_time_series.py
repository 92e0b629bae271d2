import random

from destination.pages import Latencies, Timeline


def test_slots_stay_few_and_lose_nothing() -> None:
    timeline = Timeline(10.0)
    for moment in range(1000):
        timeline.add(10 + moment, failed=moment % 10 == 0)
    assert len(timeline.good) <= 240
    assert (sum(timeline.good), sum(timeline.bad)) == (900, 100)
    assert timeline.width_s * len(timeline.good) >= 999


def test_moment_before_the_start_counts_in_the_first_slot() -> None:
    timeline = Timeline(10.0)
    timeline.add(9.0, failed=False)
    assert timeline.good == [1]


def test_rates_are_for_a_second() -> None:
    timeline = Timeline(0.0)
    for _ in range(5):
        timeline.add(0.06, failed=False)
    timeline.add(0.0, failed=True)
    assert timeline.rates() == [(0.0, 0.0, 20.0), (0.05, 100.0, 0.0)]


def test_timelines_of_processes_that_began_apart_are_merged() -> None:
    early, late = Timeline(0.0), Timeline(5.0)
    early.add(1.0, failed=False)
    late.add(100.0, failed=True)
    late.merge(early)
    assert late.start == 0.0
    assert (sum(late.good), sum(late.bad)) == (1, 1)
    moments = [seconds for seconds, _, bad in late.rates() if bad]
    assert abs(moments[0] - 100) <= late.width_s
    early.merge(late)
    assert (sum(early.good), sum(early.bad)) == (2, 1)


def test_percentiles_are_at_most_five_per_cent_off() -> None:
    draw = random.Random(5)
    values = sorted(draw.lognormvariate(-4, 1) for _ in range(2000))
    latencies = Latencies()
    for value in values:
        latencies.add(value)
    for percent in (50, 90, 99):
        exact = values[int(len(values) * percent / 100) - 1]
        assert exact <= latencies.percentile(percent) <= exact * 1.051
    assert latencies.percentile(100) == latencies.longest_s == values[-1]


def test_latencies_without_any_and_merged() -> None:
    one, two = Latencies(), Latencies()
    assert one.percentile(99) == 0.0
    two.add(0.0)
    two.add(2.0)
    one.merge(two)
    assert (one.count, one.longest_s) == (2, 2.0)
    assert one.percentile(100) == 2.0
