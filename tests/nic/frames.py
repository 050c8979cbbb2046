"""Frames for the devices under test: UDP of either family, and what they must look like one hop later."""
import ipaddress
import struct

ROUTER_LEFT = bytes.fromhex("525400000001")
CLIENT = bytes.fromhex("020000000102")


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


class Packet:
    """One datagram: `number` makes it unique, `flow` chooses its source port."""

    def __init__(self, family, number, flow, size):
        self.family, self.flow = family, flow
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
        return ROUTER_LEFT + CLIENT + self._ethertype() + self._ip(64)

    def damaged(self):
        """As sent, with an IPv4 header checksum that is wrong."""
        frame = bytearray(self.sent())
        frame[24] ^= 0x55
        return bytes(frame)

    def forwarded(self, member, router):
        """`member` and `router`: the MAC addresses of the last hop, to and from."""
        return member + router + self._ethertype() + self._ip(63)
