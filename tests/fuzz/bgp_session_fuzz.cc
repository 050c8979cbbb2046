// A whole session: the input is a script of events, each a byte, with the bytes that a peer sends between them. The
// promises to the sink are checked: established and down alternate, nothing is delivered in between, and only what a
// peer offered to keep is kept.
#include <algorithm>
#include <cstdlib>

#include "control/bgp/session.h"

using namespace ecmpd::control::bgp;
using namespace std::chrono_literals;

namespace {

void require(bool condition) {
  if (!condition) abort();
}

struct Host final : SessionHost {
  bool up = false;
  SessionParameters negotiated;
  bool connecting = false;
  bool open[2] = {};
  bool armed[kSessionTimers] = {};

  void connect() override {
    require(!connecting && !open[0]);
    connecting = true;
  }
  void send(Side side, Bytes bytes) override {
    require(open[static_cast<int>(side)]);
    const auto frame = next_frame(bytes);
    require(frame && *frame && (*frame)->size == bytes.size());
  }
  void close(Side side) override {
    if (side == Side::kOutgoing && connecting) {
      connecting = false;
      return;
    }
    require(open[static_cast<int>(side)]);
    open[static_cast<int>(side)] = false;
  }
  void set_timer(SessionTimer timer, Time delay) override {
    require(delay > 0ms);
    armed[static_cast<size_t>(timer)] = true;
  }
  void clear_timer(SessionTimer timer) override { armed[static_cast<size_t>(timer)] = false; }
  bool input_pending(Side) override { return false; }
  void established(const SessionParameters& p) override {
    require(!up && p.asn == 64512 && p.families.any());
    up = true;
    negotiated = p;
  }
  UpdateVerdict update(const RouteUpdate& update) override {
    const auto other = [&](const ecmpd::hash::Prefix& one) { return !negotiated.families.contains(one.family()); };
    require(std::none_of(update.announced.begin(), update.announced.end(), other));
    require(std::none_of(update.withdrawn.begin(), update.withdrawn.end(), other));
    require(negotiated.add_path.any() || (update.announced_ids.empty() && update.withdrawn_ids.empty()));
    require(up && update.announced.size() + update.withdrawn.size() > 0);
    return update.announced.size() > 3 ? UpdateVerdict::kMaximumPrefixReached : UpdateVerdict::kOk;
  }
  void end_of_rib(Family family) override { require(up && negotiated.families.contains(family)); }
  void down(std::string_view, const Retain& retain) override {
    require(up);
    require(!retain.any() || (negotiated.graceful_restart.offered && retain.restart_time.count() > 0));
    up = false;
  }
  void log(ecmpd::control::log::Level, std::string_view) override {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  SessionConfig config;
  config.local_as = 64500;
  config.router_id = 0x0a000001;
  config.remote_as = {64512};
  config.add_path = kBothFamilies;
  Host host;
  Session session(config, host);
  Time now = 0s;
  session.start(now);
  for (size_t at = 0; at < size;) {
    const uint8_t event = data[at++];
    const Side side = (event & 0x80) != 0 ? Side::kOutgoing : Side::kIncoming;
    bool& open = host.open[static_cast<int>(side)];
    switch (event & 7) {
      case 0:
        if (side == Side::kOutgoing && host.connecting) {
          host.connecting = false;
          open = true;
          session.connected(side, now);
        } else if (side == Side::kIncoming && session.offer_incoming(now)) {
          open = true;
          session.connected(side, now);
        }
        break;
      case 1:
        if (open || (side == Side::kOutgoing && host.connecting)) {
          open = false;
          if (side == Side::kOutgoing) host.connecting = false;
          session.closed(side, "closed", now);
        }
        break;
      case 2: {
        const auto timer = static_cast<SessionTimer>((event >> 3) % kSessionTimers);
        now += 10s;
        if (std::exchange(host.armed[static_cast<size_t>(timer)], false)) session.expired(timer, now);
        break;
      }
      case 3:
        session.stop(now, cease::kAdministrativeShutdown);
        break;
      case 4:
        session.start(now);
        if (session.request_refresh()) require(host.up);
        break;
      default: {  // two bytes of length, then what arrives in one read
        if (size - at < 2) return 0;
        const size_t length = std::min<size_t>(load_u16(data + at), size - at - 2);
        if (open) session.received(side, Bytes(data + at + 2, length), now);
        at += 2 + length;
      }
    }
    require(host.up == (session.status().state == State::kEstablished));
  }
  session.stop(now, cease::kAdministrativeShutdown);
  require(!host.up && !host.open[0] && !host.open[1] && !host.connecting);
  return 0;
}
