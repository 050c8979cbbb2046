"""The packets: what goes in, what must come out, and the pcap files (classic format, microseconds) in between.

Every flow is one IPv4/UDP frame of 60 bytes (64 on a wire, with its checksum); its number is the IP identification,
so that a frame that comes out tells which flow it belongs to.
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
_SENDER_MAC = bytes.fromhex("0200000000fe")
_FRAME = 60
_IP_LENGTH = _FRAME - 14
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


def make_flows(count: int, seed: int = 1) -> list[Flow]:
    """Any sender in 11/8, any host of NETWORK, any ports: the same flows for the same seed."""
    chance = random.Random(seed)
    network = NETWORK.rsplit(".", 1)[0]
    return [
        Flow(
            number,
            socket.inet_ntoa(struct.pack("!I", 11 << 24 | chance.randrange(1 << 24))),
            f"{network}.{chance.randrange(256)}",
            chance.randrange(1024, 65536),
            chance.randrange(1, 65536),
        )
        for number in range(count)
    ]


def _checksum(header: bytes) -> int:
    total = sum(struct.unpack(f"!{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(flow: Flow, to: bytes, sender: bytes = _SENDER_MAC, ttl: int = TTL) -> bytes:
    addresses = socket.inet_aton(flow.source) + socket.inet_aton(flow.destination)
    begin = struct.pack("!BBHHHBB", 0x45, 0, _IP_LENGTH, flow.number, 0, ttl, UDP)
    checksum = _checksum(begin + b"\0\0" + addresses)
    ip = begin + struct.pack("!H", checksum) + addresses
    udp = struct.pack("!HHHH", flow.sport, flow.dport, _IP_LENGTH - 20, 0)  # 0: no checksum (RFC 768)
    return (to + sender + b"\x08\x00" + ip + udp).ljust(_FRAME, b"\0")


def forwarded(flow: Flow, member: bytes, port: bytes) -> bytes:
    """The frame as a router must send it: from the port's MAC to the member's, TTL one less, checksum anew."""
    return frame(flow, member, port, TTL - 1)


def flow_number(ethernet: bytes) -> int:
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
