"""A BGP speaker by hand, for what no real daemon would send. RFC 4271, section 4."""

import socket
import struct

from lab import netns

OPEN, UPDATE, NOTIFICATION, KEEPALIVE = 1, 2, 3, 4
CEASE = 6
ADMINISTRATIVE_SHUTDOWN = 2  # RFC 4486
_MARKER = b"\xff" * 16


def message(kind: int, body: bytes = b"") -> bytes:
    return _MARKER + struct.pack("!HB", 19 + len(body), kind) + body


def capability(code: int, value: bytes) -> bytes:
    return struct.pack("!BB", code, len(value)) + value


MP_IPV6 = capability(1, struct.pack("!HBB", 2, 0, 1))  # RFC 4760
SENDS_PATH_IDS = capability(69, struct.pack("!HBB", 1, 1, 2))  # RFC 7911, IPv4 unicast


def graceful_restart(seconds: int) -> bytes:
    """RFC 4724: IPv4 unicast, whose forwarding state is always said to have survived."""
    return capability(64, struct.pack("!HHBB", seconds, 1, 1, 0x80))


def open_message(asn: int, router_id: str, hold: int = 90, more: tuple[bytes, ...] = ()) -> bytes:
    """With 4-octet ASN, IPv4 unicast and more capabilities, each in a parameter of its own."""
    capabilities = [capability(65, struct.pack("!I", asn)), capability(1, struct.pack("!HBB", 1, 0, 1)), *more]
    parameters = b"".join(struct.pack("!BB", 2, len(c)) + c for c in capabilities)
    body = struct.pack("!BHH4sB", 4, asn, hold, socket.inet_aton(router_id), len(parameters)) + parameters
    return message(OPEN, body)


class RawPeer:
    """One TCP connection to the router's port 179, from an address in a namespace."""

    def __init__(self, ns: str, source: str, router: str, seconds: float = 20):
        with netns.inside(ns):
            self.sock = socket.socket(socket.AF_INET6 if ":" in source else socket.AF_INET, socket.SOCK_STREAM)
        self.sock.settimeout(seconds)
        self.sock.bind((source, 0))
        self.sock.connect((router, 179))
        self._buffer = b""

    def __enter__(self) -> "RawPeer":
        return self

    def __exit__(self, *_exc) -> None:
        self.sock.close()

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def receive(self) -> tuple[int, bytes] | None:
        """The next message as (type, body); None when the router has closed."""
        while len(self._buffer) < 19 or len(self._buffer) < self._length():
            try:
                data = self.sock.recv(4096)
            except ConnectionResetError:
                data = b""
            if not data:
                return None
            self._buffer += data
        length = self._length()
        whole, self._buffer = self._buffer[:length], self._buffer[length:]
        return whole[18], whole[19:]

    def _length(self) -> int:
        return struct.unpack_from("!H", self._buffer, 16)[0]

    def establish(self, asn: int, router_id: str, more: tuple[bytes, ...] = ()) -> None:
        """OPEN, with more capabilities, and KEEPALIVE both ways."""
        self.send(open_message(asn, router_id, more=more))
        kind, _ = self.receive() or (0, b"")
        assert kind == OPEN, f"no OPEN but {kind}"
        self.send(message(KEEPALIVE))
        kind, _ = self.receive() or (0, b"")
        assert kind == KEEPALIVE, f"no KEEPALIVE but {kind}"

    def until_closed(self) -> list[tuple[int, bytes]]:
        """Every message until the router closes."""
        received = []
        while (one := self.receive()) is not None:
            received.append(one)
        return received
