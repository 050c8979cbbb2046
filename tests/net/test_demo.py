"""The demo as a person runs it: the object that it prints, its exit status, and that nothing is left behind."""

import json
import os
import signal
import subprocess

import pytest

from lab.netns import NETNS_DIR
from lab.programs import ROOT
from lab.run import BASE, sweep
from lab.wait import wait_until
from transcripts import shape, transcript

DEMO = str(ROOT / "scripts" / "demo")
CONNECTIONS = 600


def run_demo(*arguments: str) -> tuple[subprocess.Popen, str, str]:
    process = start_demo("--no-build", "--connections", str(CONNECTIONS), *arguments)
    out, err = process.communicate(timeout=240)
    assert left_of(process.pid) == []
    return process, out, err


def start_demo(*arguments: str) -> subprocess.Popen:
    return subprocess.Popen([DEMO, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def left_of(pid: int) -> list[str]:
    """What a run of this process has not removed: the script becomes the program, so the id is the same."""
    return [str(path) for path in (*NETNS_DIR.glob(f"ecmpd-{pid}-*"), *BASE.glob(str(pid)))]


def test_nothing_splits_moves_or_breaks(ecmpd):
    process, out, err = run_demo("--json")
    assert process.returncode == 0, err
    result = json.loads(out)
    assert list(result) == ["connections", "nodes", "split_connections", "leave", "return"]
    assert result["connections"] == CONNECTIONS
    assert [(node["name"], node["daemon"]) for node in result["nodes"]] == [
        ("node1", "BIRD"),
        ("node2", "FRR"),
        ("node3", "GoBGP"),
    ]
    for node in result["nodes"]:
        assert list(node) == ["name", "daemon", "connections", "expected", "low", "high"]
        assert node["low"] <= node["connections"] <= node["high"]
    assert sum(node["connections"] for node in result["nodes"]) == CONNECTIONS
    assert result["split_connections"] == 0
    for change in (result["leave"], result["return"]):
        assert list(change) == ["node", "broken_on_others", "moved_on_others", "outage_ms"]
        assert change["node"] == "node1"
        assert change["broken_on_others"] == change["moved_on_others"] == 0


def test_it_prints_what_the_readme_shows(ecmpd):
    process, out, err = run_demo()
    assert process.returncode == 0, err
    assert shape(out) == shape(transcript("scripts/demo"))


def test_the_witnesses_see_what_linux_moves(root):
    """The same story through Linux, whose hash-threshold moves a quarter of the others: the demo must notice."""
    process, out, err = run_demo("--json", "--router", "linux")
    assert process.returncode == 1, err
    result = json.loads(out)
    assert result["leave"]["moved_on_others"] > 0
    assert result["leave"]["broken_on_others"] > 0
    assert "connections of the others were moved" in err


def test_the_table_has_no_colour_in_a_pipe(root):
    process, out, err = run_demo("--router", "linux", "--leave", "node2")
    assert process.returncode in (0, 1), err
    assert "\x1b" not in out
    assert "split over nodes: 0  ok" in out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["interrupted", "terminated"])
def test_a_signal_cleans_up(root, number):
    process = start_demo("--no-build", "--router", "linux", "--connections", "50")
    for line in process.stderr:
        if "opening" in line:
            break
    assert left_of(process.pid) != []
    os.kill(process.pid, number)
    process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert left_of(process.pid) == []


def test_what_a_killed_run_left_is_removed_later(root):
    process = start_demo("--no-build", "--router", "linux", "--connections", "50")
    for line in process.stderr:
        if "opening" in line:
            break
    assert left_of(process.pid) != []
    process.kill()
    process.communicate(timeout=60)

    def swept() -> bool:
        sweep()
        return left_of(process.pid) == []

    # A child that was just being started may hold the lock for another moment.
    wait_until(swept, "the next run to find what the killed one left", 30)
