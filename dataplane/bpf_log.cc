#include "dataplane/bpf_log.h"

#include <bpf/libbpf.h>
#include <rte_log.h>
#include <xdp/libxdp.h>

#include <array>
#include <cstdarg>
#include <cstdio>

namespace ecmpd::dataplane {

namespace {

constexpr size_t kLongest = 1024;  // what is longer is cut

/// Never destroyed: the libraries may speak until the very end.
EalSink& sink() {
  static auto* const out = new EalSink;
  return *out;
}

__attribute__((format(printf, 2, 0))) int write_line(unsigned level, const char* format, va_list arguments) {
  std::array<char, kLongest> text;
  const int length = std::vsnprintf(text.data(), text.size(), format, arguments);
  std::string_view line = text.data();
  while (line.ends_with('\n')) line.remove_suffix(1);
  if (line.empty()) return length;
  if (const auto message = translate_eal(level, line)) sink()(message->level, message->text);
  return length;
}

__attribute__((format(printf, 2, 0))) int print_bpf(libbpf_print_level level, const char* format, va_list arguments) {
  if (level == LIBBPF_DEBUG) return 0;
  return write_line(level == LIBBPF_WARN ? RTE_LOG_WARNING : RTE_LOG_INFO, format, arguments);
}

__attribute__((format(printf, 2, 0))) int print_xdp(libxdp_print_level level, const char* format, va_list arguments) {
  if (level == LIBXDP_DEBUG) return 0;
  return write_line(level == LIBXDP_WARN ? RTE_LOG_WARNING : RTE_LOG_INFO, format, arguments);
}

}  // namespace

void send_bpf_log_to(EalSink to) {
  sink() = std::move(to);
  libbpf_set_print(print_bpf);
  libxdp_set_print(print_xdp);
}

}  // namespace ecmpd::dataplane
