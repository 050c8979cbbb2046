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


def _asan(heartbeat):
    cases = unit.run_all(builds.ASAN, 6, prefix="asan.")
    if _exists("scripts/demo")():
        demo = process.run([*builds.ASAN.wrapper, builds.ROOT / "scripts/demo", "--json"], builds.ASAN.log("demo.log"),
                           1200, {"BUILD": str(builds.ASAN.folder), **dict(builds.ASAN.run_env)}, builds.ROOT, heartbeat)
        cases.append(Case("asan.demo", PASSED) if demo.ok else Case("asan.demo", FAILED, f"{demo.why()}\n{demo.tail(60)}"))
    return cases


def _tsan(heartbeat):
    """Only what has threads is compiled: the tests of meson's suite 'threads', and the stress programs."""
    configured = builds.make(builds.TSAN, 120, ["build.ninja"])
    if configured.outcome != PASSED:
        return [configured]
    tests = [test for test in builds.introspect(builds.TSAN, "tests") if _threads(test)]
    if not tests:
        return [Case("tsan", FAILED, "no meson test carries the suite 'threads'")]
    known = builds.programs(builds.TSAN)
    paths = [test["cmd"][0] for test in tests] + [known[name][0] for name, *_ in stress.UNDER_TSAN if name in known]
    built = builds.make(builds.TSAN, 1500, [os.path.relpath(path, builds.TSAN.folder) for path in paths], heartbeat)
    if built.outcome != PASSED:
        return [built]
    return [built, *unit.run_all(builds.TSAN, 20, _threads, prefix="tsan."),
            *stress.run(builds.TSAN, stress.UNDER_TSAN, "tsan.")]


SUITES = [
    Suite("build", "gcc, warnings are errors", lambda heartbeat: [builds.make(builds.GCC, 1500, heartbeat=heartbeat)]),
    Suite("unit", "GoogleTest programs", _needs_build(builds.GCC, lambda heartbeat: unit.run_all(builds.GCC))),
    Suite("lint", "layering, sizes, headers, formatting, documents",
          _needs_build(builds.GCC, _folder(builds.GCC, "tests/lint", 600))),
    Suite("nehalem", "pure tests and programs on an emulated x86-64-v2 box",
          _needs_build(builds.GCC, lambda heartbeat: baseline.run(builds.GCC, 20))),
    Suite("fuzz", "a few seconds on each decoder", lambda heartbeat: fuzz.run(5, 900, heartbeat), fuzz.exist_in_tree),
    Suite("net", "routers and the demo in network namespaces", _needs_build(builds.GCC, _folder(builds.GCC, "tests/net", 1200)),
          _exists("tests/net")),
    Suite("clang", "clang 14: build and GoogleTest programs",
          _built(builds.CLANG, lambda heartbeat: unit.run_all(builds.CLANG, prefix="clang.")), only_all=True),
    Suite("asan", "address and undefined-behaviour sanitizers: tests and demo", _built(builds.ASAN, _asan), only_all=True),
    Suite("tsan", "thread sanitizer where threads meet", _tsan, only_all=True),
    Suite("fuzz-long", "a minute on each decoder", lambda heartbeat: fuzz.run(60, 900, heartbeat), fuzz.exist_in_tree,
          only_all=True),
    Suite("stress", "long runs against moving tables",
          _needs_build(builds.GCC, lambda heartbeat: stress.run(builds.GCC, stress.FULL)), only_all=True),
]


def chosen(names, everything):
    if names:
        return [suite for suite in SUITES if suite.name in names]
    return [suite for suite in SUITES if suite.present() and (everything or not suite.only_all)]
