"""The interop matrix: five daemons against our sessions, in both directions, what each of them can do with us, and what
they make of the routes that a router exports to them.

The matrix is printed at the end, there and by scripts/test; a cell is "yes", or "-" where the daemon has no such thing, with
the reason below. A cell that turns out otherwise is a failure, in either direction.
"""

import signal

import pytest

import interop_daemons
from interop_daemons import DAEMONS, NODE, PASSWORD, RESTART_SECONDS, ROUTER, SERVICE, SERVICE6, Place
from interop_export import PREFIXES, ExportLab
from lab import netns
from lab.programs import build_folder, find_built
from lab.run import Run
from lab.speakers.base import NODE_ASN
from test_bgp_speaker import Probe

EXPORTS = ("export IPv4", "export IPv6", "over IPv6", "link-local")
FEATURES = ("IPv4", "IPv6", "MD5", "graceful restart", "ADD-PATH", "they connect", "we connect", *EXPORTS, "withdrawn")
# What a daemon of Debian 12 does not have.
MISSING: dict[tuple[str, str], str] = {
    ("OpenBGPD", "IPv6"): "announces :: as the nexthop when the session is over IPv4",
    ("ExaBGP", "link-local"): "a neighbor's address has no place for its link",
    ("OpenBGPD", "graceful restart"): "its capability lists no family: it helps others, and is not helped",
}
# OpenBGPD's listening socket does not take the keys of its neighbors on Linux.
MD5_ONLY_WHEN_CONNECTING = {"OpenBGPD"}
MATRIX: dict[tuple[str, str], str] = {}


def matrix() -> str:
    lines = [" | ".join(["daemon".ljust(9), *FEATURES])]
    for name in DAEMONS:
        cells = (MATRIX.get((name, feature), "?").ljust(len(feature)) for feature in FEATURES)
        lines.append(" | ".join([name.ljust(9), *cells]))
    return "\n".join([*lines, *(f"{name}, {feature}: {reason}" for (name, feature), reason in MISSING.items())])


@pytest.fixture
def wire(root):
    """A node and a router with a wire between them, both families on it."""
    if find_built("speaker_probe") is None:
        pytest.skip(f"not built in {build_folder()}: speaker_probe")
    with Run() as run:
        node, router = run.namespace("interopnode"), run.namespace("interoprouter")
        netns.ip("link", "add", "eth0", "netns", router, "type", "veth", "peer", "name", "eth0", "netns", node)
        for ns, v4, v6 in ((node, NODE, interop_daemons.NODE6), (router, ROUTER, interop_daemons.ROUTER6)):
            netns.ip("addr", "add", f"{v4}/24", "dev", "eth0", ns=ns)
            netns.ip("addr", "add", f"{v6}/64", "dev", "eth0", "nodad", ns=ns)
            netns.ip("link", "set", "lo", "up", ns=ns)
            netns.ip("link", "set", "eth0", "up", ns=ns)
        yield run, node, router


def check(name: str, feature: str, there: bool, wanted: bool | None = None) -> None:
    """Notes a cell; there or not must be as MISSING says."""
    MATRIX[name, feature] = "yes" if there else "-"
    assert there == ((name, feature) not in MISSING), f"{name}: {feature}"


@pytest.mark.parametrize("active", [True, False], ids=["they_connect", "we_connect"])
@pytest.mark.parametrize("name", DAEMONS)
def test_daemon(wire, name, active):
    run, node, router = wire
    md5 = active or name not in MD5_ONLY_WHEN_CONNECTING
    key = "" if not md5 else "," + (PASSWORD.split()[0] if name == "FRR" else PASSWORD)  # FRR's is one word
    words = [f"neighbor={NODE},{NODE_ASN}{key}", "add_path"] + (["passive"] if active else [])
    probe = Probe(run, router, *words)
    DAEMONS[name](Place(run, node, active, md5))
    up = probe.expect("established")
    check(name, "they connect" if active else "we connect", True)
    if md5:
        check(name, "MD5", True)
    with_ipv6 = (name, "IPv6") not in MISSING
    first = [probe.expect("announced") for _ in range(2 if with_ipv6 else 1)]
    routes = {one["prefix"]: one for one in first}
    check(name, "IPv4", SERVICE in routes and routes[SERVICE]["nexthop"] == NODE)
    check(name, "IPv6", SERVICE6 in routes and up["ipv6"])
    # FRR without its zebra knows no IPv6 address, and maps its IPv4 one.
    assert not with_ipv6 or routes[SERVICE6]["nexthop"] == (NODE if name == "FRR" else interop_daemons.NODE6)
    check(name, "ADD-PATH", up["add_path_ipv4"] and all("path_id" in one for one in first))

    [peer] = probe.peers()  # passes over the events before it
    assert peer["side"] == ("incoming" if active else "outgoing")
    run.stop("node", signal.SIGKILL)
    down = probe.expect("down")
    kept = down["retained_ipv4"] and down["retained_ipv6"]
    check(name, "graceful restart", kept)
    if kept:
        assert down["restart_time"] == RESTART_SECONDS


@pytest.fixture(scope="module")
def exports(ecmpd):
    """The daemons as upstream routers of one ecmpd, all at once."""
    with ExportLab() as lab:
        lab.wait_nodes(1, 2)
        yield lab


@pytest.fixture(scope="module")
def without_nodes(exports):
    """Both services have lost one node and then the last, after every daemon had them."""
    for name in DAEMONS:
        exports.wait_told(name, exports.expected(name))
    exports.set_announced(1, False)
    exports.wait_nodes(2)
    assert exports.sent() == {PREFIXES}, "one node is still there"
    exports.set_announced(2, False)
    exports.wait_nodes()
    return exports


@pytest.mark.parametrize("name", DAEMONS)
def test_export(exports, name):
    """As the daemon itself has them: nexthop, AS path and communities, over either session."""
    exports.wait_told(name, exports.expected(name))
    for feature in EXPORTS:
        check(name, feature, feature != "link-local" or exports.upstreams[name].with_link_local)


@pytest.mark.parametrize("name", DAEMONS)
def test_export_ends_with_the_last_node(without_nodes, name):
    without_nodes.wait_told(name, without_nodes.expected(name, services=False))
    check(name, "withdrawn", True)


def test_the_matrix_is_whole(capsys, record_property):
    """After the daemons: prints it, and hands it to scripts/test."""
    if not MATRIX:
        pytest.skip("no daemon ran")
    with capsys.disabled():
        print(f"\n{matrix()}")
    record_property("shown", f"interop matrix:\n{matrix()}")
    cells = {(name, feature) for name in DAEMONS for feature in FEATURES}
    assert set(MATRIX) == cells
    assert {cell for cell in cells if MATRIX[cell] == "-"} == set(MISSING)
