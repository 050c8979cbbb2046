"""Who may include whom. Here lies the list of doors between control and data plane: a new entry is a decision."""

# Headers of dataplane/ that control/ may include, and what for. Nothing else of dataplane/ is known up there.
DOORS = {
    "dataplane/ids.h": "vocabulary of all three doors",
    "dataplane/grace_period.h": "door 1: when what was unpublished may be freed",
    "dataplane/publisher.h": "door 1: what control writes",
    "dataplane/punt.h": "door 2: packets up and down",
    "dataplane/counters.h": "door 3: what the workers counted",
    "dataplane/drop_reason.h": "door 3: the names of what they dropped",
    "dataplane/packet_filter.h": "door 1: which packets somebody wants to see",
}
# Where the daemon is put together, and so may see all of dataplane/.
ASSEMBLY = ("control/ecmpd.cc", "control/daemon")

# DPDK headers that control/ may include, by folder, besides the assembly. Packets held for an unresolved nexthop are
# mbufs that came through door 2.
DPDK_ABOVE = {"control/host": {"rte_mbuf.h"}}

# System headers with a directory or a .h that pure code may include; besides these only the C++ standard library.
PURE_EXTRAS = {"xxhash.h", "immintrin.h", "emmintrin.h", "x86intrin.h", "cpuid.h", "tl/expected.hpp", "fmt/format.h",
               "fmt/core.h", "fmt/ranges.h",
               "arpa/inet.h"}  # only the text form of addresses: a socket needs sys/socket.h
# Standard library, but a thread, a file or chance. Durations and points in time are values (<chrono>); reading a clock
# is not.
IMPURE_STD = {"ctime", "thread", "mutex", "shared_mutex", "condition_variable", "future", "stop_token",
              "filesystem", "fstream", "iostream", "random"}

# folder -> prefixes of our own headers that it may include. The longest matching folder decides.
MAY_INCLUDE = {
    "hash": ("hash/",),
    "hash/lab": ("hash/", "control/api/table"),  # the table value and its forms
    "dataplane": ("dataplane/", "hash/"),
    "control": ("control/", "hash/", "dataplane/"),  # dataplane/ through DOORS only
    "control/bgp": ("control/bgp/", "control/config/config.h", "control/log.h", "hash/"),
    "control/rib": ("control/rib/", "control/bgp/", "control/config/config.h", "control/log.h", "control/zone_names.h",
                    "hash/"),
}
# Pure: bytes and events in, bytes and events out. No socket, no clock, no DPDK.
PURE = ("hash", "control/bgp", "control/rib")
NOT_PURE = ("hash/lab",)

# Third-party header -> how many of our .cc may include it, per folder below. None of our headers may.
HEAVY = {
    "toml++/toml.h": {"control/config": 1},
    "toml.hpp": {"control/config": 1},
    "httplib.h": {"control/api": 1, "control/ctl": 1, "tests": 2},
    "CLI/CLI.hpp": {"control/ecmpd.cc": 1, "control/ctl": 1, "hash/lab": 2, "bench": 9, "tests": 9},
    "pcap/pcap.h": {"hash/lab": 1, "control/api": 1},
    "pcap/bpf.h": {"dataplane": 1},
    "bpf/libbpf.h": {"dataplane": 1, "tests": 1},
    "xdp/libxdp.h": {"dataplane": 1},
    "nlohmann/json.hpp": {"control": 12, "hash/lab": 2, "bench": 3, "tests": 9},
}
