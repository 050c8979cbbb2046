"""A reload while packets flow: what changed changes, sessions and flows of everything else go on."""

import json
import signal

import pytest

from lab.analysis import Window, nodes_by_port
from lab.flows import udp_nodes
from lab.lab import SERVICE, SETTLE_SECONDS
from lab.records import UDP
from lab.topology import router_address
from lab.traffic import Traffic
from lab.wait import wait_until

PORTS = range(30000, 30100)
STATIC = "198.51.100.0/24"


@pytest.fixture(scope="module")
def lab(make_lab):
    return make_lab(nodes={"node1": "bird", "node2": "frr", "node3": "bird"})


@pytest.fixture(autouse=True)
def as_before(lab):
    """The file as it was, however the test before ended."""
    yield
    lab.router.config_file.write_text(lab.router.config())
    lab.router.ecmpctl("reload")
    lab.wait_for(SERVICE, set(lab.nodes))


def since(lab) -> dict[str, tuple[int, int]]:
    """Of each session how often it has come up and been lost, in the router's words."""
    peers = lab.router.ecmpctl("show", "bgp", "summary")["ipv4Unicast"]["peers"]
    return {
        address: (peer["connectionsEstablished"], peer["connectionsDropped"])
        for address, peer in peers.items()
        if peer["state"] == "Established"
    }


def reload(lab, text: str) -> dict[str, tuple[str, bool, str | None]]:
    """Change by change: how, whether it is applied, and its note."""
    lab.router.config_file.write_text(text)
    changes = lab.router.ecmpctl("reload")["changes"]
    return {each["what"]: (each["change"], each["applied"], each["effect"]) for each in changes}


def edited(lab, *replacements: tuple[str, str], more: str = "") -> str:
    text = lab.router.config()
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return text + more


def route(via: str) -> str:
    return f'\n[[route]]\nprefix = "{STATIC}"\nnexthops = [{{ via = "{via}" }}]\n'


def test_routes_and_neighbors_change_under_traffic(lab):
    """Every packet of every flow arrives, at the node where it went before."""
    before = since(lab)
    traffic = Traffic(lab, 100, lambda _: None)
    assert traffic.wait_connected() == 100
    traffic.start_probes()
    neighbor = '\n[[neighbor]]\naddress = "192.0.2.77"\nremote_as = 64999\npassive = true\n'
    added = reload(lab, edited(lab, more=route(lab.nodes["node1"].address) + neighbor))
    assert added == {f"route {STATIC}": ("added", True, None), "neighbor 192.0.2.77": ("added", True, None)}
    shown = lab.router.ecmpctl("show", "routes", STATIC)["routes"]
    assert [hop["address"] for hop in shown[0]["nexthops"]] == [lab.nodes["node1"].address]
    assert "192.0.2.77" in lab.router.ecmpctl("show", "bgp", "summary")["ipv4Unicast"]["peers"]
    other = edited(lab, ("maximum_prefix = 1000", "maximum_prefix = 500"), more=route(lab.nodes["node2"].address))
    assert reload(lab, other) == {
        f"route {STATIC}": ("changed", True, None),
        "neighbor 192.0.2.77": ("removed", True, None),
        **{f"listen 10.0.{n}.0/24": ("changed", True, None) for n in (1, 2, 3)},
    }
    traffic.wait_rounds(2)
    assert since(lab) == before
    harvest = traffic.finish()
    assert all(not flow["broken"] for flow in harvest.flows)
    # A connection has one node, and every probe came to one.
    always = Window(0, 1 << 63)
    assert {len(nodes) for nodes in nodes_by_port(harvest.seen, always).values()} == {1}
    probes = nodes_by_port(harvest.seen, always, UDP)
    assert {len(probes[port]) for port in traffic.probe_ports()} == {1}
    arrived = sum(record.protocol == UDP for records in harvest.seen.values() for record in records)
    assert arrived == len(harvest.sent)


def test_a_policy_takes_effect_without_the_help_of_the_nodes(lab):
    before, flows = since(lab), udp_nodes(lab, SERVICE, PORTS)
    refuse = f'import = [{{ prefix = "{SERVICE}/32", action = "reject" }}, "any"]'
    text = lab.router.config()
    old = 'import = ["203.0.113.0/24 le 32"]'
    at = text.index(old, text.index("10.0.2.0/24"))
    assert reload(lab, text[:at] + refuse + text[at + len(old):]) == {"listen 10.0.2.0/24": ("changed", True, None)}
    lab.wait_for(SERVICE, {"node1", "node3"})
    during = udp_nodes(lab, SERVICE, PORTS)
    assert {port for port in PORTS if flows[port] != during[port]} == {p for p in PORTS if flows[p] == "node2"}
    reload(lab, lab.router.config())
    lab.wait_for(SERVICE, set(lab.nodes))
    assert udp_nodes(lab, SERVICE, PORTS) == flows
    assert since(lab) == before


def test_only_the_neighbor_whose_session_changed_restarts(lab):
    before = since(lab)
    text = lab.router.config().replace('range = "10.0.3.0/24"', 'range = "10.0.3.0/24"\nhold_time = 30')
    assert reload(lab, text) == {"listen 10.0.3.0/24": ("changed", True, "the session restarts")}
    changed = lab.nodes["node3"].address
    wait_until(lambda: changed in since(lab), "the session to come back", SETTLE_SECONDS)
    after = since(lab)
    assert {a: n for a, n in after.items() if a != changed} == {a: n for a, n in before.items() if a != changed}
    neighbor = lab.router.ecmpctl("show", "bgp", "neighbor", changed)[changed]
    assert neighbor["bgpTimerHoldTimeMsecs"] == 30000


def test_the_seed_moves_flows_and_no_session(lab):
    before, flows = since(lab), udp_nodes(lab, SERVICE, PORTS)
    assert reload(lab, edited(lab, ("seed = 7", "seed = 8"))) == {"ecmp.seed": ("changed", True, "flows move")}
    assert lab.router.ecmpctl("show", "hash")["seed"] == 8
    moved = udp_nodes(lab, SERVICE, PORTS)
    assert moved != flows
    assert set(moved.values()) == set(lab.nodes)
    reload(lab, edited(lab, ("seed = 7", 'seed = 7\nselector = "maglev"')))
    assert set(udp_nodes(lab, SERVICE, PORTS).values()) == set(lab.nodes)
    reload(lab, lab.router.config())
    again = udp_nodes(lab, SERVICE, PORTS)  # the tables are built anew, from those who are there
    reload(lab, edited(lab, ("seed = 7", "seed = 8")))
    reload(lab, lab.router.config())
    assert udp_nodes(lab, SERVICE, PORTS) == again, "the same seed and selector are the same choice"
    assert since(lab) == before


def test_what_needs_a_restart_is_named_and_waits(lab):
    more = '\n[[port]]\nname = "later"\ndevice = "af_packet:later"\naddress = "10.9.9.1/24"\n' + route("10.9.9.2")
    text = edited(lab, ("[dataplane]\n", '[dataplane]\nidle = "poll"\n'), more=more)
    waiting = {"dataplane.idle": ("changed", False, "needs a restart"), "port later": ("added", False, "needs a restart")}
    assert reload(lab, text) == {**waiting, f"route {STATIC}": ("added", True, None)}
    assert reload(lab, text) == waiting, "they wait still"
    assert {port["name"] for port in lab.router.ecmpctl("show", "ports")["ports"]} == {
        port.name for port in lab.topology.ports
    }


def test_a_file_with_a_mistake_changes_nothing(lab):
    before, flows = since(lab), udp_nodes(lab, SERVICE, PORTS)
    lab.router.config_file.write_text(edited(lab, ("seed = 7", "seed = 8"), more=route("10.77.0.1")))
    done = lab.router.try_ecmpctl("reload")
    assert done.returncode == 1
    error = json.loads(done.stdout)["error"]
    assert error.startswith(f"nothing changed: {lab.router.config_file}:"), error
    assert 'route[0].nexthops[0].via: "10.77.0.1" is outside every port\'s subnet' in error
    assert lab.router.ecmpctl("show", "hash")["seed"] == 7
    assert (since(lab), udp_nodes(lab, SERVICE, PORTS)) == (before, flows)


def test_sighup_reloads_as_well(lab):
    lab.router.config_file.write_text(edited(lab, more=route(router_address(1)[:-1] + "11")))
    lab.run.processes["router"].send_signal(signal.SIGHUP)
    wait_until(lambda: lab.router.ecmpctl("show", "routes", STATIC), "the new route", SETTLE_SECONDS)


def test_a_static_neighbor_entry_comes_and_goes(lab):
    address = "10.0.1.99"
    mac = "02:00:00:00:00:99"
    entry = f'\n[[neighbor_entry]]\naddress = "{address}"\nmac = "{mac}"\nport = "node1"\n'

    def shown() -> set[tuple[str, str]]:
        known = lab.router.ecmpctl("show", "neighbors")["neighbors"]
        return {(each["address"], each["mac"]) for each in known if each["mac"]}

    reload(lab, edited(lab, more=entry))
    assert (address, mac) in shown()
    reload(lab, lab.router.config())  # nobody answers for it
    wait_until(lambda: (address, mac) not in shown(), "the entry to go", SETTLE_SECONDS)
