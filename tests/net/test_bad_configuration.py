"""The program itself refuses a bad configuration: one line, status 2, and nothing is started."""

import subprocess

import pytest

from lab import netns
from lab.lab import Lab
from lab.programs import built

ROUTER = '[router]\nasn = 64500\nrouter_id = "10.0.0.1"\n'
PORT = '[[port]]\nname = "{name}"\ndevice = "af_packet:{device}"\naddress = "{address}"\n'
GOOD = ROUTER + PORT.format(name="client", device="veth0", address="10.0.0.1/24")

# name: text, line, key, value, what is allowed
BAD = {
    "unknown key": (
        GOOD + 'adress = "10.0.9.1/24"\n',
        8, "port[0].adress", '"10.0.9.1/24"', "allowed: name, device, parent, vlan, address, mtu",
    ),
    "overlapping port addresses": (
        GOOD + PORT.format(name="node1", device="veth1", address="10.0.0.129/25"),
        11, "port[1].address", '"10.0.0.129/25"', "allowed: a subnet that no other port has a part of",
    ),
    "nexthop outside every port": (
        GOOD + '[[route]]\nprefix = "198.51.100.0/24"\nnexthops = [{ via = "10.9.9.9" }]\n',
        10, "route[0].nexthops[0].via", '"10.9.9.9"', "allowed: a host's address in 10.0.0.0/24 (client)",
    ),
    "ASN too large": (GOOD.replace("64500", "4294967296"), 2, "router.asn", "4294967296", "allowed: 1 to 4294967295"),
}  # fmt: skip


@pytest.fixture(scope="module")
def lab(ecmpd):
    with Lab(nodes={"node1": "bird"}) as lab:
        yield lab


def run(lab, file) -> subprocess.CompletedProcess:
    command = netns.command(lab.topology.router, built("ecmpd"), str(file))
    return subprocess.run(command, capture_output=True, text=True, timeout=30)


def links(lab) -> str:
    return netns.ip("-d", "link", ns=lab.topology.router)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_gets_one_line_and_starts_nothing(lab, name):
    text, line, key, value, allowed = BAD[name]
    socket = lab.run.folder / "bad.sock"
    file = lab.run.folder / "bad.toml"
    file.write_text(text + f'[api]\nsocket = "{socket}"\n')
    before = links(lab)
    done = run(lab, file)
    assert (done.returncode, done.stdout) == (2, "")
    (said,) = done.stderr.splitlines()
    assert said.startswith(f"{file}:{line}: {key}: ") and value in said, said
    assert allowed in said, said
    assert links(lab) == before
    assert not socket.exists()


def test_a_missing_file_is_named(lab):
    file = lab.run.folder / "missing.toml"
    before = links(lab)
    done = run(lab, file)
    (said,) = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (2, "")
    assert str(file) in said and "No such file or directory" in said, said
    assert links(lab) == before


def test_a_nic_that_is_not_there_is_named(lab):
    file = lab.run.folder / "absent-nic.toml"
    device = "ffffff:ff:1f.7"  # no such PCI domain
    file.write_text(GOOD.replace("af_packet:veth0", device) + f'[api]\nsocket = "{lab.run.folder / "nic.sock"}"\n')
    done = run(lab, file)
    (said,) = done.stderr.splitlines()
    assert done.returncode == 2 and said.endswith(f"port client: there is no PCI device {device}"), said


def test_an_interface_that_is_not_there_is_named(lab):
    file = lab.run.folder / "absent.toml"
    file.write_text(GOOD.replace("veth0", "eth77") + f'[api]\nsocket = "{lab.run.folder / "absent.sock"}"\n')
    done = run(lab, file)
    (said,) = done.stderr.splitlines()
    assert done.returncode == 1 and "port client: there is no interface eth77" in said, said
    assert not (lab.run.folder / "absent.sock").exists()


def refused(lab) -> str:
    """What ecmpd says of a router on veth0, which it does not take."""
    file = lab.run.folder / "in-use.toml"
    file.write_text(GOOD + f'[api]\nsocket = "{lab.run.folder / "in-use.sock"}"\n')
    before = links(lab)
    done = run(lab, file)
    (said,) = done.stderr.splitlines()
    assert done.returncode == 2, said
    assert links(lab) == before
    return said.split("error ")[-1]


@pytest.mark.parametrize("family", ["-4", "-6"])
def test_an_interface_with_the_default_route_is_not_taken(lab, family):
    ns = lab.topology.router
    netns.sysctl(ns, "net.ipv6.conf.veth0.disable_ipv6", 0)
    netns.ip(family, "route", "add", "default", "dev", "veth0", ns=ns)
    try:
        said = refused(lab)
    finally:
        netns.ip(family, "route", "del", "default", "dev", "veth0", ns=ns)
        netns.sysctl(ns, "net.ipv6.conf.veth0.disable_ipv6", 1)
    assert "port client: veth0 is in use: it carries the default route; allowed: an interface without" in said


def test_an_address_that_was_left_on_an_interface_is_only_warned_of(ecmpd):
    with Lab(nodes={"node1": "bird"}) as lab:
        netns.ip("addr", "add", "192.0.2.1/24", "dev", "veth0", ns=lab.topology.router)
        lab.start()
        assert "client: veth0 has the address 192.0.2.1, where this machine cannot" in lab.run.log("router").read_text()
