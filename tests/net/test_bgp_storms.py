"""What MetalLB's own speaker does to a router: one prefix in each UPDATE, all withdrawn in a single one that is longer than
BGP allows, and, over IPv6, a NEXT_HOP of the wrong length in every UPDATE."""

import os
import select
import socket
import struct
import time

import pytest

from lab import netns
from lab.speakers.base import NODE_ASN
from lab.topology import FAR_DEVICE, router_address
from lab.wait import wait_until
from raw_bgp import KEEPALIVE, NOTIFICATION, UPDATE, RawPeer, message
from test_sessions import same, sessions

# How long the damaged one goes on; at least a hundred rounds.
STORM_SECONDS = float(os.environ.get("STORM_SECONDS", "0"))
ROUNDS, PAUSE = 100, 0.1  # seconds, between two rounds of a long storm
STORM, DAMAGED = "10.0.1.60", "10.0.1.61"
PREFIXES = [struct.pack("!BI", 32, 0xC6120000 + i) for i in range(5000)]  # 198.18.0.0/15


def attributes(next_hop: bytes) -> bytes:
    """ORIGIN, AS_PATH, and a NEXT_HOP of length 4 whatever it holds."""
    return bytes.fromhex("40010100 4002060201") + struct.pack("!I", NODE_ASN) + bytes.fromhex("400304") + next_hop


def update(withdrawn: bytes = b"", attrs: bytes = b"", nlri: bytes = b"") -> bytes:
    return message(UPDATE, struct.pack("!H", len(withdrawn)) + withdrawn + struct.pack("!H", len(attrs)) + attrs + nlri)


@pytest.fixture(scope="module")
def lab(make_lab):
    keys = 'remote_as = 64512\npassive = true\nimport = "any"\n'
    more = "".join(f'\n[[neighbor]]\naddress = "{address}"\n{keys}' for address in (STORM, DAMAGED))
    lab = make_lab(nodes={"node1": "bird", "node2": "bird"}, more=more)
    for address in (STORM, DAMAGED):
        netns.ip("addr", "add", f"{address}/24", "dev", FAR_DEVICE, ns=lab.nodes["node1"].ns)
    return lab


def shown(lab, address: str) -> dict:
    return lab.router.ecmpctl("show", "bgp", "summary")["ipv4Unicast"]["peers"][address]


def wait_for_prefixes(lab, address: str, count: int) -> None:
    wait_until(lambda: shown(lab, address)["pfxRcd"] == count, f"{count} prefixes of {address}", 60)


def test_five_thousand_prefixes_one_by_one_and_gone_in_one_message(lab):
    with RawPeer(lab.nodes["node1"].ns, STORM, router_address(1)) as peer:
        peer.establish(NODE_ASN, STORM)
        attrs = attributes(socket.inet_aton(STORM))
        peer.send(b"".join(update(attrs=attrs, nlri=prefix) for prefix in PREFIXES))
        wait_for_prefixes(lab, STORM, len(PREFIXES))
        gone = update(withdrawn=b"".join(PREFIXES))
        assert len(gone) > 4096
        peer.send(gone)
        wait_for_prefixes(lab, STORM, 0)
        assert shown(lab, STORM)["state"] == "Established"


def test_a_damaged_nexthop_in_every_update_withdraws_and_harms_nobody(lab):
    before = sessions(lab)
    with RawPeer(lab.nodes["node1"].ns, DAMAGED, router_address(1)) as peer:
        peer.establish(NODE_ASN, DAMAGED)
        peer.send(update(attrs=attributes(socket.inet_aton(DAMAGED)), nlri=PREFIXES[0] + PREFIXES[1]))
        wait_for_prefixes(lab, DAMAGED, 2)
        bad = attributes(socket.inet_pton(socket.AF_INET6, "fd00::11"))  # sixteen bytes where the length says four
        damaged = b"".join(update(attrs=bad, nlri=prefix) for prefix in PREFIXES[1:200])
        good = update(attrs=attributes(socket.inet_aton(DAMAGED)), nlri=PREFIXES[1])
        rounds, end = 0, time.monotonic() + STORM_SECONDS
        while rounds < ROUNDS or time.monotonic() < end:
            peer.send(good + damaged + message(KEEPALIVE))
            rounds += 1
            if rounds % ROUNDS:
                if STORM_SECONDS and select.select([peer.sock], [], [], PAUSE)[0]:
                    assert peer.receive()[0] == KEEPALIVE
                continue
            wait_for_prefixes(lab, DAMAGED, 1)
            assert shown(lab, DAMAGED)["state"] == "Established"
            assert same(before, sessions(lab))

        def statistics() -> dict:
            return lab.router.ecmpctl("show", "bgp", "neighbor", DAMAGED)[DAMAGED]

        wait_until(lambda: statistics()["messageStats"]["updatesRecv"] == 1 + 200 * rounds, "every UPDATE to be counted", 30)
        wait_for_prefixes(lab, DAMAGED, 1)
        stats = statistics()
        print(f"{rounds} rounds in {stats['bgpTimerUpMsec'] / 1000:.0f} s, {stats['messageStats']['updatesRecv']} UPDATEs, "
              f"{stats['connectionsDropped']} sessions lost")
        assert stats["bgpState"] == "Established" and stats["connectionsDropped"] == 0
        peer.send(message(KEEPALIVE))
        peer.sock.shutdown(socket.SHUT_WR)
        assert [kind for kind, _ in peer.until_closed() if kind == NOTIFICATION] == []
    assert same(before, sessions(lab))
