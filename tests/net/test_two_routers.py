"""Two routers behind an upstream one, that agree without a word between them: connections outlive either of them.

ROUTERS_CONNECTIONS is how many connections there are over all clients.
"""

import itertools
import os
import signal

import pytest

from lab.wait import wait_until
from lab.worker import Worker
from two_routers import SERVICE, TwoRouters

CONNECTIONS = int(os.environ.get("ROUTERS_CONNECTIONS", "500"))
CLIENTS, NODES = 10, 4
EACH = CONNECTIONS // CLIENTS
INTERVAL = max(1.0, CONNECTIONS / 1000)  # seconds between two echoes of a connection: a thousand echoes a second at most
TIMEOUT = 30 + INTERVAL  # upstream misses a dead router after 3 s, and TCP sends again ever more seldom
SECONDS = 60 + 20 * INTERVAL


class Connections:
    """Those of all clients."""

    def __init__(self, world: TwoRouters):
        arguments = [SERVICE, "7", str(EACH), str(INTERVAL), str(TIMEOUT), "50"]
        self.workers = {at: Worker(world.run, f"{at}-client", ns, "client", arguments) for at, ns in world.clients.items()}
        for worker in self.workers.values():
            assert worker.wait("connected", SECONDS)["open"] == EACH

    def flows(self) -> dict[tuple[str, int], dict]:
        """By the client's address and port."""
        return {(at, flow["port"]): flow for at, worker in self.workers.items()
                for flow in worker.ask("report", "flows", SECONDS)["flows"]}  # fmt: skip

    def wait_for_echoes(self) -> None:
        """Until every connection has had an echo from now on, or is broken."""
        before = self.flows()

        def all_back() -> bool:
            return all(flow["broken"] or flow["round"] >= before[at]["round"] + 2 for at, flow in self.flows().items())

        wait_until(all_back, "an echo on every connection", SECONDS + TIMEOUT, poll=INTERVAL / 4)

    def broken(self) -> dict[tuple[str, int], str]:
        return {at: flow["broken"] for at, flow in self.flows().items() if flow["broken"]}


@pytest.mark.parametrize("selector", ["maglev", "rendezvous"])
def test_connections_outlive_a_router(ecmpd, selector):
    with TwoRouters(selector, NODES, CLIENTS) as world:
        world.start()
        connections = Connections(world)
        connections.wait_for_echoes()
        served = world.served()
        assert served.keys() == connections.flows().keys() and len(served) == EACH * CLIENTS
        assert set(served.values()) == set(world.nodes)
        one, other = world.routers
        assert min(one.received(), other.received()) > CONNECTIONS / 2  # both take part
        for flow, node in itertools.islice(served.items(), 500):
            assert {one.choice(flow), other.choice(flow)} == {node}

        # One router dies without a word; upstream finds out.
        world.run.stop(one.name, signal.SIGKILL)
        world.wait_for_upstream({other.address})
        connections.wait_for_echoes()
        assert connections.broken() == {}
        assert world.served() == served

        # It is back, and has its share again when it knows every node.
        world.upstream_session(one, "disable")
        one.start()
        world.wait_for_nodes(one, set(world.nodes))
        world.upstream_session(one, "enable")
        world.wait_for_upstream({one.address, other.address})
        connections.wait_for_echoes()
        assert connections.broken() == {} and one.received() > 0
        assert world.served() == served

        # The other one dies together with a node: the connections of live nodes stay.
        lost = next(iter(world.nodes))
        world.run.stop(f"{lost}-bgp")
        for router in world.routers:
            world.wait_for_nodes(router, set(world.nodes) - {lost})
        world.run.stop(other.name, signal.SIGKILL)
        world.wait_for_upstream({one.address})
        connections.wait_for_echoes()
        moved = {flow for flow in connections.broken() if served[flow] != lost}
        live = sum(node != lost for node in served.values())
        print(f"{selector}: {len(served)} connections over two routers, {live} of them to live nodes, {len(moved)} of these moved")
        # What maglev moves when a node leaves, it moves on every router alike: hashing.md has how much.
        assert not moved if selector == "rendezvous" else len(moved) <= live // 20
