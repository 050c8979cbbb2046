"""Two workers: every queue of a port is served, and a device without as many queues is refused."""

from collections import Counter

import pytest

from lab.echo import NAME_PORT
from lab.errors import LabError
from lab.flows import tcp_nodes, udp_nodes
from lab.lab import SERVICE, Lab
from lab.topology import CLIENT_ADDRESS

PORTS = range(20000, 20400)
WORKERS = {"workers": "0,1"}
NODES = {"node1": "bird", "node2": "bird", "node3": "bird"}


@pytest.fixture(scope="module", params=["af_packet", "tap"])
def lab(request, make_lab):
    return make_lab(nodes=NODES, device=request.param, dataplane=WORKERS)


def test_both_workers_forward_and_agree_with_explain(lab):
    served = tcp_nodes(lab, SERVICE, PORTS)
    assert set(Counter(served.values())) == set(NODES)
    explain = lab.router.explain
    sample = PORTS[:100]
    assert {port: served[port] for port in sample} == {
        port: lab.node_at(explain(CLIENT_ADDRESS, SERVICE, "tcp", port, NAME_PORT)) for port in sample
    }
    udp_nodes(lab, SERVICE, PORTS)
    workers = lab.router.ecmpctl("show", "workers")["workers"]
    assert [worker["lcore"] for worker in workers] == [0, 1]
    # The kernel spreads flows over the queues: of 800 flows each gets some.
    assert all(worker["packets"] > 100 for worker in workers), workers


REFUSED = {
    "fewer queues than workers": (
        {"device": "af_xdp", "dataplane": WORKERS},
        "port client: 2 workers need as many queues; veth0 has 1 for AF_XDP",
    ),
    "queues without a worker": (
        {"device": "af_xdp", "dataplane": {"workers": "1"}, "queues": 2},
        "port client: veth0 has 2 queues for AF_XDP and needs a worker for each; allowed: 2 workers, or fewer queues "
        "(ethtool -L veth0 combined 1; on a veth rx 1 tx 1)",
    ),
    "a virtual device of one queue": (
        {"dataplane": WORKERS, "more": '[[port]]\nname = "one"\ndevice = "vdev:net_pcap0,iface=lo"\n'
                                       'address = "10.9.9.1/24"\n'},
        "port one: 2 workers need as many queues; net_pcap0,iface=lo (net_pcap) has 1",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_device_whose_queues_are_not_the_workers_is_refused(ecmpd, name):
    options, line = REFUSED[name]
    with Lab(nodes={"node1": "bird"}, **options) as lab:
        with pytest.raises(LabError, match="status 2"):
            lab.router.start()
        said = [line for line in lab.run.tail("router").splitlines() if "error" in line]
        assert len(said) == 1 and said[0].endswith(line), lab.run.tail("router")
