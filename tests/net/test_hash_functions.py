"""Another function than the default really forwards: other nodes than before, those that `explain` names."""

import pytest

from lab.echo import NAME_PORT
from lab.flows import tcp_nodes
from lab.lab import SERVICE
from lab.topology import CLIENT_ADDRESS

PORTS = range(20000, 20300)
NODES = {"node1": "bird", "node2": "bird"}
LINEAR = {"crc32c": True, "siphash": False}


@pytest.fixture(scope="module", params=LINEAR)
def lab(request, make_lab):
    lab = make_lab(nodes=NODES, ecmp={"hash": request.param})
    lab.function = request.param
    return lab


def test_packets_go_where_explain_says_by_this_function(lab):
    served = tcp_nodes(lab, SERVICE, PORTS)
    answers = {port: lab.router.ecmpctl("explain", CLIENT_ADDRESS, SERVICE, "tcp", str(port), str(NAME_PORT))
               for port in PORTS}
    assert {port: lab.node_at(answer["nexthop"]) for port, answer in answers.items()} == served
    assert {answer["function"] for answer in answers.values()} == {lab.function}
    assert set(served.values()) == set(NODES)


def test_show_hash_names_the_function(lab):
    assert lab.router.ecmpctl("show", "hash")["function"] == lab.function


def test_a_linear_function_is_warned_of_at_the_start(lab):
    warned = [line for line in lab.run.log("router").read_text().splitlines() if "is linear" in line]
    assert len(warned) == LINEAR[lab.function], warned
