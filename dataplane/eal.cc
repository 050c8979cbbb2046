#include "dataplane/eal.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_mbuf_pool_ops.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "dataplane/af_packet_fanout.h"
#include "dataplane/xdp_queues.h"

namespace ecmpd::dataplane {

namespace {

constexpr std::string_view kFilePrefix = "ecmpd";
constexpr unsigned kMbufCache = 256;
// Of an mbuf besides the room for its frame: headroom, header, the pool's own.
constexpr unsigned kMbufOverhead = RTE_PKTMBUF_HEADROOM + sizeof(rte_mbuf) + RTE_CACHE_LINE_SIZE;
// Rings, queues and drivers besides the mbufs.
constexpr unsigned kOverheadMegabytes = 128;

unsigned free_hugepage_megabytes() {
  std::ifstream meminfo("/proc/meminfo");
  std::string line;
  unsigned long pages = 0;
  unsigned long kilobytes = 0;
  while (std::getline(meminfo, line)) {
    if (line.starts_with("HugePages_Free:")) pages = std::stoul(line.substr(15));
    if (line.starts_with("Hugepagesize:")) kilobytes = std::stoul(line.substr(13));
  }
  return static_cast<unsigned>(pages * kilobytes / 1024);
}

/// The control thread keeps off the workers' CPUs where it can.
unsigned control_cpu(const std::vector<unsigned>& worker_cpus) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  sched_getaffinity(0, sizeof allowed, &allowed);
  unsigned any = worker_cpus.empty() ? 0 : worker_cpus.front();
  for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    any = cpu;
    if (std::find(worker_cpus.begin(), worker_cpus.end(), cpu) == worker_cpus.end()) return cpu;
  }
  return any;
}

/// EAL makes a directory for each process and leaves it, though we have it put nothing there: ours, and those of runs
/// that were killed.
void remove_runtime_directories(const std::filesystem::path& ours) {
  std::error_code ignored;
  std::filesystem::remove(ours, ignored);
  for (const auto& entry : std::filesystem::directory_iterator(ours.parent_path(), ignored)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(kFilePrefix)) continue;
    const std::string pid = name.substr(kFilePrefix.size());
    if (!std::filesystem::exists("/proc/" + pid)) std::filesystem::remove(entry.path(), ignored);  // if it is empty
  }
}

}  // namespace

tl::expected<EalFacts, std::string> start_eal(const EalOptions& options) {
  if (!fanout_override_works())
    return tl::unexpected(std::string("setsockopt() is not ours: see dataplane/af_packet_fanout.h"));
  if (!channels_override_works()) return tl::unexpected(std::string("ioctl() is not ours: see dataplane/xdp_queues.h"));
  EalFacts facts;
  const uint64_t mbuf_bytes = uint64_t{options.mbufs} * (kMbufOverhead + options.mbuf_room);
  facts.megabytes = kOverheadMegabytes + static_cast<unsigned>(mbuf_bytes >> 20) + 1;
  facts.hugepages = free_hugepage_megabytes() >= facts.megabytes;

  std::string lcores = "0@" + std::to_string(control_cpu(options.worker_cpus));
  for (size_t i = 0; i < options.worker_cpus.size(); ++i) {
    lcores += "," + std::to_string(i + 1) + "@" + std::to_string(options.worker_cpus[i]);
  }
  std::vector<std::string> arguments = {
      "ecmpd",          "--lcores=" + lcores,
      "--main-lcore=0", "--file-prefix=" + std::string(kFilePrefix) + std::to_string(getpid()),
      "--no-telemetry", "--log-level=*:5"};  // warnings and worse: see eal_log.h
  if (facts.hugepages) {
    arguments.insert(arguments.end(), {"--in-memory"});
  } else {
    arguments.insert(arguments.end(), {"--no-huge", "--no-shconf", "-m", std::to_string(facts.megabytes)});
  }
  if (options.pci.empty()) arguments.emplace_back("--no-pci");
  for (const std::string& address : options.pci) arguments.insert(arguments.end(), {"-a", address});
  for (const std::string& vdev : options.vdevs) arguments.push_back("--vdev=" + vdev);

  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  if (rte_eal_init(static_cast<int>(argv.size()), argv.data()) < 0) {
    std::string line;
    for (const std::string& argument : arguments) line += " " + argument;
    return tl::unexpected(std::string("DPDK did not start: ") + rte_strerror(rte_errno) + "; arguments:" + line);
  }
  return facts;
}

void stop_eal() {
  const std::filesystem::path runtime = rte_eal_get_runtime_dir();
  rte_eal_cleanup();
  remove_runtime_directories(runtime);
}

tl::expected<rte_mempool*, std::string> create_mempool(unsigned count, unsigned room, bool whole_pages) {
  const auto failed = [count](rte_mempool* pool, int error) {
    rte_mempool_free(pool);  // null is fine
    return tl::unexpected("cannot create a pool of " + std::to_string(count) + " packets: " + rte_strerror(error));
  };
  // Without hugepages DPDK begins each mbuf at a page, to have it contiguous for devices. The headers of all mbufs then
  // compete for one of the L1 cache's 64 sets, and only a quarter of a burst of 64 stays there: parse takes 19 cycles
  // instead of 9, rewrite 21 instead of 7.
  const unsigned flags = whole_pages || rte_eal_has_hugepages() ? 0 : RTE_MEMPOOL_F_NO_IOVA_CONTIG;
  rte_pktmbuf_pool_private facts{};
  facts.mbuf_data_room_size = static_cast<uint16_t>(RTE_PKTMBUF_HEADROOM + room);
  rte_mempool* pool = rte_mempool_create_empty("packets", count, sizeof(rte_mbuf) + facts.mbuf_data_room_size,
                                               kMbufCache, sizeof facts, SOCKET_ID_ANY, flags);
  if (pool == nullptr) return failed(pool, rte_errno);
  if (const int error = rte_mempool_set_ops_byname(pool, rte_mbuf_best_mempool_ops(), nullptr); error != 0)
    return failed(pool, -error);
  rte_pktmbuf_pool_init(pool, &facts);
  if (const int error = rte_mempool_populate_default(pool); error < 0) return failed(pool, -error);
  rte_mempool_obj_iter(pool, rte_pktmbuf_init, nullptr);
  return pool;
}

}  // namespace ecmpd::dataplane
