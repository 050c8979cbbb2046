"""Programs that try for minutes what a unit test tries for a moment; one case each."""
from testing import builds, process
from testing.results import FAILED, PASSED, Case

# program, arguments, time limit in seconds
FULL = [
    ("fib_stress", ["--family", "4", "--lookups", "1000000000"], 900),
    ("fib_stress", ["--family", "6", "--lookups", "100000000"], 300),
    ("churn_stress", ["--lookups", "1000000000", "--lookups6", "100000000", "--routes", "1000000", "--groups", "100000"],
     900),
    ("classify_stress", ["--frames", "10000000"], 900),
]
# The same under ThreadSanitizer, which costs about thirty times as much.
UNDER_TSAN = [
    ("fib_stress", ["--family", "4", "--lookups", "10000000"], 600),
    ("fib_stress", ["--family", "6", "--lookups", "3000000"], 300),
    ("churn_stress", ["--lookups", "10000000"], 600),
]


def run(build, programs, prefix=""):
    known = builds.programs(build)
    cases = []
    for name, arguments, limit in programs:
        label = ".".join([f"{prefix}stress.{name}", *(word.lstrip("-") for word in arguments[:2])])
        if name not in known:
            cases.append(Case(label, FAILED, f"{build.folder.name} has no program of this name"))
            continue
        done = process.run([*build.wrapper, known[name][0], *arguments], build.log(f"{label}.log"), limit,
                           dict(build.run_env))
        cases.append(Case(label, PASSED) if done.ok else Case(label, FAILED, f"{done.why()}\n{done.tail()}"))
    return cases
