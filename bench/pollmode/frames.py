"""The packets: what goes in, what must come out, and the pcap files (classic format, microseconds) in between.

Every flow is one UDP frame of 60 bytes in IPv4 and 62 in IPv6 (4 more on a wire, the frame's checksum); its number is
the IPv4 identification or the IPv6 flow label, so that a frame that comes out tells which flow it belongs to.
"""

import random
import socket
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

TTL = 64
UDP = 17
NETWORK = "198.51.100.0/24"
NETWORK6 = "2001:db8:100::/64"
_SENDER_MAC = bytes.fromhex("0200000000fe")
_IPV4, _IPV6 = b"\x08\x00", b"\x86\xdd"
_FRAME = 60
_IP_LENGTH = _FRAME - 14
_UDP_HEADER = 8
_PCAP_HEADER = struct.Struct("<IHHiIII")
_RECORD_HEADER = struct.Struct("<IIII")
_MAGIC = 0xA1B2C3D4
_ETHERNET = 1


@dataclass(frozen=True)
class Flow:
    number: int
    source: str
    destination: str
    sport: int
    dport: int

    @property
    def ipv6(self) -> bool:
        return ":" in self.source


def make_flows(count: int, seed: int = 1, ipv6: bool = False) -> list[Flow]:
    """Any sender in 11/8 or 2001:db8:b::/48, any host of the network, any ports: the same flows for the same seed."""
    chance = random.Random(seed)

    def source() -> str:
        if ipv6:
            return socket.inet_ntop(socket.AF_INET6, bytes.fromhex("20010db8000b") + chance.randbytes(10))
        return socket.inet_ntoa(struct.pack("!I", 11 << 24 | chance.randrange(1 << 24)))

    def destination() -> str:
        if ipv6:
            return socket.inet_ntop(socket.AF_INET6, bytes.fromhex("20010db801000000") + chance.randbytes(8))
        return f"{NETWORK.rsplit('.', 1)[0]}.{chance.randrange(256)}"

    return [
        Flow(number, source(), destination(), chance.randrange(1024, 65536), chance.randrange(1, 65536))
        for number in range(count)
    ]


def _checksum(header: bytes) -> int:
    total = sum(struct.unpack(f"!{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _frame6(flow: Flow, to: bytes, sender: bytes, hops: int) -> bytes:
    addresses = socket.inet_pton(socket.AF_INET6, flow.source) + socket.inet_pton(socket.AF_INET6, flow.destination)
    ip = struct.pack("!IHBB", 6 << 28 | flow.number, _UDP_HEADER, UDP, hops) + addresses
    udp = struct.pack("!HHH", flow.sport, flow.dport, _UDP_HEADER)
    checksum = _checksum(addresses + struct.pack("!II", _UDP_HEADER, UDP) + udp)
    return to + sender + _IPV6 + ip + udp + struct.pack("!H", checksum or 0xFFFF)


def frame(flow: Flow, to: bytes, sender: bytes = _SENDER_MAC, ttl: int = TTL) -> bytes:
    if flow.ipv6:
        return _frame6(flow, to, sender, ttl)
    addresses = socket.inet_aton(flow.source) + socket.inet_aton(flow.destination)
    begin = struct.pack("!BBHHHBB", 0x45, 0, _IP_LENGTH, flow.number, 0, ttl, UDP)
    checksum = _checksum(begin + b"\0\0" + addresses)
    ip = begin + struct.pack("!H", checksum) + addresses
    udp = struct.pack("!HHHH", flow.sport, flow.dport, _IP_LENGTH - 20, 0)  # 0: no checksum (RFC 768)
    return (to + sender + _IPV4 + ip + udp).ljust(_FRAME, b"\0")


def forwarded(flow: Flow, member: bytes, port: bytes) -> bytes:
    """The frame as a router must send it: from the port's MAC to the member's, TTL or hop limit one less, checksum anew."""
    return frame(flow, member, port, TTL - 1)


def flow_number(ethernet: bytes) -> int:
    if ethernet[12:14] == _IPV6:
        return struct.unpack_from("!I", ethernet, 14)[0] & 0xFFFFF
    return struct.unpack_from("!H", ethernet, 18)[0]


def write_pcap(path: Path, packets: Iterable[bytes]) -> None:
    with open(path, "wb") as file:
        file.write(_PCAP_HEADER.pack(_MAGIC, 2, 4, 0, 0, 65535, _ETHERNET))
        for packet in packets:
            file.write(_RECORD_HEADER.pack(0, 0, len(packet), len(packet)) + packet)


def read_pcap(path: Path) -> Iterator[bytes]:
    data = path.read_bytes()
    magic, *_, link = _PCAP_HEADER.unpack_from(data)
    if magic not in (_MAGIC, 0xA1B23C4D) or link != _ETHERNET:
        raise ValueError(f"{path}: not a pcap file of Ethernet frames")
    offset = _PCAP_HEADER.size
    while offset < len(data):
        *_, length, original = _RECORD_HEADER.unpack_from(data, offset)
        if length != original:
            raise ValueError(f"{path}: a frame of {original} bytes was cut to {length}")
        offset += _RECORD_HEADER.size
        yield data[offset : offset + length]
        offset += length
