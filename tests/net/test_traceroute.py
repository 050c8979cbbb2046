"""The router tells senders what became of their packets: traceroute sees it, and errors say which."""

import errno
import re
import socket
import subprocess
import time

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import ARP

from lab import netns
from lab.lab import SERVICE, Lab
from lab.topology import CLIENT_ADDRESS, router_address
from lab.wait import wait_until
from test_static import route, start
from wire import Wire

BROADCAST = "ff:ff:ff:ff:ff:ff"
ABSENT = "10.0.2.77"
NOWHERE = "192.0.2.1"
GONE = "198.51.100.1"  # has a route, whose nexthop is not there
RATE = 100


@pytest.fixture(scope="module")
def lab(ecmpd):
    gone = f'[[route]]\nprefix = "198.51.100.0/24"\nnexthops = [{{ via = "{ABSENT}" }}]\n'
    options = {"dataplane": {"icmp_rate": RATE}, "more": route(SERVICE, {1: 1, 2: 1}) + gone}
    with Lab(nodes={"node1": "bird", "node2": "bird"}, **options) as lab:
        start(lab).router.wait_asked("198.51.100.0/24")
        yield lab


def trace(ns: str, target: str, *options: str) -> list[str]:
    """The hops as they are printed, without their times: "10.0.0.1", "10.0.0.1 !N", "*"."""
    command = netns.command(ns, "traceroute", "-n", "-q", "1", "-N", "4", "-w", "5", *options, target)
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return [re.sub(r" +[\d.]+ ms", "", line).split(None, 1)[1].strip() for line in done.stdout.splitlines()[1:]]


@pytest.mark.parametrize("method", ["-U", "-I", "-T"])
def test_traceroute_shows_the_router_and_its_address_on_the_way(lab, method):
    assert trace(lab.client, SERVICE, method) == [router_address(0), SERVICE]
    assert trace(lab.nodes["node2"].ns, CLIENT_ADDRESS, method) == [router_address(2), CLIENT_ADDRESS]


def test_no_route_is_a_network_and_a_silent_host_a_host_that_is_unreachable(lab):
    assert trace(lab.client, NOWHERE) == [f"{router_address(0)} !N"]
    assert trace(lab.client, GONE, "-f", "2") == [f"{router_address(0)} !H"]
    # This one is looked for first, as long as packets are held.
    assert trace(lab.client, ABSENT, "-f", "2", "-m", "2") == [f"{router_address(0)} !H"]


def test_the_router_answers_at_all_its_addresses(lab):
    for n in range(3):
        assert trace(lab.client, router_address(n), "-I") == [router_address(n)]


def test_programs_on_the_router_itself_are_told_too(lab):
    """The kernel takes an ICMP error only from a source that is not its own, unless it came back the way it went."""
    for target, error in ((NOWHERE, "Net"), (GONE, "Host")):
        done = subprocess.run(
            netns.command(lab.topology.router, "ping", "-n", "-c", "1", "-W", "60", "-I", router_address(1), target),
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert f"From {router_address(1)} icmp_seq=1 Destination {error} Unreachable" in done.stdout, done.stdout
    assert icmp(lab, "node1")["no_route"] >= 1
    with netns.inside(lab.topology.router), socket.socket() as connection:
        connection.bind((router_address(2), 0))
        connection.settimeout(60)  # the kernel asks again for two minutes if it hears nothing
        with pytest.raises(OSError) as refused:
            connection.connect((GONE, 9))
    assert refused.value.errno == errno.EHOSTUNREACH


def test_what_the_router_itself_causes_is_not_taken_from_a_port(lab):
    """More errors about our own packets than a port may have, and the client still gets its own."""
    before = icmp(lab, "client")
    with netns.inside(lab.topology.router), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((router_address(0), 0))
        for _ in range(10 * RATE):
            try:
                sock.sendto(b"", (NOWHERE, 9))
            except OSError:  # what became of an earlier one
                pass
    limited = lambda: icmp(lab, "client")["rate_limited"] > before["rate_limited"]
    wait_until(limited, "the router's own limit to be reached", 10)
    assert trace(lab.client, NOWHERE) == [f"{router_address(0)} !N"]


def icmp(lab, port: str) -> dict:
    return next(row for row in lab.router.ecmpctl("show", "icmp")["icmp"] if row["port"] == port)


def test_a_scan_gets_no_more_errors_than_its_port_may_cause(lab):
    def errors(wire: Wire) -> int:
        return sum(ICMP in frame and frame[ICMP].type == 11 for frame in wire.drain())

    packet = IP(src=CLIENT_ADDRESS, dst=SERVICE, ttl=1) / UDP(sport=9, dport=9)
    before = icmp(lab, "client")
    with Wire(lab.client) as wire:
        router = wire.ask(ARP(op="who-has", psrc=CLIENT_ADDRESS, pdst=router_address(0)), BROADCAST)[ARP].hwsrc
        started = time.monotonic()
        for _ in range(10 * RATE):
            wire.send(packet, router)
        wire.ask(IP(src=CLIENT_ADDRESS, dst=router_address(0)) / ICMP(id=77, seq=1), router)
        seconds = time.monotonic() - started
        after = icmp(lab, "client")
        sent = after["time_exceeded"] - before["time_exceeded"]
        limited = after["rate_limited"] - before["rate_limited"]
        assert sent + limited == 10 * RATE
        assert 1 <= sent <= RATE * (seconds + 1)
        wait_until(lambda: errors(wire) == sent, "every error to come in", 10)
    assert icmp(lab, "node1")["rate_limited"] == 0
