import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD = ROOT / os.environ.get("BUILD", "build")
# Helpers that several folders of tests share.
sys.path.insert(0, str(ROOT / "tests" / "support"))


@pytest.fixture(scope="session")
def ecmplab():
    """Runs the program to its end: ecmplab("spread", "--json") has .returncode, .stdout and .stderr."""
    program = BUILD / "hash" / "lab" / "ecmplab"

    def run(*words, cwd=None):
        return subprocess.run([program, *words], capture_output=True, text=True, timeout=120, cwd=cwd,
                              stdin=subprocess.DEVNULL)
    return run
