"""ecmpbench over many cases, and again over those during which the core was not ours."""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

from lab.programs import build_folder  # noqa: E402

ECMPBENCH = build_folder() / "bench" / "ecmpbench" / "ecmpbench"


def run(command: list) -> dict:
    """The object that a program prints. Before others on its CPU, where that is allowed: their work is not ours to
    measure."""

    def first() -> None:
        with contextlib.suppress(OSError):
            os.nice(-20)

    words = [str(word) for word in command]
    print(" ".join(words), file=sys.stderr, flush=True)
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, preexec_fn=first)
    if done.returncode != 0:
        sys.exit(f"{words[0]} ended with status {done.returncode}")
    return json.loads(done.stdout)


def _quiet(rows: list[dict]) -> tuple[bool, float]:
    return not any(row["contended"] for row in rows), min(row["quiet_share"] for row in rows)


def quietest(cases: dict[str, str], options: list[str], passes: int) -> dict[str, list[dict]]:
    """For the words of each case, ecmpbench's rows: those of the pass in which the core was most ours. All cases take
    turns; only those that were contended take part in the next pass, of which there are at most `passes`."""
    results: dict[str, list[dict]] = {}
    for _ in range(passes):
        for name, words in cases.items():
            if name in results and _quiet(results[name])[0]:
                continue
            result = run([ECMPBENCH, *words.split(), *options, "--json"])
            rows = result.get("runs", [result])
            if name not in results or _quiet(rows) > _quiet(results[name]):
                results[name] = rows
    return results
