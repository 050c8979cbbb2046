"""Where the programs are: the daemons of the distribution, and ours in the build folder."""

import os
import shutil
from pathlib import Path

from .errors import LabError

ROOT = Path(__file__).resolve().parents[2]


def build_folder() -> Path:
    return ROOT / os.environ.get("BUILD", "build")


def find_built(name: str) -> Path | None:
    """An executable of ours, anywhere below the build folder."""
    folder = build_folder()
    if not folder.is_dir():
        return None
    for path in sorted(folder.rglob(name)):
        if path.is_file() and os.access(path, os.X_OK):
            return path
    return None


def built(name: str) -> str:
    path = find_built(name)
    if path is None:
        raise LabError(f"{name} is not below {build_folder()}: build it, or name another folder in $BUILD")
    return str(path)


def installed(*candidates: str) -> str:
    """The first of some program names or paths that exists on this machine."""
    for name in candidates:
        path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
        if path:
            return path
    raise LabError(f"{candidates[0]} is not installed: `scripts/setup test` installs it")
