"""hash <- dataplane <- control, pure folders stay pure, and control sees the data plane through its doors only."""
import pathlib
import re

import pytest
import rules
import tree

ROOMS = ["hash", "dataplane", "control"]


def room_of(path, rooms):
    """The longest folder of `rooms` that holds `path`, or None."""
    return max((room for room in rooms if path.is_relative_to(room)), key=len, default=None)


def own(name):
    return name.split("/")[0] in tree.CODE


@pytest.mark.parametrize("folder", ROOMS)
def test_includes_follow_the_layers(folder):
    bad = []
    for path in tree.sources(folder):
        allowed = rules.MAY_INCLUDE[room_of(path, rules.MAY_INCLUDE)]
        bad += [f"{path} includes {name}" for system, name in tree.includes(path)
                if own(name) and not name.startswith(allowed)]
    assert not bad, "\n".join(bad)


def test_own_headers_are_named_from_the_root():
    """One spelling for each header: "hash/key.h" in quotes; quotes are for ours only."""
    bad = [f"{path} includes {name}" for path in tree.sources() for system, name in tree.includes(path)
           if own(name) == system or not system and not (tree.ROOT / name).is_file()]
    assert not bad, "\n".join(bad)


def test_the_lab_is_a_program_not_a_library():
    bad = [f"{path} includes {name}" for path in tree.sources("hash", "dataplane", "control")
           if not path.is_relative_to("hash/lab") for _, name in tree.includes(path) if name.startswith("hash/lab/")]
    assert not bad, "\n".join(bad)


def test_control_uses_only_the_doors():
    bad = [f"{path} includes {name}, which is not a door (tests/lint/rules.py)"
           for path in tree.sources("control") if not any(path.is_relative_to(place) for place in rules.ASSEMBLY)
           for _, name in tree.includes(path) if name.startswith("dataplane/") and name not in rules.DOORS]
    assert not bad, "\n".join(bad)


def test_every_door_exists():
    assert [door for door in rules.DOORS if not (tree.ROOT / door).is_file()] == []


def test_the_data_plane_does_not_know_bgp():
    folder = [path for path in tree.files() if path.is_relative_to("dataplane")]
    bad = [f"{path}:{number}: {line.strip()}" for path in folder
           for number, line in enumerate(tree.text(path).splitlines(), 1) if "bgp" in line.lower()]
    assert folder and not bad, "\n".join(bad)


@pytest.mark.parametrize("folder", rules.PURE)
def test_pure_folders_know_no_socket_clock_or_dpdk(folder):
    bad = []
    for path in tree.sources(folder):
        if any(path.is_relative_to(other) for other in rules.NOT_PURE):
            continue
        for system, name in tree.includes(path):
            standard = "/" not in name and "." not in name
            if system and not (standard and name not in rules.IMPURE_STD or name in rules.PURE_EXTRAS):
                bad.append(f"{path} includes <{name}>")
        bad += [f"{path} says {word}" for word in re.findall(r"_clock::now|\brte_|\basio::|\bgetenv|\bclock_gettime",
                                                             tree.text(path))]
    assert not bad, "\n".join(bad)


def test_dpdk_stays_out_of_control():
    """DPDK is the data plane's; above it only the assembly starts it."""
    bad = [f"{path} includes <{name}>" for path in tree.sources("control", "hash")
           if not any(path.is_relative_to(place) for place in rules.ASSEMBLY)
           for _, name in tree.includes(path) if name.startswith("rte_") and
           name not in rules.DPDK_ABOVE.get(room_of(path, rules.DPDK_ABOVE), ())]
    assert not bad, "\n".join(bad)


def test_asio_lives_in_one_folder():
    bad = [f"{path} includes <{name}>" for path in tree.sources("hash", "dataplane", "control", "bench")
           if not path.is_relative_to("control/io")
           for _, name in tree.includes(path) if name == "asio.hpp" or name.startswith("asio/")]
    assert not bad, "\n".join(bad)


@pytest.mark.parametrize("header", rules.HEAVY)
def test_heavy_headers_are_included_by_few(header):
    users = [path for path in tree.sources() if (True, header) in tree.includes(path)]
    bad = [f"{path}: our headers must not pull it in" for path in users if path.suffix == ".h"]
    for place, limit in rules.HEAVY[header].items():
        here = [path for path in users if path.is_relative_to(place)]
        if len(here) > limit:
            bad.append(f"{place}: at most {limit}, but {', '.join(map(str, here))}")
    bad += [f"{path}: not among {', '.join(rules.HEAVY[header])}" for path in users
            if room_of(path, rules.HEAVY[header]) is None]
    assert not bad, "\n".join(bad)


def test_rules_catch_a_violation():
    """The rules themselves: a path decides by its longest folder, and a door is an exact name."""
    assert room_of(pathlib.Path("control/bgp/open.cc"), rules.MAY_INCLUDE) == "control/bgp"
    assert not "control/io/reactor.h".startswith(rules.MAY_INCLUDE["control/bgp"])
    assert "dataplane/worker.h" not in rules.DOORS
