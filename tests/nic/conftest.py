"""Needs qemu and the kernel that `scripts/setup nic` unpacks, but no privileges: the guest is root in its own machine.

ecmpd and ecmpctl come from the folder that $BUILD names.
"""
import pathlib
import sys

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "scripts"), str(TOP / "tests" / "nic")]

import guest as guests  # noqa: E402
import guest_image  # noqa: E402
from daemon import DRIVER  # noqa: E402
from lab.programs import build_folder, find_built  # noqa: E402


@pytest.fixture(scope="session")
def image(tmp_path_factory):
    programs = {name: find_built(name) for name in ("ecmpd", "ecmpctl")}
    missing = [name for name, path in programs.items() if path is None]
    if missing:
        pytest.skip(f"not built in {build_folder()}: {', '.join(missing)}")
    if not guest_image.available():
        pytest.skip("no qemu-system-x86_64, or no kernel: run scripts/setup nic")
    return guest_image.make(tmp_path_factory.mktemp("image"), [pathlib.Path(path) for path in programs.values()])


@pytest.fixture(scope="session", params=DRIVER)
def guest(request, tmp_path_factory, image):
    """One boot for each kind of device; the tests of all files run in it one after the other."""
    out = guests.Guest(tmp_path_factory.mktemp(request.param), image, request.param)
    yield out
    out.close()
