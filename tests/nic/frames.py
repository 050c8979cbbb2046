"""Frames for the devices under test: UDP of either family, and what they must look like one hop later; ARP."""
import ipaddress
import struct

ROUTER_LEFT = bytes.fromhex("525400000001")
CLIENT = bytes.fromhex("020000000102")
TAG = b"\x81\x00"
ARP = b"\x08\x06"
PATIENCE = 60  # seconds; the guest is slow


def _sum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


def _header4(source, destination, number, length, ttl):
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + length, number & 0xffff, 0, ttl, 17, 0,
                         ipaddress.IPv4Address(source).packed, ipaddress.IPv4Address(destination).packed)
    return header[:10] + struct.pack("!H", ~_sum(header) & 0xffff) + header[12:]


def _header6(source, destination, length, hops):
    return struct.pack("!IHBB16s16s", 6 << 28, length, 17, hops, ipaddress.IPv6Address(source).packed,
                       ipaddress.IPv6Address(destination).packed)


def _tagged(tci):
    return b"" if tci is None else TAG + struct.pack("!H", tci)


def arp_request(sender, target, tci=None):
    addresses = CLIENT + ipaddress.IPv4Address(sender).packed + bytes(6) + ipaddress.IPv4Address(target).packed
    frame = b"\xff" * 6 + CLIENT + _tagged(tci) + ARP + struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + addresses
    return frame.ljust(60, b"\0")


def arp_answer(guest):
    """The next one on the left cable: to, from, tag, the address that is there."""
    while True:
        name, frame = guest.receive(PATIENCE)
        tci = struct.unpack("!H", frame[14:16])[0] if frame[12:14] == TAG else None
        rest = frame[12:] if tci is None else frame[16:]
        if name == "left" and rest[:2] == ARP and rest[8:10] == b"\0\2":
            assert rest[10:16] == frame[6:12], "the answer names another station than its sender"
            return frame[:6], frame[6:12], tci, str(ipaddress.IPv4Address(rest[16:20]))


class Packet:
    """One datagram: `number` makes it unique, `flow` chooses its source port; `tci` is that of its tag, if it has one."""

    def __init__(self, family, number, flow, size, tci=None):
        self.family, self.flow, self._tci = family, flow, tci
        payload = struct.pack("!I", number).ljust(size, b".")
        # No checksum for IPv4 (RFC 768); for IPv6 nobody on the way looks at it.
        udp = struct.pack("!HHHH", 1024 + flow, 53, 8 + len(payload), 0 if family == 4 else 1)
        self._body = udp + payload
        self._number = number

    def _ip(self, hops):
        if self.family == 4:
            return _header4("10.0.1.2", "203.0.113.10", self._number, len(self._body), hops) + self._body
        return _header6("fd00:1::2", "2001:db8::10", len(self._body), hops) + self._body

    def _ethertype(self):
        return b"\x08\x00" if self.family == 4 else b"\x86\xdd"

    def sent(self):
        return ROUTER_LEFT + CLIENT + _tagged(self._tci) + self._ethertype() + self._ip(64)

    def damaged(self):
        """As sent, with an IPv4 header checksum that is wrong."""
        frame = bytearray(self.sent())
        frame[24] ^= 0x55
        return bytes(frame)

    def forwarded(self, member, router, vlan=0):
        """`member` and `router`: the MAC addresses of the last hop, to and from. Priority and drop eligibility of a tag
        stay if there is one (IEEE 802.1Q section 6.9)."""
        tci = (self._tci or 0) & 0xf000 | vlan if vlan else None
        return member + router + _tagged(tci) + self._ethertype() + self._ip(63)
