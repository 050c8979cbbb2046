"""The two BGP speakers, each in a namespace of its own, with a veth to a namespace where the nodes are."""

import re
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab import api, netns
from lab.errors import LabError
from lab.programs import built, installed
from lab.run import Run
from lab.wait import wait_until

ROUTER, ROUTER_ASN, NODE_ASN = "10.200.0.1", 64500, 64512


@dataclass(frozen=True)
class Node:
    address: str  # of its session
    nexthop: str


def nodes(count: int) -> list[Node]:
    return [Node(f"10.200.0.{11 + i}", f"10.200.0.{111 + i}") for i in range(count)]


@dataclass(frozen=True)
class Memory:
    """Resident, in bytes; without hugepages and files."""

    now: int
    peak: int


class Speaker:
    """`process` is set by a subclass."""

    name = ""
    process: subprocess.Popen

    def __init__(self, run: Run, members: Sequence[Node]):
        self.run = run
        self.ns = run.namespace(self.name)
        self.nodes_ns = run.namespace(f"{self.name}nodes")
        self.folder = run.folder / self.name
        self.folder.mkdir(exist_ok=True)
        netns.ip("link", "add", "net0", "type", "veth", "peer", "name", "net1", "netns", self.nodes_ns, ns=self.ns)
        netns.ip("link", "set", "net0", "up", ns=self.ns)
        netns.ip("link", "set", "net1", "up", ns=self.nodes_ns)
        for node in members:
            netns.ip("address", "add", f"{node.address}/24", "dev", "net1", ns=self.nodes_ns)

    def received(self) -> int:
        """Prefixes that it has of all nodes."""
        raise NotImplementedError

    def has(self, prefix: str, nexthops: int) -> bool:
        """Whether a prefix is where it belongs, over that many nodes."""
        raise NotImplementedError

    def alive(self) -> None:
        if self.process.poll() is not None:
            raise LabError(f"{self.name} ended with {self.process.returncode}:\n{self.run.tail(self.name)}")

    def cpu_seconds(self) -> float:
        """Of the thread that learns routes."""
        return int(Path(f"/proc/{self.process.pid}/task/{self.process.pid}/schedstat").read_text().split()[0]) / 1e9

    def memory(self) -> Memory:
        fields = dict(
            line.split(":", 1) for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        )
        shared = int(fields["RssFile"].split()[0]) + int(fields["RssShmem"].split()[0])
        return Memory(int(fields["RssAnon"].split()[0]) * 1024, (int(fields["VmHWM"].split()[0]) - shared) * 1024)

    def forget_peak(self) -> None:
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def close(self) -> None:
        self.run.stop(self.name)
        netns.remove(self.ns)
        netns.remove(self.nodes_ns)


class Ecmpd(Speaker):
    """One port that swallows what it is sent; what it has counts when it is installed in the FIB."""

    name = "ecmpd"

    def __init__(self, run: Run, members: Sequence[Node]):
        super().__init__(run, members)
        self._socket = self.folder / "ecmpd.sock"
        entries = "".join(
            f'[[neighbor_entry]]\naddress = "{n.nexthop}"\nmac = "02:00:00:00:02:{i:02x}"\nport = "p0"\n'
            for i, n in enumerate(members)
        )
        file = self.folder / "ecmpd.toml"
        file.write_text(f"""[router]
asn = {ROUTER_ASN}
router_id = "{ROUTER}"

[dataplane]
idle = "sleep"

[api]
socket = "{self._socket}"

[ecmp]
state_file = "{self.folder / "state.json"}"

[[port]]
name = "p0"
device = "vdev:net_null0,no-rx=1"
address = "{ROUTER}/24"

[[listen]]
range = "10.200.0.0/24"
remote_as = [{NODE_ASN}]
import = "any"

{entries}""")
        self.process = run.spawn(self.name, self.ns, [built("ecmpd"), str(file)])
        wait_until(lambda: self.alive() or api.answers(self._socket), "ecmpd to answer", 60)
        # The port is for packets. The sessions come by the kernel's own way, as over a management network.
        for node in members:
            netns.ip("route", "add", f"{node.address}/32", "dev", "net0", "src", ROUTER, ns=self.ns)

    def timing(self) -> dict[str, dict]:
        """By neighbor, how long its routes took: `ecmpctl show bgp timing`."""
        return {row["neighbor"]: row for row in api.get(self._socket, "show/bgp/timing")["timing"]}

    def received(self) -> int:
        status, body = api.ask(self._socket, "show/bgp/summary")
        if status != 200:
            return -1  # too busy to answer
        return sum(peer["pfxRcd"] for family in body.values() for peer in family["peers"].values())

    def has(self, prefix: str, nexthops: int) -> bool:
        status, body = api.ask(self._socket, "show/routes", prefix=prefix)
        if status == 404:
            return nexthops == 0
        if status != 200:
            return False  # too busy to answer, and so not done
        (route,) = body["routes"]
        return route["installed"] and len(route["nexthops"]) == nexthops


class Bird(Speaker):
    """BIRD 2 without a kernel protocol: what it has counts when it is in its table."""

    name = "bird"

    def __init__(self, run: Run, members: Sequence[Node]):
        super().__init__(run, members)
        netns.ip("address", "add", f"{ROUTER}/24", "dev", "net0", ns=self.ns)
        sessions = "".join(
            f"protocol bgp node{i} {{ local {ROUTER} as {ROUTER_ASN}; neighbor {n.address} as {NODE_ASN}; passive on;"
            f" hold time 240; ipv4 {{ import all; export none; }}; }}\n"
            for i, n in enumerate(members)
        )
        config = self.folder / "bird.conf"
        config.write_text(f"router id {ROUTER};\nprotocol device {{ }}\n{sessions}")
        self._socket = self.folder / "bird.ctl"
        self.process = run.spawn(
            self.name, self.ns,
            [installed("bird"), "-f", "-c", str(config), "-s", str(self._socket), "-P", str(self.folder / "pid")])
        wait_until(lambda: self.alive() or self._socket.exists(), "BIRD's control socket", 20)

    def _ask(self, question: str) -> str:
        # Not birdc: a process for each question would take the time that is measured.
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(60)
            sock.connect(str(self._socket))
            sock.sendall(question.encode() + b"\n")
            text = ""
            # The greeting and the answer each end with a line whose code begins with 0, 8 or 9.
            while len(re.findall(r"^[089]\d{3} .*\n", text, re.MULTILINE)) < 2:
                text += sock.recv(1 << 16).decode()
        return text

    def received(self) -> int:
        # The protocols' own counters: `show route count` would walk the table.
        return sum(int(n) for n in re.findall(r"Routes: +(\d+) imported", self._ask("show protocols all")))

    def has(self, prefix: str, nexthops: int) -> bool:
        return True  # received() counts what is in the table already
