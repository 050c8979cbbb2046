"""UPDATE messages, encoded before anything is measured (RFC 4271 section 4.3)."""

import ipaddress
import struct
from collections.abc import Sequence

_MARKER = b"\xff" * 16
_ORIGIN_IGP = bytes([0x40, 1, 1, 0])
_WITHDRAWN_LENGTH_AT = 19


def hosts(first: str, count: int, step: int = 1) -> list[bytes]:
    """/32s as NLRI: `count` addresses from `first`, `step` apart."""
    start = int(ipaddress.IPv4Address(first))
    return [b"\x20" + struct.pack("!I", start + i * step) for i in range(count)]


def nlri(host: str) -> bytes:
    address, length = host.split("/")
    return bytes([int(length)]) + ipaddress.IPv4Address(address).packed


def text(nlri: bytes) -> str:
    return f"{ipaddress.IPv4Address(nlri[1:5])}/{nlri[0]}"


def _message(body: bytes) -> bytes:
    return _MARKER + struct.pack("!HB", len(body) + _WITHDRAWN_LENGTH_AT, 2) + body


def announcements(prefixes: Sequence[bytes], asn: int, nexthop: str, per_update: int) -> bytes:
    """Each UPDATE with `per_update` prefixes, the attributes those of a node that announces services."""
    as_path = struct.pack("!BBBBBI", 0x40, 2, 6, 2, 1, asn)
    next_hop = bytes([0x40, 3, 4]) + ipaddress.IPv4Address(nexthop).packed
    attributes = _ORIGIN_IGP + as_path + next_hop
    head = struct.pack("!HH", 0, len(attributes)) + attributes
    return b"".join(
        _message(head + b"".join(prefixes[i : i + per_update])) for i in range(0, len(prefixes), per_update)
    )


def withdrawals(prefixes: Sequence[bytes], per_update: int) -> bytes:
    def withdrawal(some: Sequence[bytes]) -> bytes:
        routes = b"".join(some)
        return _message(struct.pack("!H", len(routes)) + routes + struct.pack("!H", 0))

    return b"".join(withdrawal(prefixes[i : i + per_update]) for i in range(0, len(prefixes), per_update))
