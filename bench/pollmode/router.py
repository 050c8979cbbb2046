"""ecmpd on two net_pcap devices: a static route over eight members, four at each port, with fixed MACs."""

import os
from dataclasses import dataclass
from pathlib import Path

from lab import api
from lab.errors import LabError
from lab.programs import built
from lab.run import Run
from lab.wait import wait_until

from .contender import WORKER_CPU, Contender
from .frames import NETWORK, NETWORK6, Flow, frame, write_pcap

PORTS = 2
_MEMBERS_PER_PORT = 4


@dataclass(frozen=True)
class Member:
    address: str
    address6: str
    mac: bytes
    port: int

    def nexthop(self, ipv6: bool) -> str:
        return self.address6 if ipv6 else self.address


MEMBERS = [
    Member(f"10.0.{port + 1}.{host}", f"fd00:{port + 1}::{host}", bytes([2, 0, 0, 0, port + 1, host]), port)
    for port in range(PORTS)
    for host in range(11, 11 + _MEMBERS_PER_PORT)
]


def port_mac(port: int) -> bytes:
    """net_pcap counts its devices."""
    return bytes([0x02, 0x70, 0x63, 0x61, 0x70, port])


def mac_text(mac: bytes) -> str:
    return mac.hex(":")


def write_inputs(folder: Path, flows: list[Flow]) -> list[Path]:
    """For each port, a file with one frame of every flow."""
    paths = [folder / f"in{port}.pcap" for port in range(PORTS)]
    for port, path in enumerate(paths):
        write_pcap(path, (frame(flow, port_mac(port)) for flow in flows))
    return paths


def endless(inputs: list[Path]) -> list[str]:
    """Devices that give their file again and again, and free what they are told to send."""
    return [f"net_pcap{port},rx_pcap={path},infinite_rx=1" for port, path in enumerate(inputs)]


def once(inputs: list[Path], outputs: list[Path]) -> list[str]:
    """Devices that give their file once, and write down what they send."""
    pairs = zip(inputs, outputs, strict=True)
    return [f"net_pcap{port},rx_pcap={a},tx_pcap={b}" for port, (a, b) in enumerate(pairs)]


def configuration(folder: Path, devices: list[str], ipv6: bool = False) -> str:
    addresses = [f"fd00:{i + 1}::1/64" if ipv6 else f"10.0.{i + 1}.1/24" for i in range(len(devices))]
    ports = "".join(
        f'\n[[port]]\nname = "p{i}"\ndevice = "vdev:{device}"\naddress = "{addresses[i]}"\n'
        for i, device in enumerate(devices)
    )
    nexthops = ", ".join(f'{{ via = "{member.nexthop(ipv6)}" }}' for member in MEMBERS)
    entries = "".join(
        f'\n[[neighbor_entry]]\naddress = "{m.nexthop(ipv6)}"\nmac = "{mac_text(m.mac)}"\nport = "p{m.port}"\n'
        for m in MEMBERS
    )
    return f"""[router]
asn = 64500
router_id = "10.0.0.1"

[dataplane]
workers = "{WORKER_CPU}"

[api]
socket = "{folder / "ecmpd.sock"}"

[ecmp]
seed = 7
state_file = "{folder / "ecmpd-state.json"}"
{ports}
[[route]]
prefix = "{NETWORK6 if ipv6 else NETWORK}"
nexthops = [{nexthops}]
{entries}"""


@dataclass(frozen=True)
class Totals:
    """The terms of the accounting sum: rx + injected = tx + punted + drops."""

    rx: int
    tx: list[int]  # by port
    injected: int
    punted: int
    drops: dict[str, int]  # those that are not 0
    missed: int  # by the devices

    @property
    def balance(self) -> int:
        """0 at rest."""
        return self.rx + self.injected - sum(self.tx) - self.punted - sum(self.drops.values())


class Ecmpd(Contender):
    name = "ecmpd"
    key = "ecmpd"

    def __init__(self, run: Run, ns: str, devices: list[str], ipv6: bool = False,
                 environment: dict[str, str] | None = None):
        """`environment` is what the program gets beside ours."""
        self._run = run
        self._socket = run.folder / "ecmpd.sock"
        file = run.folder / "ecmpd.toml"
        file.write_text(configuration(run.folder, devices, ipv6))
        super().__init__(run.spawn("ecmpd", ns, [built("ecmpd"), str(file)], env=os.environ | (environment or {})))

        def answers() -> bool:
            if self.process.poll() is not None:
                raise LabError(f"ecmpd ended with status {self.process.returncode}:\n{run.tail('ecmpd')}")
            try:
                return bool(self.get("show/ports"))
            except OSError:
                return False

        wait_until(answers, "ecmpd to answer", 30)

    def get(self, what: str, **parameters: object) -> dict:
        """What ecmpctl asks, without starting a program each time."""
        return api.get(self._socket, what, **parameters)

    def transmitted(self) -> int:
        return sum(port["tx_packets"] for port in self.get("show/ports")["ports"])

    def totals(self) -> Totals:
        ports = self.get("show/ports")["ports"]
        workers = self.get("show/workers")["workers"]
        drops = self.get("show/drops")["drops"]
        return Totals(
            rx=sum(port["rx_packets"] for port in ports),
            tx=[port["tx_packets"] for port in ports],
            injected=sum(worker["injected"] for worker in workers),
            punted=sum(worker["punted"] for worker in workers),
            drops={drop["reason"]: drop["packets"] for drop in drops if drop["packets"]},
            missed=sum(port["rx_missed"] + port["rx_errors"] for port in ports),
        )

    def macs(self) -> list[str]:
        return [port["mac"] for port in self.get("show/ports")["ports"]]

    def explain(self, flow: Flow) -> str:
        """The member that a packet of the flow is sent to."""
        answer = self.get("explain", src=flow.source, dst=flow.destination, protocol="udp", sport=flow.sport,
                          dport=flow.dport)
        return answer["nexthop"]

    def close(self) -> None:
        """Ends it; its output files are complete afterwards."""
        self.resume()
        status = self._run.stop("ecmpd")
        if status:
            raise LabError(f"ecmpd ended with status {status}:\n{self._run.tail('ecmpd')}")
