"""Our BGP sessions against real daemons, without the router behind them: what arrives, in what order, and how it ends.

`speaker_probe` (tests/control/io) prints what its sessions deliver. Everything waits for those lines.
"""

import json
import queue
import signal
import subprocess
import threading

import pytest

from lab import netns
from lab.programs import build_folder, find_built
from lab.run import Run
from lab.speakers import bird, frr, gobgp
from lab.speakers.base import NODE_ASN, ROUTER_ASN, NodePlace

NODE, ROUTER = "10.77.0.11", "10.77.0.1"
SERVICES = ["203.0.113.10", "203.0.113.11"]
SECONDS = 40
DAEMONS = {"bird": bird.Bird, "frr": frr.Frr, "gobgp": gobgp.GoBgp}


class Probe:
    """A running speaker_probe and the events that it has printed."""

    def __init__(self, run: Run, ns: str, *words: str):
        self.process = run.spawn(
            "probe", ns, [str(find_built("speaker_probe")), str(ROUTER_ASN), ROUTER, *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.expect("ready")

    def _read(self) -> None:
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put("")

    def next(self) -> dict:
        try:
            line = self.lines.get(timeout=SECONDS)
        except queue.Empty:
            pytest.fail(f"no event within {SECONDS} s")
        return json.loads(line) if line else {"event": "end"}

    def expect(self, event: str, **fields) -> dict:
        """The next event of this kind; other kinds are passed over, except for an end that nobody asked for."""
        while True:
            one = self.next()
            if one["event"] == event and all(one.get(k) == v for k, v in fields.items()):
                return one
            if one["event"] == "end" or (one["event"] == "down" and event != "down"):
                pytest.fail(f"waited for {event} {fields}, got {one}")

    def announced(self, count: int) -> dict[str, dict]:
        return {e["prefix"]: e for e in (self.expect("announced") for _ in range(count))}

    def peers(self) -> list[dict]:
        self.process.stdin.write("\n")
        return self.expect("peers")["peers"]


@pytest.fixture
def pair(root):
    """Two namespaces with a wire between them."""
    if find_built("speaker_probe") is None:
        pytest.skip(f"not built in {build_folder()}: speaker_probe")
    with Run() as run:
        node, router = run.namespace("bgpnode"), run.namespace("bgprouter")
        netns.ip("link", "add", "eth0", "netns", router, "type", "veth", "peer", "name", "eth0", "netns", node)
        for ns, address in ((node, NODE), (router, ROUTER)):
            netns.ip("addr", "add", f"{address}/24", "dev", "eth0", ns=ns)
            netns.ip("link", "set", "eth0", "up", ns=ns)
        yield run, node, router


def start(kind: str, run: Run, ns: str, services=SERVICES):
    daemon = DAEMONS[kind](run, NodePlace("node", ns, NODE, ROUTER, list(services)))
    daemon.start()
    return daemon


@pytest.mark.parametrize("kind", DAEMONS)
def test_session_routes_withdrawal_and_loss(pair, kind):
    run, node, router = pair
    probe = Probe(run, router, f"listen=10.77.0.0/24,{NODE_ASN}")
    daemon = start(kind, run, node)
    up = probe.expect("established")
    assert (up["address"], up["asn"], up["ebgp"], up["dynamic"]) == (NODE, NODE_ASN, True, True)

    routes = probe.announced(2)
    assert set(routes) == {f"{s}/32" for s in SERVICES}
    for route in routes.values():
        assert route["nexthop"] == NODE and route["as_path"] == [NODE_ASN]

    daemon.withdraw(SERVICES[0])
    assert probe.expect("withdrawn")["prefix"] == f"{SERVICES[0]}/32"
    daemon.announce(SERVICES[0])
    assert probe.expect("announced")["prefix"] == f"{SERVICES[0]}/32"

    [peer] = probe.peers()
    assert peer["state"] == "Established" and peer["hold_time"] == 90 and peer["side"] == "incoming"

    run.stop(daemon.process_name, signal.SIGKILL)
    assert probe.expect("down")["reason"]


@pytest.mark.parametrize("kind", ["bird", "frr"])
def test_end_of_rib_comes_after_the_first_table(pair, kind):
    """FRR sends one only to a peer with the graceful restart capability; GoBGP only if it has it itself."""
    run, node, router = pair
    probe = Probe(run, router, f"listen=10.77.0.0/24,{NODE_ASN}")
    start(kind, run, node)
    probe.announced(2)
    probe.expect("end_of_rib")


def test_a_thousand_routes_and_their_withdrawal_all_arrive(pair):
    run, node, router = pair
    services = [f"198.18.{i // 250}.{i % 250 + 1}" for i in range(1000)]
    probe = Probe(run, router, f"listen=10.77.0.0/24,{NODE_ASN}")
    start("bird", run, node, services)
    wanted = {f"{s}/32" for s in services}
    while wanted:
        wanted.discard(probe.expect("announced")["prefix"])


def test_the_router_connects_and_says_goodbye(pair):
    """Active here, and BIRD listens too: whichever connection wins, there is one session, and one Cease at its end."""
    run, node, router = pair
    start("bird", run, node)
    probe = Probe(run, router, f"neighbor={NODE},{NODE_ASN}")
    assert not probe.expect("established")["dynamic"]
    probe.announced(2)
    assert len(probe.peers()) == 1
    process = probe.process
    process.send_signal(signal.SIGTERM)
    assert "Administrative Shutdown" in probe.expect("down")["reason"]
    assert process.wait(SECONDS) == 0
    done = subprocess.run(
        netns.command(node, "birdc", "-s", str(run.folder / "node.bird.ctl"), "show", "protocols", "all"),
        capture_output=True, text=True, timeout=SECONDS,
    )  # fmt: skip
    assert "Received: Administrative shutdown" in done.stdout


@pytest.mark.parametrize("word", ["listen=10.77.0.0/24", f"neighbor={NODE}"])
def test_md5_for_a_range_and_for_a_neighbor(pair, word):
    run, node, router = pair
    probe = Probe(run, router, f"{word},{NODE_ASN},secret words", "passive")

    class WithPassword(bird.Bird):
        def config(self) -> str:
            return super().config().replace("hold time 90;", 'hold time 90;\n  password "secret words";')

    daemon = WithPassword(run, NodePlace("node", node, NODE, ROUTER, list(SERVICES)))
    daemon.start()
    probe.expect("established")
    probe.announced(2)


def test_md5_refuses_a_peer_without_the_key(pair):
    run, node, router = pair
    probe = Probe(run, router, f"listen=10.77.0.0/24,{NODE_ASN},secret words")
    done = subprocess.run(
        netns.command(node, "python3", "-c",
                      f"import socket; socket.create_connection(('{ROUTER}', 179), timeout=2)"),
        capture_output=True, text=True, timeout=SECONDS,
    )  # fmt: skip
    assert "timed out" in done.stderr.lower()
    assert probe.peers() == []
