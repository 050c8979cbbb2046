"""Datagrams by the left cable into the router, and every frame that comes out compared with what it must be."""
import queue
from typing import NamedTuple

import daemon
import frames
from guest import MACS

WINDOW = 64      # packets on their way at once: no device's ring is smaller
FLOWS = 200
LARGEST = 1452   # bytes of payload: an IPv6 packet of 1,500 bytes
ROUTER = {name: bytes.fromhex(mac.replace(":", "")) for name, mac in MACS.items()}


class Member(NamedTuple):
    """Of the service, by the name of its port."""
    cable: str
    mac: bytes
    addresses: tuple
    vlan: int = 0


def _is_ours(frame):
    """What the guest's own kernel says is no UDP to port 53."""
    ip = frame[18:] if frame[12:14] == frames.TAG else frame[14:]
    return b"\0\x35" in (ip[22:24], ip[42:44])


def _next_udp(guest):
    while True:
        try:
            name, frame = guest.receive(frames.PATIENCE)
        except queue.Empty:
            raise AssertionError("no frame came out") from None
        if _is_ours(frame):
            return name, frame


def carry(guest, members, count, tags=(None,)):
    """Sends packets, with one tag after the other, and gives for each flow the member that it took."""
    taken = {}
    waiting = {}
    for number in range(count):
        family, flow = (4, 6)[number % 4 == 3], number % FLOWS
        tag = tags[number // FLOWS % len(tags)]  # the same flows with each
        packet = frames.Packet(family, number, flow, 18 + number * 7 % (LARGEST - 17), tag)
        for name, member in members.items():
            waiting[packet.forwarded(member.mac, ROUTER[member.cable], member.vlan)] = (name, packet)
        guest.cables["left"].send(packet.sent())
        if len(waiting) == len(members) * WINDOW or number == count - 1:
            _collect(guest, members, waiting, taken)
    return taken


def _collect(guest, members, waiting, taken):
    while waiting:
        try:
            cable, frame = _next_udp(guest)
        except AssertionError as error:
            raise AssertionError(f"{error}; {len(waiting) // len(members)} of {WINDOW} are missing\n" +
                                 guest.run(daemon.STATE)) from None
        assert frame in waiting, f"nobody expected this frame on the {cable} cable: {frame.hex()}"
        name, packet = waiting[frame]
        assert members[name].cable == cable
        for member in members.values():
            del waiting[packet.forwarded(member.mac, ROUTER[member.cable], member.vlan)]
        assert taken.setdefault((packet.family, packet.flow), name) == name, "a flow has changed its member"
