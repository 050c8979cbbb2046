"""A VLAN interface for kernels that have none: `python3 vlan_tap.py DEVICE ID NAME` makes a TAP interface NAME whose
frames are those of DEVICE with the tag ID, says "ready", and works until its standard input ends."""

import contextlib
import fcntl
import os
import select
import socket
import struct
import subprocess
import sys

_ETH_P_ALL = 3
_PACKET_OUTGOING = 4
_SOL_PACKET, _PACKET_AUXDATA = 263, 8
_VLAN_VALID = 1 << 4  # of struct tpacket_auxdata: status, length, snapped, mac, net, tci, tpid
_AUXDATA = struct.Struct("IIIHHHH")
_TUNSETIFF, _IFF_TAP, _IFF_NO_PI = 0x400454CA, 2, 0x1000


def open_tap(name: str) -> int:
    tap = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tap, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TAP | _IFF_NO_PI))
    return tap


def open_wire(device: str) -> socket.socket:
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
    wire.setsockopt(_SOL_PACKET, _PACKET_AUXDATA, 1)
    wire.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)  # SO_RCVBUFFORCE
    wire.bind((device, _ETH_P_ALL))
    return wire


def tci_of(ancillary: list) -> int | None:
    """Priority, drop eligibility and identifier of the tag; None without one."""
    for level, kind, data in ancillary:
        if (level, kind) == (_SOL_PACKET, _PACKET_AUXDATA):
            status, _, _, _, _, tci, _ = _AUXDATA.unpack(data[: _AUXDATA.size])
            return tci if status & _VLAN_VALID else None
    return None


def tag_of(ancillary: list) -> int | None:
    tci = tci_of(ancillary)
    return None if tci is None else tci & 0xFFF


def main() -> None:
    device, vlan, name = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    tap, wire = open_tap(name), open_wire(device)
    mac = ":".join(f"{byte:02x}" for byte in wire.getsockname()[4])
    subprocess.run(["ip", "link", "set", name, "address", mac, "up"], check=True)
    print("ready", flush=True)
    tag = struct.pack("!HH", 0x8100, vlan)
    while True:
        ready, _, _ = select.select([tap, wire, sys.stdin], [], [])
        if sys.stdin in ready:
            return
        if wire in ready:
            try:
                frame, ancillary, _, address = wire.recvmsg(65536, 256)
            except OSError:  # the interface went down
                continue
            if address[2] != _PACKET_OUTGOING and tag_of(ancillary) == vlan:
                os.write(tap, frame)
        if tap in ready:
            frame = os.read(tap, 65536)
            with contextlib.suppress(OSError):
                wire.send(frame[:12] + tag + frame[12:])


if __name__ == "__main__":
    main()
