"""What MetalLB's own speaker does to a router: one prefix in each UPDATE, all withdrawn in a single one that is longer than
BGP allows, and, over IPv6, a NEXT_HOP of the wrong length in every UPDATE. And other nexthops that cannot be, over IPv6."""

import os
import select
import socket
import struct
import time

import pytest

from lab import netns
from lab.speakers.base import NODE_ASN
from lab.topology import FAR_DEVICE, add_ipv6, router_address, router_address6
from lab.wait import wait_until
from raw_bgp import KEEPALIVE, MP_IPV6, NOTIFICATION, UPDATE, RawPeer, message
from test_sessions import same, sessions

# How long the damaged one goes on; at least a hundred rounds.
STORM_SECONDS = float(os.environ.get("STORM_SECONDS", "0"))
ROUNDS, PAUSE = 100, 0.1  # seconds, between two rounds of a long storm
STORM, DAMAGED = "10.0.1.60", "10.0.1.61"
OVER_IPV6 = "fd00:1::61"  # of the damaged one, too
PREFIXES = [struct.pack("!BI", 32, 0xC6120000 + i) for i in range(5000)]  # 198.18.0.0/15


ORIGIN_AND_PATH = bytes.fromhex("40010100 4002060201") + struct.pack("!I", NODE_ASN)


def attributes(next_hop: bytes) -> bytes:
    """ORIGIN, AS_PATH, and a NEXT_HOP of length 4 whatever it holds."""
    return ORIGIN_AND_PATH + bytes.fromhex("400304") + next_hop


def update(withdrawn: bytes = b"", attrs: bytes = b"", nlri: bytes = b"") -> bytes:
    return message(UPDATE, struct.pack("!H", len(withdrawn)) + withdrawn + struct.pack("!H", len(attrs)) + attrs + nlri)


@pytest.fixture(scope="module")
def lab(make_lab):
    keys = 'remote_as = 64512\npassive = true\nimport = "any"\n'
    more = "".join(f'\n[[neighbor]]\naddress = "{address}"\n{keys}' for address in (STORM, DAMAGED, OVER_IPV6))
    lab = make_lab(nodes={"node1": "bird", "node2": "bird"}, more=more, ipv6=True)
    add_ipv6(lab.topology, [])
    for address in (f"{STORM}/24", f"{DAMAGED}/24", f"{OVER_IPV6}/64"):
        netns.ip("addr", "add", address, "dev", FAR_DEVICE, *(["nodad"] * (":" in address)), ns=lab.nodes["node1"].ns)
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


def six(address: str) -> bytes:
    return socket.inet_pton(socket.AF_INET6, address)


PREFIX6 = [b"\x80" + six(f"2001:db8:18::{host}") for host in (1, 2)]


def mp_reach(next_hop: bytes, prefix: bytes, size: int | None = None, afi: int = 2) -> bytes:
    """An UPDATE with MP_REACH_NLRI (RFC 4760, section 3), which says that its nexthop is of this size."""
    value = struct.pack("!HBB", afi, 1, len(next_hop) if size is None else size) + next_hop + b"\0" + prefix
    return update(attrs=ORIGIN_AND_PATH + struct.pack("!BBH", 0x90, 14, len(value)) + value)


NO_HOST = [six(address) for address in ("::", "::1", "ff02::1", "::ffff:0.0.0.0")]
# Of the second prefix of their family.
IPV4_DAMAGES = [
    update(attrs=attributes(six(OVER_IPV6)), nlri=PREFIXES[1]),  # sixteen bytes where the length says four
    update(attrs=ORIGIN_AND_PATH + bytes.fromhex("400310") + six(OVER_IPV6), nlri=PREFIXES[1]),
    update(attrs=attributes(b""), nlri=PREFIXES[1]),
    update(attrs=attributes(socket.inet_aton("224.0.0.1")), nlri=PREFIXES[1]),
    *(mp_reach(next_hop, PREFIXES[1], afi=1) for next_hop in NO_HOST),  # RFC 8950
]
IPV6_DAMAGES = [mp_reach(next_hop, PREFIX6[1]) for next_hop in NO_HOST]


def over_ipv6(lab) -> RawPeer:
    peer = RawPeer(lab.nodes["node1"].ns, OVER_IPV6, router_address6(1))
    peer.establish(NODE_ASN, DAMAGED, (MP_IPV6,))
    return peer


def wait_for_both(lab, ipv4: int, ipv6: int) -> None:
    def received() -> tuple[int, int]:
        summary = lab.router.ecmpctl("show", "bgp", "summary")
        return tuple(summary[f"ipv{version}Unicast"]["peers"][OVER_IPV6]["pfxRcd"] for version in (4, 6))

    wait_until(lambda: received() == (ipv4, ipv6), f"{ipv4} IPv4 and {ipv6} IPv6 prefixes of {OVER_IPV6}", 60)


def test_damaged_nexthops_over_ipv6_withdraw_and_harm_nobody(lab):
    before = sessions(lab)
    good = [update(attrs=attributes(socket.inet_aton(DAMAGED)), nlri=prefix) for prefix in PREFIXES[:2]]
    good += [mp_reach(six(OVER_IPV6), prefix) for prefix in PREFIX6]
    with over_ipv6(lab) as peer:
        for damages, left in ((IPV4_DAMAGES, (1, 2)), (IPV6_DAMAGES, (2, 1))):
            for damaged in damages:
                peer.send(b"".join(good))
                wait_for_both(lab, 2, 2)
                peer.send(damaged)
                wait_for_both(lab, *left)
        stats = lab.router.ecmpctl("show", "bgp", "neighbor", OVER_IPV6)[OVER_IPV6]
        assert stats["bgpState"] == "Established" and stats["connectionsDropped"] == 0
        assert stats["messageStats"]["damagedUpdatesRecv"] == len(IPV4_DAMAGES) + len(IPV6_DAMAGES)
    assert same(before, sessions(lab))


@pytest.mark.parametrize("size", [0, 4, 15, 17, 255])
def test_a_nexthop_of_impossible_length_costs_its_sender_the_session(lab, size):
    """RFC 7606, section 7.11: where the prefixes begin cannot be known."""
    before = sessions(lab)
    with over_ipv6(lab) as peer:
        peer.send(mp_reach(six(OVER_IPV6), PREFIX6[0]))
        wait_for_both(lab, 0, 1)
        peer.send(mp_reach(six(OVER_IPV6), PREFIX6[1], size))
        kind, body = peer.until_closed()[-1]
        assert (kind, body[:2]) == (NOTIFICATION, bytes([3, 9]))  # UPDATE message error, optional attribute error
    shown = lab.router.ecmpctl("show", "bgp", "neighbor", OVER_IPV6)[OVER_IPV6]
    assert (shown["lastResetDueTo"], shown["lastErrorCodeSubcode"]) == ("BGP Notification send", "0309")
    wait_for_both(lab, 0, 0)
    assert same(before, sessions(lab))
