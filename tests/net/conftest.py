"""Labs for the network tests. Each module makes its own; they may run side by side, since a lab's names carry its run.

ecmpd and ecmpctl come from the folder that $BUILD names; a test that needs them is skipped when they are not there.
"""

import os
import pathlib
import signal
import sys

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "scripts"), str(TOP / "tests" / "support")]

from lab.lab import Lab  # noqa: E402
from lab.programs import build_folder, find_built  # noqa: E402


def pytest_configure(config):
    # An end by SIGTERM goes through the fixtures too, and so removes every namespace.
    signal.signal(signal.SIGTERM, lambda number, _frame: pytest.exit(f"signal {number}", returncode=128 + number))


@pytest.fixture(scope="session")
def root():
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")


@pytest.fixture(scope="session")
def ecmpd(root):
    missing = [name for name in ("ecmpd", "ecmpctl") if find_built(name) is None]
    if missing:
        pytest.skip(f"not built in {build_folder()}: {', '.join(missing)}")


@pytest.fixture(scope="module")
def make_lab(ecmpd):
    """Makes labs with ecmpd, started; they go away with the module."""
    labs = []

    def make(**options) -> Lab:
        labs.append(Lab(**options))
        labs[-1].start()
        return labs[-1]

    try:
        yield make
    finally:
        for lab in reversed(labs):
            lab.run.close()
