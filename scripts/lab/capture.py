"""Captures what arrives at a node for the services: TCP with SYN, FIN, RST or PSH, and UDP.

PSH stands for data: every message of the client is one segment and carries it; bare ACKs do not. An AF_PACKET socket
with a filter in the kernel and a large buffer. A packet that the kernel had to drop would make the counts worthless, so
the drop counter is part of the report and the caller must look at it.
Run as `python3 -m lab.capture DEVICE NETWORK LOG`. Events: ready, progress (TCP flows seen), stopped. Commands: stop,
quit.
"""

import ctypes
import ipaddress
import select
import socket
import struct
import sys
import time

from .control_line import ControlLine
from .records import FIN, PSH, RST, SYN, TCP, UDP, Record

_ETH_P_IP = 0x0800
_SOL_PACKET, _PACKET_STATISTICS = 263, 6
_SO_ATTACH_FILTER, _SO_RCVBUFFORCE, _SO_TIMESTAMPNS = 26, 33, 35
_SNAP = 96
_BUFFER = 32 << 20
_TIMESPEC = struct.Struct("@qq")
_PORTS = struct.Struct("!HH")
_ADDRESSES = struct.Struct("!II")


def _filter(network: ipaddress.IPv4Network) -> bytes:
    """Classic BPF over an IPv4 header: each line is code, jump if true, jump if false, k."""
    program = [
        (0x20, 0, 0, 16),  # A = destination
        (0x54, 0, 0, int(network.netmask)),
        (0x15, 0, 7, int(network.network_address)),  # else drop
        (0x30, 0, 0, 9),  # A = protocol
        (0x15, 4, 0, UDP),  # accept
        (0x15, 0, 4, TCP),  # else drop
        (0xB1, 0, 0, 0),  # X = length of the IPv4 header
        (0x50, 0, 0, 13),  # A = TCP's flags
        (0x45, 0, 1, SYN | FIN | RST | PSH),  # else drop
        (0x06, 0, 0, _SNAP),  # accept
        (0x06, 0, 0, 0),  # drop
    ]
    return b"".join(struct.pack("@HBBI", *line) for line in program)


def open_capture(device: str, network: str) -> socket.socket:
    """A socket that yields IPv4 headers of matching packets that come in at the device of this namespace."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)  # protocol 0: nothing before the filter stands
    program = _filter(ipaddress.ip_network(network))
    code = ctypes.create_string_buffer(program, len(program))
    sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("@HP", len(program) // 8, ctypes.addressof(code)))
    sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
    sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    sock.bind((device, _ETH_P_IP))  # this one protocol: incoming packets only
    sock.setblocking(False)
    return sock


def parse(packet: bytes, time_ns: int) -> Record:
    """The filter let through TCP and UDP only, with whole headers."""
    start = (packet[0] & 0x0F) * 4
    protocol = packet[9]
    src, dst = _ADDRESSES.unpack_from(packet, 12)
    sport, dport = _PORTS.unpack_from(packet, start)
    flags = packet[start + 13] if protocol == TCP else 0
    payload = packet[start + 8 : start + 12] if protocol == UDP else b""
    number = int.from_bytes(payload, "big") if len(payload) == 4 else 0
    return Record(time_ns, src, dst, sport, dport, protocol, flags, number)


def receive(sock: socket.socket) -> Record | None:
    """The next captured packet, or None when there is none now."""
    try:
        packet, ancillary, _, _ = sock.recvmsg(_SNAP, 64)
    except BlockingIOError:
        return None
    time_ns = time.time_ns()
    for _, kind, data in ancillary:
        if kind == _SO_TIMESTAMPNS:
            seconds, nanoseconds = _TIMESPEC.unpack(data[:16])
            time_ns = seconds * 1_000_000_000 + nanoseconds
    return parse(packet, time_ns)


def dropped(sock: socket.socket) -> int:
    """Packets that the kernel could not keep for us since the last call."""
    return struct.unpack("@II", sock.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8))[1]


def main() -> None:
    device, network, path = sys.argv[1:]
    sock = open_capture(device, network)
    control = ControlLine()
    poller = select.epoll()
    control.register(poller)
    poller.register(sock, select.EPOLLIN)
    flows = set()
    next_progress = 0.0
    with open(path, "wb") as log:
        control.send("ready")
        while True:
            commands: list[str] = []
            for fd, _ in poller.poll(0.5):
                if fd == control.fd:
                    commands = control.commands()
            while (record := receive(sock)) is not None:
                log.write(record.pack())
                if record.protocol == TCP:
                    flows.add((record.src, record.sport))
            if "quit" in commands or not control.open:
                return
            if "stop" in commands:
                log.flush()
                control.send("stopped", dropped=dropped(sock))
            now = time.monotonic()
            if now >= next_progress:
                next_progress = now + 0.5
                control.send("progress", flows=len(flows))


if __name__ == "__main__":
    main()
