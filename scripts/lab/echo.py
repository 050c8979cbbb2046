"""The service on a node: echo (RFC 862, port 7) and the node's name (the form of RFC 865, port 17), TCP and UDP.

One process and one poller for thousands of connections. Run as `python3 -m lab.echo NAME ADDRESS...`.
"""

import resource
import select
import socket
import sys

from .control_line import ControlLine

ECHO_PORT = 7
NAME_PORT = 17
_BACKLOG = 4096


def _open(kind: socket.SocketKind, address: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((address, port))
    sock.setblocking(False)
    if kind == socket.SOCK_STREAM:
        sock.listen(_BACKLOG)
    return sock


class EchoServer:
    def __init__(self, name: str, addresses: list[str]):
        self.name = name.encode()
        self.poller = select.epoll()
        self.listeners: dict[int, tuple[socket.socket, int]] = {}
        self.datagrams: dict[int, tuple[socket.socket, int]] = {}
        self.connections: dict[int, socket.socket] = {}
        for address in addresses:
            for port in (ECHO_PORT, NAME_PORT):
                listener = _open(socket.SOCK_STREAM, address, port)
                # A UDP socket for each address: an answer must come from the address that was asked.
                datagram = _open(socket.SOCK_DGRAM, address, port)
                self.listeners[listener.fileno()] = (listener, port)
                self.datagrams[datagram.fileno()] = (datagram, port)
                self.poller.register(listener, select.EPOLLIN)
                self.poller.register(datagram, select.EPOLLIN)

    def handle(self, fd: int) -> None:
        connection = self.connections.get(fd)
        if connection is not None:
            self._echo(fd, connection)
        elif fd in self.listeners:
            self._accept(*self.listeners[fd])
        else:
            self._answer(*self.datagrams[fd])

    def _accept(self, listener: socket.socket, port: int) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return  # nobody more, or one that is gone already
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if port == NAME_PORT:
                connection.send(self.name)
            self.connections[connection.fileno()] = connection
            self.poller.register(connection, select.EPOLLIN)

    def _echo(self, fd: int, connection: socket.socket) -> None:
        try:
            data = connection.recv(4096)
            if data and connection.send(data) == len(data):
                return
        except OSError:
            pass
        # Closed, reset, or a peer that does not read what it asked for.
        del self.connections[fd]
        connection.close()

    def _answer(self, sock: socket.socket, port: int) -> None:
        while True:
            try:
                data, peer = sock.recvfrom(2048)
                sock.sendto(self.name if port == NAME_PORT else data, peer)
            except OSError:
                return


def main() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    server = EchoServer(sys.argv[1], sys.argv[2:])
    control = ControlLine()
    control.register(server.poller)
    control.send("ready")
    while True:
        for fd, _ in server.poller.poll():
            if fd != control.fd:
                server.handle(fd)
            elif "quit" in control.commands():
                return


if __name__ == "__main__":
    main()
