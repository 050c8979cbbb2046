"""A small Linux under qemu, all in software, with two network devices whose cables end here.

Each cable is a pair of UNIX datagram sockets, one frame a datagram: no privileges, no namespace, and a full receive
ring holds the sender back instead of losing frames. Link state is changed from outside, by qemu's monitor.
"""
import json
import pathlib
import queue
import re
import socket
import subprocess
import threading

import guest_image

MEMORY_MB = 1536
BOOT_SECONDS = 600
COMMAND_SECONDS = 300
CABLES = ("left", "right")
MACS = {"left": "52:54:00:00:00:01", "right": "52:54:00:00:00:02"}


class Cable:
    """Our end of one device's cable; what comes out goes to `inbox`, with the cable's name."""

    def __init__(self, folder, name, inbox):
        self.name = name
        self.ours, self.theirs = folder / f"{name}.test", folder / f"{name}.qemu"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket.bind(str(self.ours))
        self._inbox = inbox
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while True:
            try:
                frame = self._socket.recv(65536)
            except OSError:
                return
            if not frame:
                return
            self._inbox.put((self.name, frame))

    def send(self, frame):
        self._socket.sendto(frame, str(self.theirs))

    def close(self):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


class Guest:
    def __init__(self, folder, image, model):
        self.folder = pathlib.Path(folder)
        self.model = model
        self._inbox = queue.SimpleQueue()  # one for all cables, so that nobody waits at the wrong one
        self.cables = {name: Cable(self.folder, name, self._inbox) for name in CABLES}
        command = ["qemu-system-x86_64", "-machine", "q35,accel=tcg", "-cpu", "max", "-smp", "2", "-m", str(MEMORY_MB),
                   "-nodefaults", "-display", "none", "-no-reboot", "-kernel", str(guest_image.vmlinuz()), "-initrd",
                   str(image), "-append", "console=ttyS0 quiet panic=-1 mitigations=off",
                   "-serial", f"file:{self.folder}/console",
                   "-serial", f"unix:{self.folder}/commands,server=on,wait=off",
                   "-qmp", f"unix:{self.folder}/monitor,server=on,wait=off"]
        for slot, cable in enumerate(self.cables.values(), 4):
            command += ["-netdev", f"dgram,id={cable.name},local.type=unix,local.path={cable.theirs},"
                                   f"remote.type=unix,remote.path={cable.ours}",
                        "-device", f"{model},netdev={cable.name},id=nic-{cable.name},mac={MACS[cable.name]},"
                                   f"addr={slot:#x}"]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=open(self.folder / "qemu.err", "w"))
        try:
            self._commands = self._connect("commands", BOOT_SECONDS)
            self._monitor = self._connect("monitor", COMMAND_SECONDS).makefile("rw")
            self._monitor.readline()  # qemu's greeting
            self._qmp("qmp_capabilities")
            self._read = self._commands.makefile("r", newline="\n")
            if self._read.readline() != "ready\n":
                raise AssertionError(f"the guest did not boot:\n{self.console()}")
        except BaseException:
            self.close()
            raise

    @staticmethod
    def pci(cable):
        """The address of the device on a cable, in the guest."""
        return f"0000:00:{4 + CABLES.index(cable):02x}.0"

    def console(self):
        return "".join((self.folder / name).read_text(errors="replace") for name in ("console", "qemu.err"))

    def _connect(self, name, timeout):
        out = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        out.settimeout(timeout)
        while True:
            try:
                out.connect(str(self.folder / name))
                return out
            except (FileNotFoundError, ConnectionRefusedError):
                if self._process.poll() is not None:
                    raise AssertionError(f"qemu ended:\n{self.console()}") from None

    def _qmp(self, execute, **arguments):
        self._monitor.write(json.dumps({"execute": execute, "arguments": arguments}) + "\n")
        self._monitor.flush()
        while True:
            answer = json.loads(self._monitor.readline())
            if "event" not in answer:
                assert "return" in answer, answer
                return answer["return"]

    def receive(self, timeout):
        """The next frame that any cable carries, with the cable's name; raises queue.Empty."""
        return self._inbox.get(timeout=timeout)

    def driver(self, cable):
        """The kernel's driver of a device."""
        return self.run(f"basename $(readlink /sys/bus/pci/devices/{self.pci(cable)}/driver)").strip()

    def set_link(self, cable, up):
        self._qmp("set_link", name=f"nic-{cable}", up=up)

    def run(self, command, check=True):
        """A shell command in the guest: its output (both streams)."""
        assert "\n" not in command
        self._commands.sendall(f"{command}\n".encode())
        output = []
        while True:
            line = self._read.readline()
            if not line:
                raise AssertionError(f"the guest is gone, after {command}:\n{''.join(output)}{self.console()}")
            before, end, status = line.partition("\f")
            output.append(before)
            if end:
                break
        text = "".join(output)
        if check and int(re.match(r"\d+", status).group()) != 0:
            raise AssertionError(f"{command}: status {status}{text}\n{self.console()}")
        return text

    def write(self, path, text):
        self.run(f": > {path}")
        for line in text.splitlines():
            quoted = line.replace("'", "'\\''")
            self.run(f"printf '%s\\n' '{quoted}' >> {path}")

    def close(self):
        self._process.kill()
        self._process.wait()
        for cable in self.cables.values():
            cable.close()
