"""UDP probes over a fixed set of flows, numbered, so that every lost one is known.

Connections of a node that left end with a reset and then send nothing; probes go on, and show on both occasions how
long the traffic of the leaving or returning node was away. Flow i has source port FIRST_PORT + i.
Run as `python3 -m lab.probe ADDRESS PORT FLOWS RATE LOG`. Probe n goes out on flow n % FLOWS; LOG receives its sending
time, CLOCK_REALTIME in ns, as the n-th little-endian 64-bit number. Commands: stop, quit.
"""

import select
import socket
import struct
import sys
import time

from .control_line import ControlLine

FIRST_PORT = 20000  # below the range that the kernel gives to connections
_TICK = 0.002  # seconds
_TIME = struct.Struct("<Q")
NUMBER = struct.Struct("!I")


def _sockets(target: tuple[str, int], flows: int) -> list[socket.socket]:
    made = []
    for flow in range(flows):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("", FIRST_PORT + flow))
        sock.connect(target)
        sock.setblocking(False)
        made.append(sock)
    return made


def main() -> None:
    address, port, flows, rate, path = sys.argv[1:]
    sockets = _sockets((address, int(port)), int(flows))
    control = ControlLine()
    poller = select.epoll()
    control.register(poller)
    for sock in sockets:
        poller.register(sock, select.EPOLLIN)
    by_fd = {sock.fileno(): sock for sock in sockets}
    with open(path, "wb") as log:
        started = time.monotonic()
        sent = 0
        control.send("ready")
        while True:
            for fd, _ in poller.poll(_TICK):
                if fd in by_fd:
                    _drain(by_fd[fd])
                    continue
                for command in control.commands():
                    if command == "quit":
                        return
                    if command == "stop":
                        log.flush()
                        control.send("stopped", sent=sent)
                        _wait_for_quit(control)
                        return
            due = int((time.monotonic() - started) * float(rate))
            while sent < due:
                log.write(_TIME.pack(time.time_ns()))
                try:
                    sockets[sent % len(sockets)].send(NUMBER.pack(sent))
                except OSError:
                    pass  # what does not leave does not arrive: the capture will miss it
                sent += 1


def _drain(sock: socket.socket) -> None:
    """Answers are read and forgotten; an ICMP error shows up here and is taken off the socket."""
    try:
        sock.recv(64)
    except OSError:
        pass


def _wait_for_quit(control: ControlLine) -> None:
    while control.open:
        select.select([control.fd], [], [])
        if "quit" in control.commands():
            return


if __name__ == "__main__":
    main()
