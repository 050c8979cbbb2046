"""Datagrams longer than their sender's MTU: every fragment goes the same way, unchanged, and the answer's fragments come back."""

import subprocess

from lab import netns
from lab.lab import SERVICE


def test_fragmented_datagrams_arrive_both_ways(make_lab):
    lab = make_lab(nodes={"node1": "bird", "node2": "bird"})
    ping = netns.command(lab.client, "ping", "-c", "5", "-i", "0.2", "-s", "4000", SERVICE)
    answer = subprocess.run(ping, capture_output=True, text=True)
    assert " 0% packet loss" in answer.stdout, answer.stdout
