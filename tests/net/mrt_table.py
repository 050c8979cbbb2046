"""A table of routes as an Internet router would dump it, made up from a seed: an MRT file TABLE_DUMP_V2 (RFC 6396, 4.3).

Lengths are spread as in the tables of route collectors, and many prefixes share a set of attributes.
"""

import ipaddress
import random
import struct
from dataclasses import dataclass
from pathlib import Path

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_TABLE_DUMP_V2 = 13
_PEER_INDEX_TABLE, _RIB_IPV4_UNICAST, _RIB_IPV6_UNICAST = 1, 2, 4
_WHEN = 1700000000  # of the dump, and of every route of it

# Length -> how many of a thousand prefixes.
LENGTHS = {
    4: {24: 600, 22: 115, 23: 100, 21: 50, 20: 45, 19: 26, 18: 14, 16: 14, 17: 8, 15: 3, 14: 2, 13: 1, 12: 1, 25: 5, 28: 4,
        32: 12},
    6: {48: 470, 32: 120, 44: 100, 40: 90, 36: 70, 29: 50, 47: 30, 46: 25, 33: 15, 34: 10, 64: 10, 128: 10},
}  # fmt: skip


@dataclass(frozen=True)
class Attributes:
    as_path: tuple[int, ...]
    med: int | None
    communities: tuple[str, ...]

    def encoded(self, nexthop: str) -> bytes:
        """RFC 4271, 4.3, with AS numbers of four octets. MP_REACH_NLRI begins with its family, as GoBGP reads and writes it;
        RFC 6396, 4.3.4, leaves it the nexthop only."""
        path = struct.pack(f"!BB{len(self.as_path)}I", 2, len(self.as_path), *self.as_path)
        hop = ipaddress.ip_address(nexthop).packed
        out = [_attribute(0x40, 1, b"\0"), _attribute(0x40, 2, path)]
        out += [_attribute(0x40, 3, hop)] if len(hop) == 4 else []
        out += [_attribute(0x80, 4, struct.pack("!I", self.med))] if self.med is not None else []
        pairs = [struct.pack("!HH", *map(int, one.split(":"))) for one in self.communities]
        out += [_attribute(0xC0, 8, b"".join(pairs))] if pairs else []
        out += [_attribute(0x80, 14, struct.pack("!HBB", 2, 1, len(hop)) + hop + b"\0")] if len(hop) == 16 else []
        return b"".join(out)


def _attribute(flags: int, kind: int, value: bytes) -> bytes:
    return struct.pack("!BBB", flags, kind, len(value)) + value


def attribute_sets(count: int, chance: random.Random) -> list[Attributes]:
    sets: set[Attributes] = set()
    while len(sets) < count:
        sets.add(
            Attributes(
                tuple(chance.randrange(65537, 400000) for _ in range(chance.randint(1, 7))),
                chance.choice((None, 0, 10, 100)),
                tuple(sorted({f"{chance.randint(1, 64000)}:{chance.randrange(65536)}" for _ in range(chance.randrange(6))})),
            )
        )
    return sorted(sets, key=repr)


def _address(version: int, chance: random.Random) -> int:
    """One that is somebody's: none of ours, no loopback, no multicast."""
    if version == 6:
        return chance.randrange(0x2001 << 112, 0x2C10 << 112)
    while (first := chance.randrange(1, 224)) in (10, 127):
        pass
    return first << 24 | chance.randrange(1 << 24)


def prefixes(version: int, count: int, chance: random.Random) -> list[Network]:
    lengths, weights = zip(*LENGTHS[version].items(), strict=True)
    make, bits = (ipaddress.IPv4Network, 32) if version == 4 else (ipaddress.IPv6Network, 128)
    found: set[tuple[int, int]] = set()
    while len(found) < count:
        for length in chance.choices(lengths, weights, k=count - len(found)):
            host = bits - length
            found.add((_address(version, chance) >> host << host, length))
    # As routers dump them; a set has no order of its own that another run would repeat.
    return [make(one) for one in sorted(found)]


def write(path: Path, routes: list[tuple[Network, Attributes]], peer: str, asn: int, nexthop: str) -> None:
    """A file of routes from one peer; of one family, with a nexthop of that."""
    peers = ipaddress.ip_address(peer).packed + struct.pack("!HH", 0, 1)
    peers += b"\x02" + ipaddress.ip_address(peer).packed * 2 + struct.pack("!I", asn)  # an IPv4 peer, its AS in four octets
    encoded = {one: one.encoded(nexthop) for one in {attributes for _, attributes in routes}}
    with path.open("wb") as file:
        file.write(_record(_PEER_INDEX_TABLE, peers))
        for sequence, (prefix, attributes) in enumerate(routes):
            data = encoded[attributes]
            octets = prefix.network_address.packed[: (prefix.prefixlen + 7) // 8]
            entry = struct.pack("!HIH", 0, _WHEN, len(data)) + data
            head = struct.pack("!IB", sequence, prefix.prefixlen) + octets + struct.pack("!H", 1)
            file.write(_record(_RIB_IPV4_UNICAST if prefix.version == 4 else _RIB_IPV6_UNICAST, head + entry))


def _record(subtype: int, body: bytes) -> bytes:
    return struct.pack("!IHHI", _WHEN, _TABLE_DUMP_V2, subtype, len(body)) + body
