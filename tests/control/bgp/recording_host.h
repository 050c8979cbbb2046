// A SessionHost that writes down what a session asks for, one short line each. Test code only.
#pragma once

#include <fmt/core.h>

#include <string>
#include <vector>

#include "control/bgp/session.h"
#include "tests/control/bgp/bytes.h"

namespace ecmpd::control::bgp::testing {

class RecordingHost : public SessionHost {
 public:
  std::string lines;
  std::vector<std::string> logged;
  bool pending = false;
  bool has_table = false;
  UpdateVerdict verdict = UpdateVerdict::kOk;

  /// What was recorded since the last call.
  std::string take() { return std::exchange(lines, {}); }

  void connect() override { line("connect"); }
  void send(Side side, Bytes bytes) override {
    const auto frame = next_frame(bytes);
    std::string what = frame && *frame ? std::string(to_string((*frame)->type)) : "garbage";
    if (frame && *frame && (*frame)->type == MessageType::kNotification) {
      what += fmt::format(" {}", decode_notification((*frame)->body).to_string());
    }
    line(fmt::format("{}: send {}", to_string(side), what));
  }
  void close(Side side) override { line(fmt::format("{}: close", to_string(side))); }
  void set_timer(SessionTimer timer, Time delay) override {
    line(fmt::format("timer {} {}", to_string(timer), delay.count()));
  }
  void clear_timer(SessionTimer) override {}
  bool input_pending(Side) override { return pending; }
  bool announces() override { return has_table; }
  void established(const SessionParameters& p) override {
    line(fmt::format("ESTABLISHED as {} hold {} keepalive {}{}", p.asn, p.hold_time, p.keepalive,
                     p.ebgp ? "" : " internal"));
  }
  UpdateVerdict update(const RouteUpdate& update) override {
    std::string text = "UPDATE";
    for (const auto& prefix : update.announced)
      text += fmt::format(" +{} via {}", prefix.to_string(), update.attributes.next_hop.to_string());
    for (const auto& prefix : update.withdrawn) text += fmt::format(" -{}", prefix.to_string());
    line(text);
    return verdict;
  }
  void end_of_rib(Family family) override { line(family == Family::kIpv4 ? "END OF RIB IPv4" : "END OF RIB IPv6"); }
  void down(std::string_view reason, const Retain& retain) override {
    std::string kept;
    if (retain.any()) {
      kept = fmt::format(" (keeping{}{} for {} s)", retain.families.ipv4 ? " IPv4" : "",
                         retain.families.ipv6 ? " IPv6" : "", retain.restart_time.count());
    }
    line(fmt::format("DOWN {}{}", reason, kept));
  }
  void log(log::Level, std::string_view text) override { logged.emplace_back(text); }

 private:
  void line(std::string_view text) {
    lines += text;
    lines += '\n';
  }
};

/// Our end in these tests: AS 64500, 10.0.0.1, passive, and a peer in AS 64512.
inline SessionConfig local() {
  SessionConfig config;
  config.local_as = 64500;
  config.router_id = 0x0a000001;
  config.passive = true;
  config.remote_as = {64512};
  return config;
}

inline std::vector<uint8_t> peer_open(uint32_t asn = 64512, uint32_t router_id = 0x0a00010b, uint16_t hold = 90) {
  OpenMessage open;
  open.asn = asn;
  open.router_id = router_id;
  open.hold_time = hold;
  open.families = {kIpv4Unicast};
  open.four_octet_as = true;
  return encode_open(open);
}

inline std::vector<uint8_t> announcement(std::string_view nlri) {
  return raw_message(2, update_body("", "40 01 01 00 40 02 06 02 01 0000fc00 40 03 04 0a00010b", nlri));
}
inline std::vector<uint8_t> withdrawal(std::string_view nlri) { return raw_message(2, update_body(nlri, "", "")); }

}  // namespace ecmpd::control::bgp::testing
