"""Fuzz targets: every executable named *_fuzz of the build with sanitizers, one case each.

Seeds lie in tests/fuzz/corpus/TARGET/; what a run finds is kept in the build folder and tried first the next time.
"""
import concurrent.futures
import os

from testing import builds, process
from testing.results import FAILED, PASSED, Case

# Else inputs end at 4096 bytes, and a jumbo frame is longer.
OPTIONS = {"packet_path_fuzz": ["-max_len=9216"]}
SEEDS = builds.ROOT / "tests" / "fuzz" / "corpus"


def exist_in_tree():
    return any((builds.ROOT / "tests").rglob("*_fuzz.cc"))


def run(seconds, limit, heartbeat=None):
    # Configured first, so that the targets are known; only they are compiled.
    configured = builds.make(builds.ASAN, limit, ["build.ninja"], heartbeat)
    if configured.outcome != PASSED:
        return [configured]
    targets = {name: path for name, (path, _) in builds.programs(builds.ASAN).items() if name.endswith("_fuzz")}
    if not targets:
        return [Case("fuzz", FAILED, "tests/ has *_fuzz.cc but -Dfuzz=true builds no target of such a name")]
    built = builds.make(builds.ASAN, limit, [str(path.relative_to(builds.ASAN.folder)) for path in targets.values()],
                        heartbeat)
    if built.outcome != PASSED:
        return [built]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return [built, *pool.map(lambda target: _run_one(*target, seconds), sorted(targets.items()))]


def _run_one(name, path, seconds):
    found = builds.ASAN.folder / "corpus" / name
    found.mkdir(parents=True, exist_ok=True)
    seeds = [SEEDS / name] if (SEEDS / name).is_dir() else []
    log = builds.ASAN.log(f"{name}.log")
    done = process.run([*builds.ASAN.wrapper, path, f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048",
                        f"-artifact_prefix={log.parent}/{name}-", *OPTIONS.get(name, []), found, *seeds], log,
                       seconds + 120, dict(builds.ASAN.run_env))
    return Case(f"fuzz.{name}", PASSED) if done.ok else Case(f"fuzz.{name}", FAILED, f"{done.why()}\n{done.tail(60)}")
