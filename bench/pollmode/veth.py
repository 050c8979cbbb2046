"""The routers of vs_veth: ecmpd on two kernel interfaces, and the kernel itself. Nexthops with fixed MACs, all at r1."""

from collections.abc import Callable

from lab import netns
from lab.programs import built
from lab.run import Run

from .contender import WORKER_CPU
from .frames import NETWORK

_FIVE_FIELDS = 0x37  # source, destination, protocol, both ports: Linux's FIB_MULTIPATH_HASH_FIELD_*


def _nexthops(count: int) -> list[tuple[str, str]]:
    return [(f"10.0.2.{11 + i}", f"02:00:00:00:02:{11 + i:02x}") for i in range(count)]


class Ecmpd:
    def __init__(self, run: Run, ns: str, driver: str, members: int):
        self._run = run
        nexthops = ", ".join(f'{{ via = "{address}" }}' for address, _ in _nexthops(members))
        entries = "".join(
            f'\n[[neighbor_entry]]\naddress = "{address}"\nmac = "{mac}"\nport = "p1"\n'
            for address, mac in _nexthops(members)
        )
        file = run.folder / "ecmpd.toml"
        file.write_text(f"""[router]
asn = 64500
router_id = "10.0.0.1"

[dataplane]
workers = "{WORKER_CPU}"
idle = "poll"

[api]
socket = "{run.folder / "ecmpd.sock"}"

[ecmp]
seed = 7
state_file = "{run.folder / "ecmpd-state.json"}"

[[port]]
name = "p0"
device = "{driver}:r0"
address = "10.0.1.1/24"

[[port]]
name = "p1"
device = "{driver}:r1"
address = "10.0.2.1/24"

[[route]]
prefix = "{NETWORK}"
nexthops = [{nexthops}]
{entries}""")
        run.spawn("ecmpd", ns, [built("ecmpd"), str(file)])

    def stop(self) -> None:
        self._run.stop("ecmpd")


def kernel_router(ns: str, members: int, rps_cpus: int) -> Callable[[], None]:
    """The kernel forwards from now on, with its receive work on `rps_cpus` (a mask; 0: where the sender is)."""
    netns.ip("address", "add", "10.0.1.1/24", "dev", "r0", ns=ns)
    netns.ip("address", "add", "10.0.2.1/24", "dev", "r1", ns=ns)
    for name, value in (("net.ipv4.fib_multipath_hash_policy", 3), ("net.ipv4.fib_multipath_hash_fields", _FIVE_FIELDS),
                        ("net.ipv4.conf.all.rp_filter", 0), ("net.ipv4.conf.r0.rp_filter", 0),
                        ("net.ipv4.ip_forward", 1)):
        netns.sysctl(ns, name, value)
    paths = []
    for address, mac in _nexthops(members):
        netns.ip("neighbor", "replace", address, "lladdr", mac, "nud", "permanent", "dev", "r1", ns=ns)
        paths += ["nexthop", "via", address]
    netns.ip("route", "add", NETWORK, *paths, ns=ns)
    _set_rps(ns, rps_cpus)

    def stop() -> None:
        netns.sysctl(ns, "net.ipv4.ip_forward", 0)
        _set_rps(ns, 0)
        netns.ip("address", "flush", "dev", "r0", ns=ns)
        netns.ip("address", "flush", "dev", "r1", ns=ns)

    return stop


def _set_rps(ns: str, cpus: int) -> None:
    # /sys shows the namespace that it was mounted in: a new one for this write.
    script = f"mount -t sysfs none /sys && echo {cpus:x} > /sys/class/net/r0/queues/rx-0/rps_cpus"
    netns.run(ns, "unshare", "--mount", "sh", "-c", script)
