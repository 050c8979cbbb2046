"""The build folders: which compiler, which options, and how they are made."""
import dataclasses
import json
import os
import pathlib

from testing import process
from testing.results import FAILED, PASSED, Case

ROOT = pathlib.Path(__file__).resolve().parents[2]


@dataclasses.dataclass(frozen=True)
class Build:
    name: str
    folder: pathlib.Path
    options: tuple = ()
    env: tuple = ()
    run_env: tuple = ()  # for the programs that it makes
    wrapper: tuple = ()  # likewise, before their command

    def log(self, name):
        return self.folder / "test-logs" / name


_CLANG = (("CC", "clang-14"), ("CXX", "clang++-14"))
# Spurious warnings of instrumented code are not errors; the plain builds see to warnings. Reports need no more of the
# debug information than line numbers.
_INSTRUMENTED = ("-Doptimization=1", "-Ddebug=false", "-Dcpp_args=-g1", "-Dwerror=false", "-Db_lundef=false")
_SUPPRESSIONS = ROOT / "tests" / "support" / "lsan.supp"
_SANITIZED_RUN = (
    ("ASAN_OPTIONS", "abort_on_error=1:detect_stack_use_after_return=1:strict_string_checks=1"),
    ("UBSAN_OPTIONS", "halt_on_error=1:abort_on_error=1:print_stacktrace=1"),
    ("LSAN_OPTIONS", f"suppressions={_SUPPRESSIONS}:print_suppressions=0"),
)

GCC = Build("gcc", ROOT / os.environ.get("BUILD", "build"))
CLANG = Build("clang", ROOT / "build-clang", env=_CLANG)
# The sanitizers of gcc 12 and clang 14 do not know where a kernel with 32 random address bits puts things.
_FIXED_ADDRESSES = ("setarch", "-R")

# Clang compiles instrumented code in half of gcc's time. The fuzz targets share the folder: the same sanitizers.
ASAN = Build("asan", ROOT / "build-asan", ("-Db_sanitize=address,undefined", "-Dfuzz=true", *_INSTRUMENTED), env=_CLANG,
             run_env=_SANITIZED_RUN, wrapper=_FIXED_ADDRESSES)
TSAN = Build("tsan", ROOT / "build-tsan", ("-Db_sanitize=thread", *_INSTRUMENTED), env=_CLANG,
             run_env=(("TSAN_OPTIONS", "halt_on_error=1:second_deadlock_stack=1"),), wrapper=_FIXED_ADDRESSES)


def make(build, limit, targets=(), heartbeat=None):
    """Configures if need be and compiles; one case. `ninja -k 0`: all errors at once."""
    env = dict(build.env)
    if not (build.folder / "build.ninja").exists():
        done = process.run(["meson", "setup", build.folder, *build.options], build.log("setup.log"), 120, env, ROOT)
        if not done.ok:
            return Case(f"build.{build.name}", FAILED, f"meson setup: {done.why()}\n{done.tail()}")
    done = process.run(["ninja", "-k", "0", "-C", build.folder, *targets], build.log("build.log"), limit, env, ROOT,
                       heartbeat)
    if not done.ok:
        return Case(f"build.{build.name}", FAILED, f"ninja: {done.why()}\n{done.tail(80)}")
    return Case(f"build.{build.name}", PASSED)


def introspect(build, what):
    """What meson says about a build folder: "tests", "targets". Empty before it is set up."""
    return json.loads(process.capture(["meson", "introspect", f"--{what}", build.folder]) or "[]")


def programs(build):
    """name -> (path, source folder) of every executable that the build makes."""
    return {
        target["name"]: (pathlib.Path(target["filename"][0]), pathlib.Path(target["defined_in"]).parent)
        for target in introspect(build, "targets") if target["type"] == "executable"
    }
