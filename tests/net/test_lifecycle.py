"""What is left after the end, what a crash costs the next start, and what a second daemon may not touch."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from lab import netns
from lab.flows import udp_nodes
from lab.lab import SERVICE
from lab.programs import built

PORTS = range(20000, 20050)
RUNTIME = Path("/run/dpdk")
MTU = {"node1": 1400}  # of a port, whose interface has 1500 without ecmpd


@pytest.fixture(scope="module", params=["af_packet", "af_xdp", "tap"])
def lab(request, make_lab):
    mtu = {} if request.param == "tap" else MTU
    return make_lab(nodes={"node1": "bird", "node2": "bird"}, device=request.param, mtu=mtu)


def interfaces(ns: str) -> set[str]:
    return {line.split()[0].split("@")[0] for line in netns.ip("-br", "link", ns=ns).splitlines()}


def guards(ns: str) -> list[str]:
    """The tables of ecmpd in a namespace: one for each kernel interface that it uses."""
    done = subprocess.run(netns.command(ns, "nft", "list", "tables"), capture_output=True, text=True)
    return sorted(line.split()[-1] for line in done.stdout.splitlines() if "ecmpd-" in line)


def rules(ns: str) -> list[str]:
    """Routing rules for packets from the router's addresses."""
    return [line for line in netns.ip("rule", ns=ns).splitlines() if "from all" not in line]


def settings(lab) -> dict[str, tuple[int, int, bool]]:
    """Of each interface behind a port: its MTU, how many hold it in promiscuous mode, and whether it has the flag."""
    links = {link["ifname"]: link for link in json.loads(netns.ip("-d", "-j", "link", ns=lab.topology.router))}
    found = {port.name: links[port.device] for port in lab.topology.ports if lab_has_wires(lab)}
    return {name: (link["mtu"], link["promiscuity"], "PROMISC" in link["flags"]) for name, link in found.items()}


def leftovers(lab, pid: int) -> dict[str, object]:
    """What a daemon that ran must not leave behind."""
    ns = lab.topology.router
    attached = netns.ip("link", ns=ns).count("xdp")
    return {
        "interfaces": interfaces(ns) - {"lo", *(port.device for port in lab.topology.ports if lab_has_wires(lab))},
        "settings": {name: now for name, now in settings(lab).items() if now != (1500, 0, False)},
        "guards": guards(ns),
        "rules": rules(ns),
        "xdp programs": attached,
        "socket": lab.router.socket.exists(),
        "runtime": (RUNTIME / f"ecmpd{pid}").exists(),
        "hugepages": [path for path in Path("/dev/hugepages").glob(f"*ecmpd{pid}*")],
    }


NOTHING = {
    "interfaces": set(), "settings": {}, "guards": [], "rules": [], "xdp programs": 0, "socket": False, "runtime": False,
    "hugepages": [],
}  # fmt: skip


def lab_has_wires(lab) -> bool:
    return lab.router.options.device != "tap"


def settled(lab) -> dict[int, str]:
    lab.wait_for(SERVICE, set(lab.nodes))
    return udp_nodes(lab, SERVICE, PORTS)


def router_pid(lab) -> int:
    return next(pid for pid in netns.pids(lab.topology.router) if "ecmpd" in Path(f"/proc/{pid}/comm").read_text())


def second(lab, config: str) -> subprocess.CompletedProcess:
    """Another daemon in the router's namespace, which is to refuse."""
    file = lab.run.folder / "second.toml"
    file.write_text(config)
    command = netns.command(lab.topology.router, built("ecmpd"), str(file))
    return subprocess.run(command, capture_output=True, text=True, timeout=30)


def test_sigterm_leaves_nothing_and_status_0(lab):
    before, pid = settled(lab), router_pid(lab)
    for name, now in settings(lab).items():
        assert now == (MTU.get(name, 1500), 1, False)
    assert lab.run.stop("router") == 0
    assert leftovers(lab, pid) == NOTHING
    lab.router.start()
    assert settled(lab) == before


def test_a_start_after_a_crash_works_and_ends_clean(lab):
    before, pid = settled(lab), router_pid(lab)
    assert len(rules(lab.topology.router)) == 2 * len(lab.topology.ports)
    lab.run.stop("router", signal.SIGKILL)
    assert guards(lab.topology.router) == []
    for port in lab.topology.ports if lab_has_wires(lab) else []:
        assert settings(lab)[port.name] == (MTU.get(port.name, 1500), 0, False), "only the MTU is left to undo"
        netns.ip("link", "set", port.device, "mtu", "1500", ns=lab.topology.router)
    lab.router.start()
    assert settled(lab) == before
    assert len(rules(lab.topology.router)) == 2 * len(lab.topology.ports)
    assert lab.run.stop("router") == 0
    assert leftovers(lab, pid) == NOTHING
    lab.router.start()
    assert settled(lab) == before


def test_what_others_have_set_stays(lab):
    if not lab_has_wires(lab):
        return  # a TAP interface is ecmpd's own
    before, ns = settled(lab), lab.topology.router
    device = {port.name: port.device for port in lab.topology.ports}
    lab.run.stop("router")
    netns.ip("link", "set", device["node2"], "promisc", "on", ns=ns)
    lab.router.start()
    assert settled(lab) == before
    assert settings(lab)["node2"] == (1500, 2, True)
    netns.ip("link", "set", device["node1"], "mtu", "1300", ns=ns)
    assert lab.run.stop("router") == 0
    assert settings(lab) == {"client": (1500, 0, False), "node1": (1300, 0, False), "node2": (1500, 1, True)}
    netns.ip("link", "set", device["node1"], "mtu", "1500", ns=ns)
    netns.ip("link", "set", device["node2"], "promisc", "off", ns=ns)
    lab.router.start()
    assert settled(lab) == before


@pytest.mark.parametrize("same", ["socket", "devices"])
def test_a_second_daemon_is_refused_and_harms_nothing(lab, same):
    before, ns = settled(lab), lab.topology.router
    state = lambda: (interfaces(ns), guards(ns), netns.ip("-br", "addr", ns=ns), netns.ip("link", ns=ns).count("xdp"))
    found = state()
    config = lab.router.config()
    if same == "devices":
        config = config.replace(str(lab.router.socket), f"{lab.router.socket}.2")
    refused = second(lab, config)
    said = refused.stderr.splitlines()
    assert refused.returncode == 1
    if same == "devices" and not lab_has_wires(lab):
        # The interfaces were moved away, so their names are free, and only the twins' are not.
        assert "t-client" in said[-1]
    else:
        assert len(said) == 1 and "in use: is another ecmpd running?" in said[0], refused.stderr
    assert state() == found
    assert not os.path.exists(f"{lab.router.socket}.2")
    assert settled(lab) == before
