"""ecmpbench as it is called: whole runs, too short for their figures to mean anything."""

import json
import subprocess
from xml.etree import ElementTree

import pytest

from lab import netns
from lab.programs import ROOT, built
from lab.run import Run

FORWARD_KEYS = {
    "io_cycles", "macswap_cycles", "cycles", "cycles_p10", "cycles_p90", "over_io_cycles", "ratio_io", "ratio_macswap",
    "contended", "packets_per_second", "ns", "drops", "burst", "kernels", "machine", "frames_compared",
}  # fmt: skip


@pytest.fixture
def run(ecmpd):
    with Run() as run:
        yield run


def bench(run, *words):
    """In a namespace: its devices have kernel interfaces in none."""
    command = netns.command(run.namespace("bench"), built("ecmpbench"), *words)
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def answer(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_forward_sends_every_flow_rightly_and_drops_nothing(run):
    done = bench(run, "forward", "--flows", "512", "--members", "8", "--egress", "8", "--seconds", "0.05", "--json")
    found = answer(done)
    assert FORWARD_KEYS <= found.keys()
    assert found["drops"] == 0 and found["packets"] > 0
    assert found["frames_compared"] >= 2 * 512
    assert found["cycles"] > 0 and found["io_cycles"] > 0


def test_forward_measures_combinations_and_stages(run):
    words = ("--family", "4,6", "--flows", "64", "--prefixes", "1,1000", "--groups", "4", "--egress", "1")
    runs = answer(bench(run, "forward", *words, "--seconds", "0.01", "--stages", "--json"))["runs"]
    assert [(one["family"], one["prefixes"]) for one in runs] == [(4, 1), (4, 1000), (6, 1), (6, 1000)]
    for one in runs:
        assert one["drops"] == 0
        assert set(one["stages"]) == {"rx", "parse", "lookup", "select", "rewrite", "send"}


def test_a_curve_is_drawn_from_its_csv(run, tmp_path):
    words = ("--prefixes", "1,1000", "--flows", "64", "--seconds", "0.01", "--csv")
    done = bench(run, "forward", *words)
    assert done.returncode == 0, done.stderr
    chart = [str(ROOT / "bench" / "chart"), "-", "--x", "prefixes", "--y", "cycles"]
    drawn = subprocess.run(chart, input=done.stdout, capture_output=True, text=True, check=True).stdout
    assert [line.split()[0] for line in drawn.splitlines()[1:]] == ["1", "1,000"]
    subprocess.run([*chart, "--svg", str(tmp_path / "out.svg")], input=done.stdout, text=True, check=True)
    drawing = ElementTree.parse(tmp_path / "out.svg").getroot()
    assert len(list(drawing.iter("{http://www.w3.org/2000/svg}circle"))) == 2


def test_scale_has_a_row_for_each_number_of_workers(run):
    found = answer(bench(run, "scale", "--workers", "1", "--flows", "64", "--seconds", "0.01", "--json"))
    assert found["workers"] == 1


def test_load_drops_nothing(run):
    words = ("--routes4", "20000", "--routes6", "5000", "--groups", "16", "--flows", "64", "--seconds", "0.05")
    phases = answer(bench(run, "load", *words, "--json"))["phases"]
    assert {one["phase"] for one in phases} >= {"add groups", "add IPv4 routes", "remove IPv6 routes"}
    assert sum(one["drops"] for one in phases) == 0
    assert all(one["packets"] > 0 for one in phases if "packets" in one)


def test_a_wrong_value_is_named(run):
    done = bench(run, "forward", "--flows", "0")
    assert done.returncode == 2
    assert "--flows: 0 is not a number from 1 to 65536" in done.stderr
