#include "dataplane/eal_log.h"

#include <rte_log.h>

#include <array>
#include <cstdio>
#include <mutex>

namespace ecmpd::dataplane {

namespace {

struct Known {
  std::string_view part;    // of the message
  std::string_view text;    // instead; empty: not shown
  std::string_view also{};  // a second part that the message must have
};

// Of DPDK 22.11 and its drivers.
constexpr std::array kKnown = {
    // A page size without pages: EAL asks for every size that the CPU has, and takes another. What it took is logged.
    Known{"No free ", "", "hugepages"},
    Known{"No available ", "", "hugepages"},
    Known{"hugepages of size", ""},  // "... reserved, but no mounted hugetlbfs": none is needed
    // Not memory of this node, or not told: nothing is placed by node here.
    Known{"Main core has no memory on local socket", ""},
    Known{"/proc/self/numa_maps", ""},
    // Buses that the machine has not.
    Known{"auxiliary bus: ", ""},
    // What net_tap would like and ecmpd does not use: flow rules, for which it makes qdiscs, and secondary processes.
    Known{"tap_nl_dump_ext_ack", ""},
    Known{"qdisc_create_", ""},
    Known{"qdisc.", "", "eth_dev_tap_create"},
    Known{"Disabling rte flow support", ""},
    Known{"req to secondary", ""},
    // libxdp would share an interface with other programs through bpffs, and loads ours alone; what libbpf skips is
    // notes of libxdp to itself.
    Known{"No bpffs found", ""},
    Known{"without a working bpffs", ""},
    Known{"single prog without dispatcher", ""},
    Known{"skipping unrecognized data section", ""},
    // Said once more, with its reason, where it ends the start.
    Known{"Cannot init memory", ""},
    Known{"Cannot get hugepage information",
          "no hugepages where some were a moment ago: another program took them. Start again, or see ecmpctl doctor"},
    Known{"ot enough memory available",
          "the hugepages are not enough, or not on one NUMA node: ecmpctl doctor says how to reserve more"},
    Known{"Cannot use IOVA as 'PA'",
          "a device wants physical addresses, which only root may know: run as root, or with an IOMMU"},
    Known{"VFIO support could not be initialized", "no vfio: PCI devices need it; see ecmpctl doctor"},
};

EalLevel level_of(unsigned level) {
  if (level <= RTE_LOG_ERR) return EalLevel::kError;
  return level <= RTE_LOG_WARNING ? EalLevel::kWarn : EalLevel::kInfo;
}

/// A stream without a file: what is written becomes lines of the sink.
class Lines {
 public:
  explicit Lines(EalSink sink) : sink_(std::move(sink)) {}

  void add(std::string_view text) {
    const std::lock_guard lock(mutex_);
    pending_ += text;
    for (size_t end; (end = pending_.find('\n')) != std::string::npos; pending_.erase(0, end + 1)) {
      const std::string_view line = std::string_view(pending_).substr(0, end);
      if (line.empty()) continue;
      const auto message = translate_eal(static_cast<unsigned>(rte_log_cur_msg_loglevel()), line);
      if (message) sink_(message->level, message->text);
    }
  }

 private:
  std::mutex mutex_;
  EalSink sink_;
  std::string pending_;
};

ssize_t write_lines(void* lines, const char* text, size_t size) {
  static_cast<Lines*>(lines)->add({text, size});
  return static_cast<ssize_t>(size);
}

}  // namespace

std::optional<EalMessage> translate_eal(unsigned level, std::string_view line) {
  for (const Known& known : kKnown) {
    if (line.find(known.part) == std::string_view::npos || line.find(known.also) == std::string_view::npos) continue;
    if (known.text.empty()) return std::nullopt;
    return EalMessage{level_of(level), std::string(known.text)};
  }
  return EalMessage{level_of(level), std::string(line)};
}

void send_eal_log_to(EalSink sink) {
  static Lines lines(std::move(sink));
  static FILE* const stream =
      fopencookie(&lines, "w", {.read = nullptr, .write = write_lines, .seek = nullptr, .close = nullptr});
  // DPDK flushes after each message.
  if (stream != nullptr) rte_openlog_stream(stream);
}

}  // namespace ecmpd::dataplane
