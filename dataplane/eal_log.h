// What DPDK says of itself, in the router's own log: known messages in words that help, or not at all where they mean
// nothing here; all others as they are.
//
// Messages come on any thread, mostly while EAL starts; the sink is called with whole lines.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ecmpd::dataplane {

enum class EalLevel : uint8_t { kInfo, kWarn, kError };

struct EalMessage {
  EalLevel level = EalLevel::kError;
  std::string text;
};

/// `level` is DPDK's, RTE_LOG_EMERG (1) to RTE_LOG_DEBUG (8). Nothing: the line is not worth showing.
std::optional<EalMessage> translate_eal(unsigned level, std::string_view line);

using EalSink = std::function<void(EalLevel level, std::string_view text)>;
/// From now on messages go to the sink, translated. Before EAL starts; once.
void send_eal_log_to(EalSink sink);

}  // namespace ecmpd::dataplane
