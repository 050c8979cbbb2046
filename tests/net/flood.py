"""Sends frames over and over until it is ended: `python3 flood.py DEVICE FILE`, one frame in hex a line."""

import socket
import sys


def main() -> None:
    device, path = sys.argv[1:]
    with open(path) as file:
        frames = [bytes.fromhex(line) for line in file]
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.bind((device, 0))
    while True:
        for frame in frames:
            try:
                sock.send(frame)
            except OSError:
                pass  # its queue is full


if __name__ == "__main__":
    main()
