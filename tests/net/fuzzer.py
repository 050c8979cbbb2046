"""Frames to trouble a router with: random bytes, valid packets with bytes changed, and packets made by grammar.

All from one seed. The addresses are those of the packet cases' world (world.h).
"""

import ipaddress
import random
import struct

ETHERTYPES = (0x0800, 0x0800, 0x86DD, 0x86DD, 0x0806, 0x8100, 0x88A8, 0x8847, 0x88CC, 0x0026)
PROTOCOLS = (0, 1, 4, 6, 17, 33, 41, 43, 44, 47, 50, 51, 58, 59, 60, 132, 135, 253, 255)
EXTENSIONS = (0, 43, 44, 51, 60, 135)
SOURCES4 = ("10.0.9.2", "10.0.1.11", "10.0.0.99", "203.0.113.10", "8.8.8.8", "127.0.0.1", "0.0.0.0", "224.0.0.1",
            "255.255.255.255", "10.0.0.1", "10.0.1.255")  # fmt: skip
TARGETS4 = ("203.0.113.10", "203.0.114.10", "198.51.100.1", "198.18.0.1", "192.0.2.1", "10.0.9.2", "10.0.1.77", "10.0.0.1",
            "10.0.3.1", "10.0.1.255", "8.8.8.8", "224.0.0.5", "255.255.255.255", "127.0.0.1")  # fmt: skip
SOURCES6 = ("2001:db8:9::2", "fd00:1::11", "fd00::99", "2001:db8:113::10", "fe80::9", "::", "::1", "ff02::1", "fd00::1")
TARGETS6 = ("2001:db8:113::10", "2001:db8:51::1", "2001:db8:4::1", "2001:db8:2::1", "2001:db8:9::2", "fd00:1::77",
            "fd00::1", "fd00:3::1", "fe80::ff:fe00:1000", "fe80::77", "ff02::1", "ff02::1:ff00:1", "ff0e::1", "::1",
            "2001:db8:ffff::1")  # fmt: skip


def _addresses(texts: tuple[str, ...]) -> list[bytes]:
    return [ipaddress.ip_address(text).packed for text in texts]


def checksum(data: bytes) -> int:
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return (total + (total >> 16) ^ 0xFFFF) & 0xFFFF


class Fuzzer:
    """frame(port) gives the next frame for a port; `samples` are valid frames to spoil."""

    def __init__(self, seed: int, macs: list[bytes], samples: list[bytes], longest: list[int]):
        self.rng = random.Random(seed)
        self.macs = macs
        self.samples = samples
        self.longest = longest  # by port: bytes of a frame
        self.sources4, self.targets4 = _addresses(SOURCES4), _addresses(TARGETS4)
        self.sources6, self.targets6 = _addresses(SOURCES6), _addresses(TARGETS6)

    def frame(self, port: int) -> bytes:
        kind = self.rng.random()
        if kind < 0.1:
            data = self.rng.randbytes(self._length(self.longest[port]))
            data = self._ethernet(port, self.rng.choice(ETHERTYPES)) + data if self.rng.random() < 0.8 else data
        elif kind < 0.4:
            data = self._spoiled(port)
        elif kind < 0.65:
            data = self._ethernet(port, 0x0800) + self._ipv4(0)
        elif kind < 0.9:
            data = self._ethernet(port, 0x86DD) + self._ipv6(0)
        else:
            data = self._discovery(port)
        if self.rng.random() < 0.05:
            data = data[: self.rng.randrange(14, max(15, len(data)))]
        data = data[: self.longest[port]].ljust(14, b"\0")
        # The kernel itself throws a tag away that is cut, and sends nothing without a whole Ethernet header.
        return data.ljust(20, b"\0") if data[12:14] in (b"\x81\x00", b"\x88\xa8") else data

    def _length(self, most: int) -> int:
        return self.rng.randrange(1, self.rng.choice((64, 256, most)))

    def _ethernet(self, port: int, ethertype: int) -> bytes:
        draw = self.rng.random()
        if draw < 0.95:
            to = self.macs[port]
        elif draw < 0.98:
            to = self.rng.choice((b"\xff" * 6, b"\x33\x33\0\0\0\1", b"\1\0\x5e\0\0\1"))
        else:
            to = self.rng.randbytes(6)
        return to + b"\2\0\0\0\x20\x63" + struct.pack("!H", ethertype)

    def _spoiled(self, port: int) -> bytes:
        data = bytearray(self.rng.choice(self.samples))
        data[0:6] = self.macs[port]
        for _ in range(self.rng.choice((0, 1, 1, 2, 3, 8))):
            data[self.rng.randrange(12, len(data))] = self.rng.choice((0, 1, 0x7F, 0x80, 0xFF, self.rng.randrange(256)))
        if len(data) >= 34 and data[12:14] == b"\x08\x00" and self.rng.random() < 0.7:
            self._mend(data, 14)
        return bytes(data)

    def _mend(self, data: bytearray, at: int) -> None:
        """Makes an IPv4 header checksum right, so that what is spoiled gets further."""
        header = data[at : at + max(20, (data[at] & 15) * 4)]
        header[10:12] = bytes(2)
        data[at + 10 : at + 12] = struct.pack("!H", checksum(bytes(header)))

    def _payload(self, protocol: int, depth: int) -> bytes:
        rng = self.rng
        if protocol in (1, 58) and depth < 3 and rng.random() < 0.7:
            quoted = self._ipv4(depth + 1) if (protocol == 1) == (rng.random() < 0.95) else self._ipv6(depth + 1)
            return bytes([rng.choice((0, 1, 2, 3, 4, 5, 8, 11, 12, 128, 129, 133, 135, 136, 137)), rng.randrange(6)]) \
                + rng.randbytes(6) + quoted[: rng.randrange(len(quoted) + 1)]  # fmt: skip
        if protocol == 4 and depth < 3:
            return self._ipv4(depth + 1)
        if protocol == 41 and depth < 3:
            return self._ipv6(depth + 1)
        if protocol == 47 and depth < 3:
            return rng.randbytes(2) + b"\x08\0" + self._ipv4(depth + 1)
        if protocol in (6, 17) and rng.random() < 0.5:
            return struct.pack("!HH", rng.choice((179, 4789, 53, rng.randrange(65536))), rng.choice((179, 4789, 80))) \
                + rng.randbytes(self._length(200))  # fmt: skip
        return rng.randbytes(rng.choice((0, 1, 3, 8, 20, self._length(1600), self._length(8900))))

    def _ipv4(self, depth: int) -> bytes:
        rng = self.rng
        protocol = rng.choice(PROTOCOLS)
        options = rng.randbytes(4 * rng.choice((0, 0, 0, 1, 2, 10)))
        payload = self._payload(protocol, depth)
        length = 20 + len(options) + len(payload)
        if rng.random() < 0.05:
            length = rng.randrange(65536)
        flags = rng.choice((0, 0, 0, 0x4000, 0x2000, rng.randrange(65536)))
        header = bytearray(
            struct.pack("!BBHHHBBH", 0x45 + len(options) // 4, rng.randrange(256), min(length, 65535), rng.randrange(65536),
                        flags, rng.choice((0, 1, 2, 64, 255)), protocol, 0)
            + rng.choice(self.sources4 if rng.random() < 0.3 else self.sources4[:4])
            + rng.choice(self.targets4)
            + options
        )  # fmt: skip
        if rng.random() < 0.02:
            header[0] = rng.randrange(256)
        if rng.random() < 0.97:
            self._mend(header, 0)
        return bytes(header) + payload

    def _ipv6(self, depth: int) -> bytes:
        rng = self.rng
        protocol = rng.choice(PROTOCOLS)
        payload = self._payload(protocol, depth)
        following = protocol
        for _ in range(rng.choice((0, 0, 1, 2, 3, 9))):
            kind = rng.choice(EXTENSIONS)
            extra = rng.choice((0, 0, 0, 1, 7, rng.randrange(256)))
            body = rng.randbytes(6) if kind != 44 else struct.pack("!HI", rng.choice((0, 1, 8, 0xFFF8)), 9)
            size = 8 if kind == 44 else (extra + 1) * 8
            written = rng.randrange(256) if rng.random() < 0.05 else extra
            payload = bytes([following, 0 if kind == 44 else written]) + body.ljust(size - 2, b"\0") + payload
            following = kind
        length = rng.randrange(65536) if rng.random() < 0.05 else min(len(payload), 65535)
        first = 0x60000000 if rng.random() < 0.98 else rng.randrange(1 << 32)
        return (
            struct.pack("!IHBB", first | rng.randrange(1 << 20), length, following, rng.choice((0, 1, 2, 64, 255)))
            + rng.choice(self.sources6 if rng.random() < 0.3 else self.sources6[:4])
            + rng.choice(self.targets6)
            + payload
        )

    def _discovery(self, port: int) -> bytes:
        """ARP and neighbor discovery, mostly wrong; never in the name of a host that is known."""
        rng = self.rng
        if rng.random() < 0.5:
            body = struct.pack("!HHBBH", rng.choice((1, 1, 6)), rng.choice((0x0800, 0x86DD)), 6, 4, rng.randrange(5))
            body += rng.randbytes(6) + bytes([10, 0, port, rng.randrange(100, 200)])
            body += rng.randbytes(6) + bytes([10, 0, port, rng.choice((1, 2, 77))])
            if rng.random() < 0.1:
                body = body[: rng.randrange(len(body))]
            return self._ethernet(port, 0x0806)[:12] + b"\x08\x06" + body
        source = bytes.fromhex("fe80000000000000") + rng.randbytes(8) if rng.random() < 0.8 else bytes(16)
        target = rng.choice(self.targets6[8:13])
        icmp = bytes([rng.choice((133, 134, 135, 136, 137)), 0, 0, 0]) + rng.randbytes(4)
        icmp += bytes.fromhex("fe80000000000000") + rng.randbytes(8)
        icmp += bytes([rng.choice((1, 2, 3, 5)), rng.choice((0, 1, 1, 4, 255))]) + rng.randbytes(6)
        header = struct.pack("!IHBB", 0x60000000, len(icmp), 58, rng.choice((255, 255, 255, 64)))
        pseudo = source + target + struct.pack("!II", len(icmp), 58)
        if rng.random() < 0.8:
            icmp = icmp[:2] + struct.pack("!H", checksum(pseudo + icmp)) + icmp[4:]
        return self._ethernet(port, 0x86DD) + header + source + target + icmp
