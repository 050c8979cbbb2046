"""Many BGP speakers in one thread: each opens a session from an address of its own, announces, and answers KEEPALIVEs."""

import select
import socket
import struct
import time
from collections.abc import Callable

from lab import netns
from lab.errors import LabError
from raw_bgp import KEEPALIVE, NOTIFICATION, OPEN, SENDS_PATH_IDS, message, open_message


class Speaker:
    def __init__(self, address: str, updates: bytes, add_path: bool = False):
        self.address = address
        self.add_path = add_path
        self.updates = updates  # sent when the session is up
        self.sock: socket.socket | None = None
        self.greeted = self.established = False
        self.lost = 0  # sessions that the router ended
        self._buffer = b""
        self._unsent = b""

    def open(self, router: str) -> socket.socket:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        self.sock.bind((self.address, 0))
        self.sock.connect_ex((router, 179))
        self._buffer = self._unsent = b""
        self.greeted = self.established = False
        return self.sock

    def close(self) -> None:
        self.sock.close()
        self.sock, self.established = None, False

    def send(self, data: bytes) -> None:
        self._unsent += data
        self.flush()

    def flush(self) -> bool:
        """True when there is nothing left."""
        try:
            self._unsent = self._unsent[self.sock.send(self._unsent):] if self._unsent else b""
        except BlockingIOError:
            pass
        return not self._unsent

    def receive(self) -> bool:
        """False: the router has ended the session."""
        try:
            data = self.sock.recv(1 << 16)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self._buffer += data
        while len(self._buffer) >= 19 and len(self._buffer) >= (length := struct.unpack_from("!H", self._buffer, 16)[0]):
            kind, self._buffer = self._buffer[18], self._buffer[length:]
            if kind == NOTIFICATION:
                return False
            if kind in (OPEN, KEEPALIVE):
                self.send(message(KEEPALIVE))
            if kind == KEEPALIVE and not self.established:
                self.established = True
                self.send(self.updates)
        return bool(data)


class Swarm:
    def __init__(self, ns: str, router: str, asn: int, speakers: list[Speaker]):
        self.ns, self.router, self.asn, self.speakers = ns, router, asn, speakers
        self._poller = select.epoll()
        self._by_fd: dict[int, Speaker] = {}

    def connect(self, speakers: list[Speaker]) -> None:
        with netns.inside(self.ns):
            for speaker in speakers:
                sock = speaker.open(self.router)
                self._by_fd[sock.fileno()] = speaker
                self._poller.register(sock, select.EPOLLIN | select.EPOLLOUT)

    def disconnect(self, speakers: list[Speaker]) -> None:
        """A bare FIN, as nodes send it that are shut down."""
        for speaker in speakers:
            if speaker.sock is not None:
                self._forget(speaker)

    def _forget(self, speaker: Speaker) -> None:
        self._poller.unregister(speaker.sock)
        del self._by_fd[speaker.sock.fileno()]
        speaker.close()

    def run_until(self, condition: Callable[[], bool], what: str, seconds: float, every: float = 0.0) -> float:
        """Seconds until the condition, which is looked at after every event but not more often than asked for."""
        start = time.monotonic()
        looked = 0.0
        while True:
            now = time.monotonic()
            if now - looked >= every:
                if condition():
                    return now - start
                looked = now
            if now - start > seconds:
                down = [speaker.address for speaker in self.speakers if not speaker.established]
                lost = sum(speaker.lost for speaker in self.speakers)
                raise LabError(f"waited {seconds:g} s for {what}, in vain; {lost} sessions were lost, and are down: {down[:30]}")
            for fd, events in self._poller.poll(0.05):
                self._handle(self._by_fd[fd], events)

    def _handle(self, speaker: Speaker, events: int) -> None:
        if events & select.EPOLLOUT and not speaker.greeted:
            speaker.greeted = True
            speaker.send(open_message(self.asn, speaker.address, more=(SENDS_PATH_IDS,) if speaker.add_path else ()))
        if events & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR) and not speaker.receive():
            speaker.lost += 1
            self._forget(speaker)
            return
        wanted = select.EPOLLIN if speaker.flush() else select.EPOLLIN | select.EPOLLOUT
        self._poller.modify(speaker.sock, wanted)
