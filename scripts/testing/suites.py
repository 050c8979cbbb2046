"""The suites by name: what each runs, in which order, and how long it may take (seconds)."""
import dataclasses
import os
from typing import Callable

from testing import baseline, builds, fuzz, process, pytests, stress, unit
from testing.results import FAILED, PASSED, Case


@dataclasses.dataclass
class Suite:
    name: str
    about: str
    run: Callable  # (heartbeat) -> list of cases
    present: Callable = lambda: True  # is what it tests in this tree yet?
    only_all: bool = False


def _built(build, then, limit=2400):
    """Compiles, and runs `then` only on what compiled: a stale program would answer for the wrong source."""
    def run(heartbeat):
        case = builds.make(build, limit, heartbeat=heartbeat)
        return [case, *then(heartbeat)] if case.outcome == PASSED else [case]
    return run


def _needs_build(build, then):
    """For suites after `build`: brings the folder up to date first, which is nothing when it just was."""
    def run(heartbeat):
        case = builds.make(build, 1500, heartbeat=heartbeat)
        return then(heartbeat) if case.outcome == PASSED else [case]
    return run


def _folder(build, folder, limit, prefix=""):
    return lambda heartbeat: pytests.run_folder(build, folder, limit, heartbeat, prefix)


def _exists(path):
    return lambda: (builds.ROOT / path).exists()


def _threads(test):
    return any(suite.rpartition(":")[2] == "threads" for suite in test["suite"])


def _instrumented(build, limit, wanted, names, heartbeat):
    """Compiles the tests that are wanted and the programs with these names, and nothing else: sanitizers are dear."""
    case = builds.make(build, 120, ["build.ninja"])
    if case.outcome != PASSED:
        return case, []
    tests = [test for test in builds.introspect(build, "tests") if wanted(test)]
    needed = {target for test in tests for target in test["depends"]}
    paths = {target["filename"][0] for target in builds.introspect(build, "targets")
             if target["id"] in needed or target["name"] in names}
    targets = sorted(os.path.relpath(path, build.folder) for path in paths)
    return builds.make(build, limit, targets, heartbeat), tests


def _asan(heartbeat):
    built, tests = _instrumented(builds.ASAN, 2400, lambda test: True, ("ecmpd", "ecmpctl"), heartbeat)
    if built.outcome != PASSED:
        return [built]
    return [built, *unit.run_all(builds.ASAN, 6, prefix="asan."), _asan_demo(heartbeat)]


def _asan_demo(heartbeat):
    """The demo throws the router's log away; so the sanitizers write files, and a file is a failure."""
    reports = builds.ASAN.log("demo-sanitizer")
    for old in reports.parent.glob(f"{reports.name}.*"):
        old.unlink()
    env = {name: f"{value}:log_path={reports}" if name != "LSAN_OPTIONS" else value
           for name, value in builds.ASAN.run_env}
    done = process.run([*builds.ASAN.wrapper, builds.ROOT / "scripts/demo", "--no-build", "--json", "--connections", "300"],
                       builds.ASAN.log("demo.log"), 600, {"BUILD": str(builds.ASAN.folder), **env}, builds.ROOT,
                       heartbeat)
    found = sorted(reports.parent.glob(f"{reports.name}.*"))
    if done.ok and not found:
        return Case("asan.demo", PASSED)
    return Case("asan.demo", FAILED, "\n".join([done.why(), done.tail(60), *(path.read_text() for path in found)]))


def _tsan(heartbeat):
    """Only what has threads is compiled: the tests of meson's suite 'threads', and the stress programs."""
    built, tests = _instrumented(builds.TSAN, 1500, _threads, [name for name, *_ in stress.UNDER_TSAN], heartbeat)
    if built.outcome != PASSED:
        return [built]
    if not tests:
        return [Case("tsan", FAILED, "no meson test carries the suite 'threads'")]
    return [built, *unit.run_all(builds.TSAN, 20, _threads, prefix="tsan."),
            *stress.run(builds.TSAN, stress.UNDER_TSAN, "tsan.")]


def _stress(heartbeat):
    order = pytests.run_folder(builds.GCC, "tests/net/test_packet_order.py", 900, heartbeat, "long.",
                               {"ORDER_PACKETS": "10000000"})
    storm = pytests.run_folder(builds.GCC, "tests/net/test_bgp_storms.py", 300, heartbeat, "long.", {"STORM_SECONDS": "60"})
    return [*stress.run(builds.GCC, stress.FULL), *order, *storm]


SUITES = [
    Suite("build", "gcc, warnings are errors", lambda heartbeat: [builds.make(builds.GCC, 1500, heartbeat=heartbeat)]),
    Suite("unit", "GoogleTest programs", _needs_build(builds.GCC, lambda heartbeat: unit.run_all(builds.GCC))),
    Suite("lint", "layering, sizes, headers, formatting, documents",
          _needs_build(builds.GCC, _folder(builds.GCC, "tests/lint", 900))),
    Suite("lab", "ecmplab: the same answers everywhere, help and errors",
          _needs_build(builds.GCC, _folder(builds.GCC, "tests/hash/lab", 600))),
    Suite("nehalem", "pure tests and programs on an emulated x86-64-v2 box",
          _needs_build(builds.GCC, lambda heartbeat: baseline.run(builds.GCC, 20))),
    Suite("fuzz", "a few seconds on each decoder", lambda heartbeat: fuzz.run(5, 900, heartbeat), fuzz.exist_in_tree),
    Suite("net", "routers and the demo in network namespaces", _needs_build(builds.GCC, _folder(builds.GCC, "tests/net", 1800)),
          _exists("tests/net")),
    Suite("clang", "clang 14: build and GoogleTest programs",
          _built(builds.CLANG, lambda heartbeat: unit.run_all(builds.CLANG, prefix="clang.")), only_all=True),
    Suite("asan", "address and undefined-behaviour sanitizers: tests and demo", _asan, only_all=True),
    Suite("tsan", "thread sanitizer where threads meet", _tsan, only_all=True),
    Suite("fuzz-long", "a minute on each decoder", lambda heartbeat: fuzz.run(60, 900, heartbeat), fuzz.exist_in_tree,
          only_all=True),
    Suite("stress", "long runs: lookups in moving tables, ten million packets in order, damaged UPDATEs",
          _needs_build(builds.GCC, _stress), only_all=True),
    Suite("nic", "poll-mode drivers of real devices, emulated by qemu",
          _needs_build(builds.GCC, _folder(builds.GCC, "tests/nic", 1800)), only_all=True),
]


def chosen(names, everything):
    if names:
        return [suite for suite in SUITES if suite.name in names]
    return [suite for suite in SUITES if suite.present() and (everything or not suite.only_all)]
