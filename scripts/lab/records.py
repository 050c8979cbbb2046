"""One captured packet, as the captures write it and the analysis reads it."""

import struct
from typing import NamedTuple

TCP = 6
UDP = 17
FIN, SYN, RST, PSH = 0x01, 0x02, 0x04, 0x08

_LAYOUT = struct.Struct("<QIIHHBB2xI")


class Record(NamedTuple):
    time_ns: int  # CLOCK_REALTIME, by the kernel, on arrival
    src: int  # addresses in host byte order
    dst: int
    sport: int
    dport: int
    protocol: int
    flags: int  # TCP's; 0 for UDP
    number: int  # the first 32 bits of a UDP payload; 0 for TCP

    def pack(self) -> bytes:
        return _LAYOUT.pack(*self)

    @property
    def flow(self) -> tuple[int, int, int, int, int]:
        return (self.protocol, self.src, self.sport, self.dst, self.dport)


def read(path) -> list[Record]:
    with open(path, "rb") as file:
        data = file.read()
    whole = len(data) - len(data) % _LAYOUT.size
    return [Record._make(fields) for fields in _LAYOUT.iter_unpack(data[:whole])]
