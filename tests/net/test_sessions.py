"""Sessions of others survive a peer that misbehaves, and the router says goodbye when it ends."""

import json
import signal
import socket

import pytest

from lab import netns
from lab.flows import udp_nodes
from lab.lab import SERVICE, SETTLE_SECONDS
from lab.speakers.base import NODE_ASN
from lab.topology import FAR_DEVICE, node_address, router_address
from lab.wait import wait_until
from raw_bgp import (
    ADMINISTRATIVE_SHUTDOWN,
    CEASE,
    KEEPALIVE,
    NOTIFICATION,
    UPDATE,
    RawPeer,
    message,
    open_message,
)

PORTS = range(20000, 20050)
# More addresses of node1's namespace, with no daemon: one for each case, so that none waits for what another did.
STRANGERS = [f"10.0.1.{host}" for host in range(60, 70)]
STRANGER = STRANGERS[-1]
ROUTER = router_address(1)


@pytest.fixture(scope="module")
def lab(make_lab):
    lab = make_lab(nodes={"node1": "bird", "node2": "bird", "node3": "bird"})
    for address in STRANGERS:
        netns.ip("addr", "add", f"{address}/24", "dev", FAR_DEVICE, ns=lab.nodes["node1"].ns)
    return lab


def peer(lab, source: str) -> RawPeer:
    return RawPeer(lab.nodes["node1"].ns, source, ROUTER)


def sessions(lab) -> dict[str, str]:
    """Since when each node's own daemon has its session: the far end's word, not ours."""
    return {name: node.speaker.established_since() for name, node in lab.nodes.items()}


def same(before: dict[str, str], after: dict[str, str]) -> bool:
    """BIRD computes the wall-clock time anew each time it is asked, and its milliseconds wander."""
    def seconds(text: str) -> float:
        hours, minutes, rest = text.split(":")
        return int(hours) * 3600 + int(minutes) * 60 + float(rest)

    return before.keys() == after.keys() and all(abs(seconds(before[n]) - seconds(after[n])) < 0.1 for n in before)


def garbage(one: RawPeer) -> None:
    one.send(bytes(range(256)) * 16)
    one.until_closed()


def half_an_open(one: RawPeer) -> None:
    one.send(open_message(NODE_ASN, STRANGER)[:23])
    one.sock.close()


def an_open_with_a_wrong_asn(one: RawPeer) -> None:
    one.send(open_message(65000, STRANGER))
    received = one.until_closed()
    assert received and received[-1][0] == NOTIFICATION and received[-1][1][:2] == bytes([2, 2])  # bad peer AS


def a_header_that_lies_about_its_length(one: RawPeer) -> None:
    one.establish(NODE_ASN, STRANGER)
    one.send(b"\xff" * 16 + b"\x00\x12\x02")  # 18: less than the header itself
    received = one.until_closed()
    assert received and received[-1][0] == NOTIFICATION and received[-1][1][:2] == bytes([1, 2])  # bad length


def close_in_the_middle_of_an_update(one: RawPeer) -> None:
    one.establish(NODE_ASN, STRANGER)
    one.send(message(UPDATE, b"\x00\x00\x00\x14" + bytes(24))[:30])
    one.sock.close()


def an_update_that_cannot_be(one: RawPeer) -> None:
    one.establish(NODE_ASN, STRANGER)
    one.send(message(UPDATE, b"\xff\xff" + bytes(10)))  # more withdrawn bytes than the message has
    received = one.until_closed()
    assert received and received[-1][0] == NOTIFICATION and received[-1][1][0] == 3  # UPDATE message error


MISBEHAVIOURS = [
    garbage,
    half_an_open,
    an_open_with_a_wrong_asn,
    a_header_that_lies_about_its_length,
    close_in_the_middle_of_an_update,
    an_update_that_cannot_be,
]


@pytest.mark.parametrize("misbehave, source", zip(MISBEHAVIOURS, STRANGERS), ids=lambda x: getattr(x, "__name__", ""))
def test_a_peer_that_misbehaves_harms_no_other_session(lab, misbehave, source):
    before, flows = sessions(lab), udp_nodes(lab, SERVICE, PORTS)
    with peer(lab, source) as one:
        misbehave(one)
    with peer(lab, STRANGER) as one:  # the router still takes sessions
        one.establish(NODE_ASN, STRANGER)
    assert same(before, sessions(lab))
    assert udp_nodes(lab, SERVICE, PORTS) == flows


@pytest.mark.parametrize("data", [b"garbage" * 10, open_message(NODE_ASN, node_address(1))], ids=["garbage", "open"])
def test_a_second_connection_from_a_peers_address_does_not_harm_its_session(lab, data):
    """RFC 4271, section 6.8: it is the new connection that goes when a session is established."""
    before = sessions(lab)
    with peer(lab, node_address(1)) as one:
        one.send(data)
        one.until_closed()
    assert same(before, sessions(lab))


def last_reset(lab, address: str) -> dict:
    shown = lab.router.ecmpctl("show", "bgp", "neighbor", address)[address]
    assert shown["lastResetTimerMsecs"] >= 0
    return {key: shown[key] for key in ("lastResetDueTo", "lastNotificationReason", "lastErrorCodeSubcode",
                                        "lastNotificationHardReset", "lastShutdownDescription")}  # fmt: skip


def test_the_last_reset_is_told_in_frrs_words(lab):
    with peer(lab, STRANGER) as one:
        one.establish(NODE_ASN, STRANGER)
        one.send(message(NOTIFICATION, bytes([CEASE, ADMINISTRATIVE_SHUTDOWN, 3]) + b"bye"))
        one.until_closed()
    received = {
        "lastResetDueTo": "BGP Notification received",
        "lastNotificationReason": "Cease/Administrative Shutdown",
        "lastErrorCodeSubcode": "0602",
        "lastNotificationHardReset": False,
        "lastShutdownDescription": "bye",
    }
    assert last_reset(lab, STRANGER) == received
    with peer(lab, STRANGER) as one:
        one.establish(NODE_ASN, STRANGER)
        assert last_reset(lab, STRANGER) == received, "also while there is a session again"
        one.send(message(UPDATE, b"\xff\xff" + bytes(10)))
        one.until_closed()
    assert last_reset(lab, STRANGER) == {
        "lastResetDueTo": "BGP Notification send",
        "lastNotificationReason": "UPDATE Message Error/Malformed Attribute List",
        "lastErrorCodeSubcode": "0301",
        "lastNotificationHardReset": False,
        "lastShutdownDescription": None,
    }
    with peer(lab, STRANGER) as one:
        one.establish(NODE_ASN, STRANGER)
        one.sock.shutdown(socket.SHUT_WR)
        one.until_closed()
    lost = dict.fromkeys(received) | {"lastResetDueTo": "Peer closed the session"}
    assert last_reset(lab, STRANGER) == lost


def links(lab) -> set[str]:
    return {link["ifname"] for link in json.loads(netns.ip("-j", "link", ns=lab.topology.router))}


def test_sigterm_sends_cease_and_leaves_no_interface(lab):
    flows = udp_nodes(lab, SERVICE, PORTS)
    with peer(lab, STRANGER) as one:
        one.establish(NODE_ASN, STRANGER)
        assert lab.run.stop("router", signal.SIGTERM, seconds=30) == 0
        received = [each for each in one.until_closed() if each[0] not in (KEEPALIVE, UPDATE)]
    assert [(kind, body[:2]) for kind, body in received] == [(NOTIFICATION, bytes([CEASE, ADMINISTRATIVE_SHUTDOWN]))]
    assert links(lab) == {"lo", *(port.device for port in lab.topology.ports)}
    lab.router.start()
    lab.wait_for(SERVICE, set(lab.nodes))
    assert udp_nodes(lab, SERVICE, PORTS) == flows


def test_a_start_after_a_crash_works(lab):
    flows, before = udp_nodes(lab, SERVICE, PORTS), links(lab)
    lab.run.stop("router", signal.SIGKILL)
    lab.router.start()
    lab.wait_for(SERVICE, set(lab.nodes))
    assert udp_nodes(lab, SERVICE, PORTS) == flows
    assert links(lab) == before


def test_a_session_that_drops_takes_its_paths_with_it(lab):
    node = lab.nodes["node3"]
    node.speaker.stop()
    lab.wait_for(SERVICE, {"node1", "node2"})
    assert set(udp_nodes(lab, SERVICE, PORTS).values()) == {"node1", "node2"}
    node.speaker.start()
    lab.wait_for(SERVICE, set(lab.nodes))
    wait_until(lambda: all(sessions(lab).values()), "all sessions", SETTLE_SECONDS)


def test_the_log_says_what_a_configured_neighbor_lacks(lab):
    """The wrong AS beside the one that is configured, in one line; and an `import` that accepts anything."""
    wrong, no_import = STRANGERS[6:8]
    neighbors = "".join(f'\n[[neighbor]]\naddress = "{address}"\nremote_as = {NODE_ASN}\npassive = true\n'
                        for address in (wrong, no_import))  # fmt: skip

    def lines(address: str) -> list[str]:
        log = lab.run.log("router").read_text().splitlines()
        return [line.split(" ", 2)[2] for line in log if f" bgp: {address}: " in line]

    lab.router.config_file.write_text(lab.router.config() + neighbors)
    lab.router.ecmpctl("reload")
    with peer(lab, wrong) as one:
        one.send(open_message(65000, wrong))
        one.until_closed()
    refused = f"its AS is 65000, not {NODE_ASN} as configured; sent OPEN Message Error/Bad Peer AS (2/2)"
    assert lines(wrong) == [f"warn  bgp: {wrong}: incoming connection refused: {refused}"]
    with peer(lab, no_import) as one:
        one.establish(NODE_ASN, no_import)
        said = f"warn  bgp: {no_import}: no route is accepted from it: it has no `import` that accepts any (RFC 8212)"
        wait_until(lambda: said in lines(no_import), "the log to say so", 20)
    lab.router.config_file.write_text(lab.router.config())
    lab.router.ecmpctl("reload")
