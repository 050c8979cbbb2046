"""The programs that compare and draw, as a person runs them; how fast anything is, is not looked at."""

import csv
import json
import subprocess

from lab.programs import ROOT


def run(*command: str) -> subprocess.CompletedProcess:
    return subprocess.run([str(ROOT / "bench" / command[0]), *command[1:]], capture_output=True, text=True, timeout=300)


def test_the_whole_router_beside_testpmd_and_l3fwd(ecmpd):
    """Whether ecmpd forwards rightly is checked before and after, and decides the status."""
    done = run("vs_testpmd", "--l3fwd", "--flows", "512", "--rounds", "1", "--seconds", "0.1", "--settle", "0.05", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["problems"] == []
    for name in ("io", "macswap", "csum", "l3fwd"):
        assert 0 < result[f"ratio_{name}_low"] <= result[f"ratio_{name}"] <= result[f"ratio_{name}_high"]
    for program in ("testpmd_io", "testpmd_macswap", "testpmd_csum", "l3fwd", "ecmpd"):
        assert result[program]["mpps"] > 0


def test_more_flows_than_l3fwd_has_memory_for(root):
    done = run("vs_testpmd", "--l3fwd", "--flows", "5000")
    assert done.returncode == 2
    assert "--flows: allowed are 64 to 4096 with --l3fwd" in done.stderr


def test_a_curve(ecmpd, tmp_path):
    done = run("curves", "--only", "workers", "--seconds", "0.1", "--passes", "1", "--output", str(tmp_path))
    assert done.returncode == 0, done.stderr
    with (tmp_path / "workers.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["family"], row["workers"]) for row in rows] == [("4", "1"), ("4", "2"), ("6", "1"), ("6", "2")]
    drawing = (tmp_path / "workers.svg").read_text()
    assert drawing.count("<polyline") == 2
    assert drawing.count("<circle") == 4
