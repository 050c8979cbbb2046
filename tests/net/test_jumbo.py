"""Ports with an MTU of 9,000: long packets pass whole, and are cut where a shorter link follows."""

import subprocess

import pytest

from lab import netns
from lab.lab import Lab
from lab.topology import FAR_DEVICE, node_address

JUMBO = 9000


@pytest.fixture(scope="module")
def lab(ecmpd):
    with Lab(nodes={"node1": "bird", "node2": "bird"}, mtu={"client": JUMBO, "node1": JUMBO}) as lab:
        for ns in (lab.client, lab.nodes["node1"].ns):
            netns.ip("link", "set", FAR_DEVICE, "mtu", str(JUMBO), ns=ns)
        lab.router.start()
        yield lab


def ping(ns: str, target: str, size: int, how: str) -> str:
    command = netns.command(ns, "ping", "-n", "-c", "3", "-i", "0.2", "-W", "10", "-M", how, "-s", str(size - 28), target)
    return subprocess.run(command, capture_output=True, text=True, timeout=60).stdout


def fragments(lab) -> int:
    return sum(worker["fragments"] for worker in lab.router.ecmpctl("show", "workers")["workers"])


@pytest.mark.parametrize("size", [2049, 4096, 8192, JUMBO])
def test_jumbo_frames_pass_whole(lab, size):
    assert " 0% packet loss" in ping(lab.client, node_address(1), size, "do")
    assert fragments(lab) == 0


def test_jumbo_frames_are_cut_for_a_shorter_link(lab):
    assert " 0% packet loss" in ping(lab.client, node_address(2), JUMBO, "dont")
    assert fragments(lab) == 3 * 6  # 8,980 bytes in pieces of 1,480 are seven packets


def test_with_df_the_shorter_link_is_told(lab):
    assert "Frag needed and DF set (mtu = 1500)" in ping(lab.client, node_address(2), JUMBO, "do")
