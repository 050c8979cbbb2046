"""The time stamp counter, and whether the core is ours: a few machine instructions called through ctypes.

In a virtual machine nothing else tells how fast a core really is at the moment. A loop that only touches registers
does: on a core that nobody shares it needs the fewest TSC cycles, and more when another machine's thread runs on the
same core.
"""

import ctypes
import mmap
import os
import time

# rdtsc; shl rdx, 32; or rax, rdx; ret
_RDTSC = bytes.fromhex("0f31 48c1e220 4809d0 c3")
# again: two additions to each of rax, rdx, rsi, r8, r9, r10; dec rdi; jnz again; ret
_ADDS = bytes.fromhex("48ffc0 48ffc2 48ffc6 49ffc0 49ffc1 49ffc2") * 2
_LOOP = _ADDS + bytes.fromhex("48ffcf 75") + bytes([256 - len(_ADDS) - 5]) + b"\xc3"
_ITERATIONS = 200_000


class Tsc:
    def __init__(self):
        self._code = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        self._code.write(_RDTSC.ljust(64, b"\x90") + _LOOP)
        address = ctypes.addressof(ctypes.c_char.from_buffer(self._code))
        self._read = ctypes.CFUNCTYPE(ctypes.c_uint64)(address)
        self._loop = ctypes.CFUNCTYPE(None, ctypes.c_uint64)(address + 64)
        self.hz = self._frequency()

    def _frequency(self, seconds: float = 0.2) -> float:
        start_time, start = time.monotonic_ns(), self._read()
        time.sleep(seconds)
        end_time, end = time.monotonic_ns(), self._read()
        return (end - start) * 1e9 / (end_time - start_time)

    def loop_cycles(self, cpu: int) -> float:
        """TSC cycles of one round of the loop on a CPU, the least of some tries."""
        home = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {cpu})
        try:
            best = min(self._time_loop() for _ in range(20))
        finally:
            os.sched_setaffinity(0, home)
        return best / _ITERATIONS

    def _time_loop(self) -> int:
        start = self._read()
        self._loop(_ITERATIONS)
        return self._read() - start
