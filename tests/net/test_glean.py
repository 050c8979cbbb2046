"""A connected prefix is a glean: the first packet to a host that nobody knows yet waits for it, and is not lost."""

import subprocess

import pytest

from lab import netns
from lab.topology import FAR_DEVICE
from lab.wait import wait_until

QUIET = [f"10.0.1.{host}" for host in range(80, 90)]  # node1 has them, nobody has asked for them
ABSENT = [f"10.0.2.{host}" for host in range(80, 90)]
PER_HOST = 4  # packets that are held for one host


@pytest.fixture(scope="module")
def lab(make_lab):
    lab = make_lab(nodes={"node1": "bird", "node2": "bird"})
    for address in QUIET:
        netns.ip("addr", "add", f"{address}/24", "dev", FAR_DEVICE, ns=lab.nodes["node1"].ns)
    return lab


def ping(ns: str, address: str, *options: str) -> subprocess.CompletedProcess:
    command = netns.command(ns, "ping", "-n", *options, address)
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def dropped(lab, reason: str) -> int:
    return next(row["packets"] for row in lab.router.ecmpctl("show", "drops")["drops"] if row["reason"] == reason)


def known_hosts(lab) -> set[str]:
    return {row["prefix"] for row in lab.router.ecmpctl("show", "routes", "--all")["routes"]}


def test_the_first_ping_of_a_host_is_answered(lab):
    unresolved = dropped(lab, "unresolved")
    for address in QUIET:
        assert f"{address}/32" not in known_hosts(lab)
        done = ping(lab.client, address, "-c", "1", "-W", "10")
        assert done.returncode == 0, done.stdout
        assert f"{address}/32" in known_hosts(lab)
    assert dropped(lab, "unresolved") == unresolved


def test_what_nobody_answers_for_is_dropped_as_unresolved(lab):
    before = dropped(lab, "unresolved")
    sent = PER_HOST + 3
    for address in ABSENT:
        # All at once: some of them are held, the rest find the room for their host taken.
        done = ping(lab.client, address, "-c", str(sent), "-l", str(sent), "-W", "1")
        assert done.returncode == 1, done.stdout
    wait_until(lambda: dropped(lab, "unresolved") == before + sent * len(ABSENT), "every packet to be given up", 20)
    assert not {f"{address}/32" for address in ABSENT} & known_hosts(lab)


def test_explain_says_that_a_host_has_to_be_found_first(lab):
    answer = lab.router.ecmpctl("explain", "10.0.0.2", ABSENT[0], "icmp")
    assert (answer["verdict"], answer["port"]) == ("glean", "node2")
