"""A station on a link, frame by frame: sends what it likes and sees everything that comes in."""

import errno
import select
import socket
import time

from scapy.layers.inet import ICMP, IP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Packet

from lab import netns
from lab.errors import LabError
from lab.topology import FAR_DEVICE

_ETH_P_ALL = 3
_PACKET_OUTGOING = 4


class Wire:
    """The end of a link in a namespace. Use it as a context."""

    def __init__(self, ns: str, device: str = FAR_DEVICE):
        with netns.inside(ns):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
            self.sock.bind((device, _ETH_P_ALL))
        self.mac = ":".join(f"{byte:02x}" for byte in self.sock.getsockname()[4])
        self.sock.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)  # SO_RCVBUFFORCE
        self.sock.setblocking(False)
        self.seen: list[Packet] = []

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_exc) -> None:
        self.sock.close()

    def put(self, frame: bytes) -> None:
        """Waits for room: a frame that the sender's own queue lost would be no frame at all."""
        while True:
            try:
                self.sock.send(frame)
                return
            except OSError as error:
                if error.errno not in (errno.EAGAIN, errno.ENOBUFS):
                    raise
                select.select([], [self.sock], [], 0.1)

    def send(self, payload: Packet, dst: str) -> None:
        if ARP in payload:
            payload[ARP].hwsrc = self.mac  # scapy would take an address of the machine's own
        self.sock.send(bytes(Ether(src=self.mac, dst=dst) / payload))

    def drain(self) -> list[Packet]:
        """Everything that has come in until now."""
        while True:
            try:
                data, address = self.sock.recvfrom(65536)
            except BlockingIOError:
                return self.seen
            if address[2] != _PACKET_OUTGOING:
                self.seen.append(Ether(data))

    def ask(self, payload: Packet, dst: str, seconds: float = 10) -> Packet:
        """Sends a question and returns the first answer to it."""
        first = len(self.drain())
        self.send(payload, dst)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for frame in self.drain()[first:]:
                if _answers(frame, payload):
                    return frame
            select.select([self.sock], [], [], 0.1)
        raise LabError(f"no answer to {payload.summary()}")


def _answers(frame: Packet, question: Packet) -> bool:
    if ARP in question:
        return ARP in frame and frame[ARP].op == 2 and frame[ARP].psrc == question[ARP].pdst
    return (
        ICMP in frame
        and frame[ICMP].type == 0
        and frame[IP].src == question[IP].dst
        and (frame[ICMP].id, frame[ICMP].seq) == (question[ICMP].id, question[ICMP].seq)
    )
