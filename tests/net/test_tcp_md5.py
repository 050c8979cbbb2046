"""TCP MD5 (RFC 2385) over IPv6: one password for a whole range, or a neighbor's own, and who lacks it gets no connection."""

from pathlib import Path

import pytest

from lab import netns
from lab.programs import build_folder, find_built, installed
from lab.run import Run
from lab.speakers.base import NODE_ASN, ROUTER_ASN
from lab.wait import wait_until
from test_bgp_speaker import Probe

NODE, ROUTER = "fd00:77::11", "fd00:77::1"
SERVICE = "2001:db8:113::10/128"
PASSWORD = "secret"
ROUTER_ID = "10.77.0.11"
RANGE = f"listen=fd00:77::/64,{NODE_ASN},{PASSWORD}"


@pytest.fixture
def wire(root):
    """A node and a router with a wire between them, and IPv6 on it only."""
    if find_built("speaker_probe") is None:
        pytest.skip(f"not built in {build_folder()}: speaker_probe")
    with Run() as run:
        node, router = run.namespace("md5node"), run.namespace("md5router")
        netns.ip("link", "add", "eth0", "netns", router, "type", "veth", "peer", "name", "eth0", "netns", node)
        for ns, address in ((node, NODE), (router, ROUTER)):
            netns.ip("addr", "add", f"{address}/64", "dev", "eth0", "nodad", ns=ns)
            netns.ip("link", "set", "eth0", "up", ns=ns)
        yield run, node, router


def bird_config(run: Run, password: str, active: bool) -> str:
    config = run.folder / "bird.conf"
    config.write_text(f"""router id {ROUTER_ID};
protocol device {{ }}
protocol static {{ ipv6; route {SERVICE} blackhole; }}
protocol bgp upstream {{
  local {NODE} as {NODE_ASN};
  neighbor {ROUTER} as {ROUTER_ASN};
  {f'password "{password}";' if password else ""}
  {"" if active else "passive yes;"}
  connect delay time 1; connect retry time 1; error wait time 1, 2;
  ipv6 {{ import none; export where source = RTS_STATIC; next hop self; }};
}}
""")
    return str(config)


def bird(run: Run, ns: str, password: str, active: bool = True) -> None:
    control = run.folder / "bird.ctl"
    run.spawn("node", ns, [installed("bird"), "-f", "-c", bird_config(run, password, active), "-s", str(control),
                           "-P", str(run.folder / "bird.pid")])  # fmt: skip
    wait_until(control.exists, "BIRD's control socket", 20)


def frr(run: Run, ns: str, password: str, active: bool = True) -> None:
    config, vty = run.folder / "frr.conf", run.folder / "frr"
    vty.mkdir()
    config.write_text(f"""log stdout
router bgp {NODE_ASN}
 bgp router-id {ROUTER_ID}
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor {ROUTER} remote-as {ROUTER_ASN}
 neighbor {ROUTER} timers connect 1
 neighbor {ROUTER} password {password}
{"" if active else f" neighbor {ROUTER} passive"}
 address-family ipv6 unicast
  network {SERVICE}
  neighbor {ROUTER} activate
 exit-address-family
""")
    run.spawn("node", ns, [
        installed("/usr/lib/frr/bgpd"), "-Z", "-S", "-P", "0", "-p", "0" if active else "179", "-f", str(config),
        "--vty_socket", str(vty), "-i", str(run.folder / "frr.pid"), "--log", "stdout"])  # fmt: skip


DAEMONS = {"BIRD": bird, "FRR": frr}


def refused(ns: str, reason: str) -> int:
    """Segments that the kernel of a namespace dropped: TCPMD5Failure, of another key; TCPMD5NotFound, without one."""
    with netns.inside(ns):
        lines = Path("/proc/thread-self/net/netstat").read_text().splitlines()
    names, values = (line.split() for line in lines if line.startswith("TcpExt:"))
    return int(values[names.index(reason)])


@pytest.mark.parametrize("name", DAEMONS)
@pytest.mark.parametrize("they_connect", [True, False], ids=["they_connect_to_a_range", "we_connect"])
def test_a_session_with_the_password(wire, name, they_connect):
    run, node, router = wire
    probe = Probe(run, router, RANGE if they_connect else f"neighbor={NODE},{NODE_ASN},{PASSWORD}")
    DAEMONS[name](run, node, PASSWORD, active=they_connect)
    up = probe.expect("established")
    assert (up["address"], up["dynamic"]) == (NODE, they_connect)
    assert probe.expect("announced")["prefix"] == SERVICE


@pytest.mark.parametrize(
    ("word", "password"),
    [(RANGE, "another"), (RANGE, ""), (f"neighbor={NODE},{NODE_ASN},{PASSWORD}", "another")],
    ids=["range-another", "range-none", "neighbor-another"],
)
def test_no_connection_without_it(wire, word, password):
    run, node, router = wire
    probe = Probe(run, router, word, "passive")
    bird(run, node, password)
    reason = "TCPMD5Failure" if password else "TCPMD5NotFound"
    wait_until(lambda: refused(router, reason) >= 2, f"{reason} twice", 30)
    assert [peer["established_count"] for peer in probe.peers()] == ([] if word == RANGE else [0])
    assert [peer["state"] for peer in probe.peers()] == ([] if word == RANGE else ["Active"])

    # It was the password, and nothing else.
    bird_config(run, PASSWORD, active=True)
    netns.run(node, installed("birdc"), "-s", str(run.folder / "bird.ctl"), "configure")
    assert probe.expect("established")["address"] == NODE
