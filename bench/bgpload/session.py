"""One session with the router, held by the program that measures."""

import socket
import struct

from lab import netns

from . import node


class Session:
    def __init__(self, ns: str, address: str, router: str, asn: int):
        with netns.inside(ns):
            self.sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.sock.settimeout(60)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.bind((address, 0))
        self.sock.connect((router, 179))
        node.establish(self.sock, asn, address)

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def die(self) -> None:
        """With a reset: the router knows at once."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("@ii", 1, 0))
        self.sock.close()
