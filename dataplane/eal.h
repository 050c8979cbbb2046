// Starting DPDK's environment without anybody typing its flags.
//
// Control thread, once a process. Hugepages are used when enough are free; otherwise ordinary memory, sized up front.
#pragma once

#include <rte_mempool.h>

#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace ecmpd::dataplane {

struct EalOptions {
  std::vector<unsigned> worker_cpus;  // lcore i + 1 runs on worker_cpus[i]; lcore 0 is the control thread
  std::vector<std::string> vdevs;     // devargs
  std::vector<std::string> pci;       // addresses
  unsigned mbufs = 16384;
  unsigned mbuf_room = 2048;  // bytes of a frame that one of them takes
};

struct EalFacts {
  bool hugepages = false;
  unsigned megabytes = 0;
};

tl::expected<EalFacts, std::string> start_eal(const EalOptions& options);
void stop_eal();

/// The one packet pool, of `count` mbufs with `room` bytes for a frame each. `whole_pages`: no mbuf crosses a page, for
/// devices that read and write them where they are; drivers that copy do better without.
tl::expected<rte_mempool*, std::string> create_mempool(unsigned count, unsigned room, bool whole_pages = false);

}  // namespace ecmpd::dataplane
