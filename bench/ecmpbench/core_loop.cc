#include "bench/ecmpbench/core_loop.h"

#include <rte_cycles.h>

namespace ecmpd::bench {

double additions_cycles() {
  constexpr uint64_t kRounds = 1000;
  uint64_t left = kRounds;
  uint64_t a = 0, b = 0, c = 0, d = 0, e = 0, f = 0;
  const uint64_t start = rte_rdtsc();
  asm volatile(
      "1:\n\t"
      "inc %[a]\n\tinc %[b]\n\tinc %[c]\n\tinc %[d]\n\tinc %[e]\n\tinc %[f]\n\t"
      "inc %[a]\n\tinc %[b]\n\tinc %[c]\n\tinc %[d]\n\tinc %[e]\n\tinc %[f]\n\t"
      "dec %[left]\n\tjnz 1b"
      : [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d), [e] "+r"(e), [f] "+r"(f), [left] "+r"(left)
      :
      : "cc");
  return static_cast<double>(rte_rdtsc() - start) / kRounds;
}

double multiplication_cycles() {
  constexpr uint64_t kRounds = 250;
  uint64_t left = kRounds;
  uint64_t value = 3;
  const uint64_t start = rte_rdtsc();
  asm volatile(
      "1:\n\t"
      "imul %[value], %[value]\n\timul %[value], %[value]\n\timul %[value], %[value]\n\timul %[value], %[value]\n\t"
      "dec %[left]\n\tjnz 1b"
      : [value] "+r"(value), [left] "+r"(left)
      :
      : "cc");
  return static_cast<double>(rte_rdtsc() - start) / (kRounds * 4);
}

}  // namespace ecmpd::bench
