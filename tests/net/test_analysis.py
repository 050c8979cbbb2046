"""The demo's judgement, on records made by hand: what counts as split, moved, broken, and as an outage."""

import math

import pytest

from lab import analysis
from lab.analysis import Window
from lab.binomial import band
from lab.records import PSH, TCP, UDP, Record

CLIENT, SERVICE = 0x0A000002, 0xCB00710A


def tcp(time_ns: int, port: int) -> Record:
    return Record(time_ns, CLIENT, SERVICE, port, 7, TCP, PSH, 0)


def probe(number: int, port: int) -> Record:
    return Record(number, CLIENT, SERVICE, port, 7, UDP, 0, number)


def test_owner_is_the_node_of_the_newest_packet():
    seen = {"a": [tcp(1, 100), tcp(2, 101)], "b": [tcp(3, 100)]}
    assert analysis.owners(seen, Window(0, 10)) == {100: "b", 101: "a"}
    assert analysis.owners(seen, Window(0, 3)) == {100: "a", 101: "a"}


def test_split_counts_only_within_one_stable_window():
    seen = {"a": [tcp(1, 100), tcp(1, 101)], "b": [tcp(2, 100), tcp(20, 101)]}
    assert analysis.split(seen, [Window(0, 10), Window(10, 30)]) == {100}
    assert analysis.split(seen, [Window(0, 30)]) == {100, 101}


def test_moved_leaves_out_the_flows_of_the_leaver():
    before = {100: "a", 101: "b", 102: "b"}
    seen = {"a": [tcp(11, 101)], "b": [tcp(11, 100), tcp(12, 102)], "c": []}
    assert analysis.moved(seen, before, Window(10, 20), but="a") == {101}
    assert analysis.moved(seen, before, Window(20, 30), but="a") == set()


def test_a_flow_that_moves_and_comes_back_has_moved():
    seen = {"a": [tcp(11, 100), tcp(13, 100)], "b": [tcp(12, 100)]}
    assert analysis.moved(seen, {100: "a"}, Window(10, 20), but="c") == {100}


def test_broken_counts_reasons_in_the_window():
    flows = [
        {"port": 100, "broken": "ECONNRESET", "broken_ns": 11},
        {"port": 101, "broken": "no echo", "broken_ns": 12},
        {"port": 102, "broken": "ECONNRESET", "broken_ns": 13},
        {"port": 103, "broken": "ECONNRESET", "broken_ns": 25},
        {"port": 104, "broken": "", "broken_ns": 0},
    ]
    owner = {100: "a", 101: "b", 102: "b", 103: "b", 104: "b"}
    assert analysis.broken(flows, owner, Window(10, 20), but="a") == {"no echo": 1, "ECONNRESET": 1}


@pytest.mark.parametrize(
    "lost, expected",
    [
        ([], 0.0),
        ([4], 2.0),  # the next probe of these flows comes two milliseconds later
        ([4, 6, 8], 6.0),
        ([2, 6, 8], 4.0),
        ([5], 0.0),  # a flow that is not asked about
    ],
)
def test_outage_is_the_longest_run_of_lost_probes(lost, expected):
    sent = [n * 1_000_000 for n in range(20)]
    seen = {"a": [probe(n, 20000 + n % 2) for n in range(20) if n not in lost]}
    window = Window(0, 20_000_000)
    assert analysis.outage_ms(seen, sent, {20000}, 20000, 2, window) == expected


def chance(n: int, m: int, k: int) -> float:
    """P(X = k), by logarithms: another way than the one under test."""
    ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return math.exp(ways - k * math.log(m) + (n - k) * math.log1p(-1 / m))


@pytest.mark.parametrize("n, m", [(1, 2), (10, 3), (600, 3), (2000, 3), (2000, 16)])
def test_band_is_the_tightest_that_leaves_the_tails_out(n, m):
    low, high = band(n, m)
    probability = [chance(n, m, k) for k in range(n + 1)]
    assert sum(probability[:low]) <= 0.00005 < sum(probability[: low + 1])
    assert sum(probability[high + 1 :]) <= 0.00005 < sum(probability[high:])


def test_band_of_a_single_node_is_everything():
    assert band(50, 1) == (50, 50)
