"""A node: one session with the router, that plays what was encoded before.

Runs as a process of its own, so that it costs the router nothing but its share of the machine. It says `up` when the
session is established and announces its first route; at each line from its input it plays the next file, and after the
last the first again; it holds the session until its input ends.
"""

import itertools
import socket
import struct
import sys
import threading
import time
from pathlib import Path

OPEN, KEEPALIVE = 1, 4
_MARKER = b"\xff" * 16


def _message(kind: int, body: bytes = b"") -> bytes:
    return _MARKER + struct.pack("!HB", 19 + len(body), kind) + body


def _open(asn: int, address: str) -> bytes:
    capabilities = struct.pack("!BBI", 65, 4, asn) + struct.pack("!BBHBB", 1, 4, 1, 0, 1)
    parameter = struct.pack("!BB", 2, len(capabilities)) + capabilities
    body = struct.pack("!BHH4sB", 4, asn, 240, socket.inet_aton(address), len(parameter)) + parameter
    return _message(OPEN, body)


def _receive(sock: socket.socket) -> int:
    def exactly(count: int) -> bytes:
        data = b""
        while len(data) < count:
            piece = sock.recv(count - len(data))
            if not piece:
                sys.exit("the router closed the session")
            data += piece
        return data

    header = exactly(19)
    exactly(struct.unpack_from("!H", header, 16)[0] - 19)
    return header[18]


def establish(sock: socket.socket, asn: int, address: str) -> None:
    sock.sendall(_open(asn, address))
    while _receive(sock) != OPEN:
        pass
    sock.sendall(_message(KEEPALIVE))
    while _receive(sock) != KEEPALIVE:
        pass


def _drain(sock: socket.socket) -> None:
    while sock.recv(1 << 16):
        pass


def _connect(router: str, port: int, address: str) -> socket.socket:
    """BIRD answers its control socket a moment before it listens."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return socket.create_connection((router, port), source_address=(address, 0), timeout=60)
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def main(address: str, router: str, port: str, asn: str, first: str, *files: str) -> None:
    plays = itertools.cycle([Path(file).read_bytes() for file in files])
    sock = _connect(router, int(port), address)
    establish(sock, int(asn), address)
    sock.settimeout(None)
    threading.Thread(target=_drain, args=(sock,), daemon=True).start()
    print("up", flush=True)
    sock.sendall(Path(first).read_bytes())
    for _ in sys.stdin:
        sock.sendall(next(plays))


if __name__ == "__main__":
    main(*sys.argv[1:])
