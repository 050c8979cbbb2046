"""Asks the name service of a lab, flow by flow, which node serves it: the map from source port to node.

Sockets are opened in the client's namespace and used from here, so every flow is an ordinary packet from the client.
"""

import select
import socket
import struct
import time

from . import netns
from .echo import NAME_PORT
from .errors import LabError
from .lab import Lab
from .topology import CLIENT_ADDRESS, CLIENT_ADDRESS6

_AGAIN = 0.3  # seconds until an unanswered question is asked again


def _client(service: str) -> tuple[socket.AddressFamily, str]:
    """The family of a service, and the client's address in it."""
    return (socket.AF_INET6, CLIENT_ADDRESS6) if ":" in service else (socket.AF_INET, CLIENT_ADDRESS)


def udp_nodes(
    lab: Lab, service: str, ports: range, source: str | None = None, seconds: float = 20
) -> dict[int, str]:
    """Source port -> name of the node that answered. LabError if a flow stays unanswered."""
    family, client = _client(service)
    found: dict[int, str] = {}
    sockets = {}
    poller = select.epoll()
    try:
        with netns.inside(lab.client):
            for port in ports:
                sock = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
                sockets[sock.fileno()] = (sock, port)
                sock.bind((source or client, port))
                sock.connect((service, NAME_PORT))
                poller.register(sock, select.EPOLLIN)
        deadline = time.monotonic() + seconds
        ask = 0.0
        while len(found) < len(ports):
            now = time.monotonic()
            if now >= deadline:
                missing = sorted(set(ports) - set(found))
                raise LabError(f"{len(missing)} UDP flows to {service} got no answer, for one from port {missing[0]}")
            if now >= ask:
                ask = now + _AGAIN
                for sock, port in sockets.values():
                    if port not in found:
                        _quietly(sock.send, b"?")
            for fd, _ in poller.poll(0.05):
                sock, port = sockets[fd]
                answer = _quietly(sock.recv, 64)
                if answer:
                    found[port] = answer.decode()
    finally:
        poller.close()
        for sock, _ in sockets.values():
            sock.close()
    return found


def _quietly(call, argument: object) -> object:
    """An ICMP error or an empty socket is no answer, and no more than that."""
    try:
        return call(argument)
    except OSError:
        return None


def tcp_nodes(
    lab: Lab, service: str, ports: range, source: str | None = None, seconds: float = 20
) -> dict[int, str]:
    """The same over TCP: one connection from each port, reset when its node has told its name."""
    family, client = _client(service)
    found: dict[int, str] = {}
    for port in ports:
        with netns.inside(lab.client):
            sock = socket.socket(family, socket.SOCK_STREAM)
        with sock:
            # A reset leaves nothing behind that would keep the port from being used again.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("@ii", 1, 0))
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.settimeout(seconds)
            try:
                sock.bind((source or client, port))
                sock.connect((service, NAME_PORT))
                found[port] = sock.recv(64).decode()
            except OSError as error:
                raise LabError(f"TCP from port {port} to {service}: {error}") from None
    return found
