#include "control/api/filter.h"

#include <pcap/pcap.h>

#include <memory>

namespace ecmpd::control::api {

tl::expected<std::vector<dataplane::FilterInstruction>, std::string> compile_filter(const std::string& text) {
  if (text.empty()) return {};
  constexpr int kLongestFrame = 65535;
  const std::unique_ptr<pcap_t, void (*)(pcap_t*)> ethernet(pcap_open_dead(DLT_EN10MB, kLongestFrame), pcap_close);
  if (!ethernet) return tl::unexpected(std::string("no memory for a filter"));
  bpf_program program{};
  if (pcap_compile(ethernet.get(), &program, text.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0) {
    return tl::unexpected(std::string(pcap_geterr(ethernet.get())));
  }
  std::vector<dataplane::FilterInstruction> out;
  for (unsigned i = 0; i < program.bf_len; ++i) {
    const bpf_insn& from = program.bf_insns[i];
    out.push_back({.code = from.code, .if_true = from.jt, .if_false = from.jf, .operand = from.k});
  }
  pcap_freecode(&program);
  return out;
}

}  // namespace ecmpd::control::api
