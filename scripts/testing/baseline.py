"""What is built here starts on an older box: pure tests and programs, run by an emulated Nehalem (x86-64-v2).

An instruction that it does not have ends the program by SIGILL. Pure means: not linked with DPDK. Tests of meson's suite
`kernel` set options of sockets that the emulator does not pass on.
"""
from testing import builds, process, unit
from testing.results import FAILED, PASSED, Case

NEHALEM = ("qemu-x86_64", "-cpu", "Nehalem")


def is_pure(path):
    dynamic = process.capture(["readelf", "-d", path])
    return bool(dynamic) and "librte_" not in dynamic


def emulated(test):
    return (test["protocol"] == "gtest" and is_pure(test["cmd"][0])
            and not any(suite.endswith(":kernel") for suite in test["suite"]))


def run(build, slow):
    cases = unit.run_all(build, slow, emulated, NEHALEM, "nehalem.")
    for name, (path, folder) in sorted(builds.programs(build).items()):
        place = folder.relative_to(builds.ROOT).parts
        if place and place[0] in ("tests", "bench") or not is_pure(path):
            continue
        done = process.run([*NEHALEM, path, "--help"], build.log(f"nehalem.{name}.log"), 60)
        label = f"nehalem.{name}.starts"
        cases.append(Case(label, PASSED) if done.ok else Case(label, FAILED, f"{done.why()}\n{done.tail()}"))
    return cases
