"""The tests that meson knows, run by us so that each GoogleTest case is counted."""
import concurrent.futures
import json
import os
import pathlib
import re

from testing import process
from testing.builds import introspect
from testing.results import FAILED, PASSED, SKIPPED, Case, counted


def run_all(build, slow=1, only=lambda test: True, wrapper=(), prefix=""):
    """Runs what `only` lets through, one on each core; `slow` stretches meson's time limits (sanitizers, emulation)."""
    tests = [test for test in introspect(build, "tests") if only(test)]
    parallel = [test for test in tests if test["is_parallel"]]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        done = list(pool.map(lambda test: run_one(build, test, slow, wrapper, prefix), parallel))
    for test in tests:
        if test not in parallel:
            done.append(run_one(build, test, slow, wrapper, prefix))
    return [case for cases in done for case in cases]


def run_one(build, test, slow=1, wrapper=(), prefix=""):
    name = test["name"]
    label = prefix + name
    limit = (test["timeout"] or 600) * slow
    env = {**test["env"], **dict(build.run_env)}
    log = build.log(f"{label.replace('/', '_')}.log")
    if test["protocol"] != "gtest":
        done = process.run([*build.wrapper, *wrapper, *test["cmd"]], log, limit, env, test["workdir"])
        if done.code == 77:  # the convention for "not here"
            return [Case(label, SKIPPED, done.tail(3))]
        return [Case(label, PASSED if done.ok else FAILED, "" if done.ok else f"{done.why()}\n{done.tail()}")]
    report = log.with_suffix(".json")
    report.unlink(missing_ok=True)
    done = process.run([*build.wrapper, *wrapper, *test["cmd"], f"--gtest_output=json:{report}"], log, limit, env, test["workdir"])
    return gtest_cases(label, done, report)


def gtest_cases(label, done, report: pathlib.Path):
    """Cases from GoogleTest's own report; without one the program crashed or hung, which is a failure."""
    try:
        suites = json.loads(report.read_text())["testsuites"]
    except (OSError, ValueError, KeyError):
        text = done.log.read_text(errors="replace")
        cases = [Case(f"{label}.{found}", PASSED) for found in re.findall(r"^\[       OK \] (\S+?)(?:,| \()", text, re.M)]
        started = re.findall(r"^\[ RUN      \] (\S+)", text, re.M)
        where = f"{label}.{started[-1]}" if started else label
        return [*cases, Case(where, FAILED, f"{done.why()}, no report\n{done.tail()}")]
    cases = []
    for suite in suites:
        for test in suite["testsuite"]:
            case = Case(f"{label}.{suite['name']}.{test['name']}", PASSED, counts=counted(test.items()))
            if test.get("failures"):
                case.outcome, case.detail = FAILED, "\n".join(failure["failure"] for failure in test["failures"])
            elif test["status"] == "NOTRUN" or test["result"] == "SKIPPED":
                case.outcome = SKIPPED
            cases.append(case)
    if not done.ok and not any(case.outcome == FAILED for case in cases):  # a destructor, a sanitizer at exit
        cases.append(Case(label, FAILED, f"{done.why()} after the last case\n{done.tail()}"))
    if not cases:
        cases.append(Case(label, FAILED, "no test cases"))
    return cases
