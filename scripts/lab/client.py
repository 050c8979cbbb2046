"""The client: many TCP connections to one service, a small echo on each of them every interval.

Turns go round evenly in time, so a thousand connections at one echo a second make one packet a millisecond, not a
burst a second. A connection is broken by a reset or a close, or when an echo is not back in time; it is never reopened.
Run as `python3 -m lab.client ADDRESS PORT CONNECTIONS INTERVAL TIMEOUT RATE`.
Events: progress (twice a second), connected (all tried), flows (after `report`). Commands: stop, report, quit.
"""

import errno
import resource
import select
import socket
import struct
import sys
import time

from .control_line import ControlLine

_TICK = 0.005  # seconds
_MESSAGE = struct.Struct("!IIQ")  # connection, round, padding


class Connection:
    __slots__ = ("sock", "port", "opened", "established", "sent_at", "round", "broken", "broken_ns")

    def __init__(self, sock: socket.socket, now: float):
        self.sock = sock
        self.port = 0
        self.opened = now
        self.established = False
        self.sent_at = 0.0  # of the echo that is under way; 0: none is
        self.round = 0
        self.broken = ""
        self.broken_ns = 0


class Client:
    def __init__(self, target: tuple[str, int], count: int, interval: float, timeout: float, rate: float):
        self.target = target
        self.count = count
        self.interval = interval
        self.timeout = timeout
        self.rate = rate
        self.poller = select.epoll()
        self.by_fd: dict[int, int] = {}
        self.connections: list[Connection] = []
        self.open = 0
        self.broken = 0
        self.echoes = 0
        self.turns = 0
        self.sending = True
        self.started = time.monotonic()
        self.first_turn = 0.0

    # Opening

    def open_some(self, now: float) -> None:
        due = min(self.count, int((now - self.started) * self.rate))
        while len(self.connections) < due:
            sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = Connection(sock, now)
            error = sock.connect_ex(self.target)
            self.by_fd[sock.fileno()] = len(self.connections)
            self.connections.append(connection)
            connection.port = sock.getsockname()[1]
            if error not in (0, errno.EINPROGRESS):
                self._break(connection, errno.errorcode.get(error, str(error)))
            else:
                self.poller.register(sock, select.EPOLLIN | select.EPOLLOUT)

    def all_tried(self, now: float) -> bool:
        """Every connection was opened, and is established or broken."""
        if len(self.connections) < self.count:
            return False
        for connection in self.connections:
            if not connection.established and not connection.broken:
                if now - connection.opened < 2 * self.timeout:  # a lost SYN comes again after 1 and 3 s
                    return False
                self._break(connection, "no answer to SYN")
        return True

    # Talking

    def take_turns(self, now: float) -> None:
        """Sends on every connection whose turn has come."""
        if not self.sending or not self.connections:
            return
        if not self.first_turn:
            self.first_turn = now
        due = int((now - self.first_turn) * self.count / self.interval)
        if due - self.turns > self.count:
            self.turns = due - self.count  # we were held up: no burst of missed turns
        while self.turns < due:
            index = self.turns % self.count
            self.turns += 1
            if index < len(self.connections):
                self._turn(index, self.connections[index], now)

    def _turn(self, index: int, connection: Connection, now: float) -> None:
        if connection.broken or not connection.established:
            return
        if connection.sent_at:
            if now - connection.sent_at > self.timeout:
                self._break(connection, "no echo")
            return
        connection.round += 1
        try:
            connection.sock.send(_MESSAGE.pack(index, connection.round, 0))
            connection.sent_at = now
        except OSError as error:
            self._break(connection, errno.errorcode.get(error.errno, "send"))

    def handle(self, fd: int, events: int) -> None:
        index = self.by_fd.get(fd)
        if index is None:
            return
        connection = self.connections[index]
        if not connection.established:
            error = connection.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if error:
                self._break(connection, errno.errorcode.get(error, str(error)))
                return
            connection.established = True
            self.open += 1
            self.poller.modify(fd, select.EPOLLIN)
        if events & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR):
            self._receive(index, connection)

    def _receive(self, index: int, connection: Connection) -> None:
        try:
            data = connection.sock.recv(4096)
        except BlockingIOError:
            return
        except OSError as error:
            self._break(connection, errno.errorcode.get(error.errno, "receive"))
            return
        if not data:
            self._break(connection, "closed")
        elif data != _MESSAGE.pack(index, connection.round, 0):
            self._break(connection, "wrong echo")
        else:
            connection.sent_at = 0.0
            self.echoes += 1

    def _break(self, connection: Connection, reason: str) -> None:
        connection.broken = reason
        connection.broken_ns = time.time_ns()
        self.broken += 1
        self.open -= connection.established
        del self.by_fd[connection.sock.fileno()]
        connection.sock.close()  # and the poller forgets it

    def flows(self) -> list[dict]:
        """`round`: of the echo that was sent last; those before it are back."""
        return [
            {"port": c.port, "established": c.established, "broken": c.broken, "broken_ns": c.broken_ns, "round": c.round}
            for c in self.connections
        ]


def main() -> None:
    address, port, count, interval, timeout, rate = sys.argv[1:]
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    client = Client((address, int(port)), int(count), float(interval), float(timeout), float(rate))
    control = ControlLine()
    control.register(client.poller)
    connected = False
    next_progress = 0.0
    while True:
        for fd, events in client.poller.poll(_TICK):
            if fd != control.fd:
                client.handle(fd, events)
                continue
            for command in control.commands():
                if command == "quit":
                    return
                if command == "stop":
                    client.sending = False
                elif command == "report":
                    control.send("flows", flows=client.flows())
        now = time.monotonic()
        client.open_some(now)
        client.take_turns(now)
        if not connected and client.all_tried(now):
            connected = True
            control.send("connected", open=client.open)
        if now >= next_progress:
            next_progress = now + 0.5
            counts = {"open": client.open, "broken": client.broken, "echoes": client.echoes}
            control.send("progress", **counts, rounds=client.turns // client.count)


if __name__ == "__main__":
    main()
