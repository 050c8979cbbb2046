#include "control/bgp/session.h"

#include <fmt/core.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "control/bgp/route_refresh.h"

namespace ecmpd::control::bgp {

std::string_view to_string(State state) {
  switch (state) {
    case State::kIdle:
      return "Idle";
    case State::kConnect:
      return "Connect";
    case State::kActive:
      return "Active";
    case State::kOpenSent:
      return "OpenSent";
    case State::kOpenConfirm:
      return "OpenConfirm";
    case State::kEstablished:
      return "Established";
  }
  return "?";
}

std::string_view to_string(Side side) { return side == Side::kOutgoing ? "outgoing" : "incoming"; }

std::string_view to_string(SessionTimer timer) {
  switch (timer) {
    case SessionTimer::kConnectRetry:
      return "connect-retry";
    case SessionTimer::kIdleHold:
      return "idle-hold";
    case SessionTimer::kHoldOutgoing:
      return "hold-outgoing";
    case SessionTimer::kHoldIncoming:
      return "hold-incoming";
    case SessionTimer::kKeepaliveOutgoing:
      return "keepalive-outgoing";
    case SessionTimer::kKeepaliveIncoming:
      return "keepalive-incoming";
  }
  return "?";
}

EndingNotification describe(const Notification& notification, bool sent) {
  const Notification inner = unwrapped(notification);
  return {.sent = sent,
          .hard_reset = is_hard_reset(notification),
          .code = inner.code,
          .subcode = inner.subcode,
          .name = inner.name(),
          .shutdown_communication = inner.shutdown_communication()};
}

Session::Session(SessionConfig config, SessionHost& host) : config_(std::move(config)), host_(host) {}

void Session::start(Time now) {
  if (started_) return;
  started_ = true;
  status_.since = now;
  open_outgoing();
  settle();
}

void Session::open_outgoing() {
  if (config_.passive || at(Side::kOutgoing).state != State::kIdle) return;
  at(Side::kOutgoing).state = State::kConnect;
  host_.connect();
}

void Session::stop(Time now, uint8_t cease_subcode) {
  started_ = false;
  held_down_ = false;
  for (const Side side : {Side::kOutgoing, Side::kIncoming}) {
    if (at(side).open()) {
      fail(side, {ErrorCode::kCease, cease_subcode, {}}, "stopped", now, Loss::kFinal);
    } else if (at(side).state == State::kConnect) {
      host_.close(side);
      drop(side, "stopped", now, Loss::kFinal);
    }
  }
  host_.clear_timer(SessionTimer::kIdleHold);
  settle();
}

bool Session::offer_incoming(Time now) {
  if (!started_ || held_down_) return false;
  for (const Side side : {Side::kOutgoing, Side::kIncoming}) {
    if (at(side).state != State::kEstablished) continue;
    if (status_.parameters.graceful_restart.families.any() && now - status_.since > kCollisionWindow) {
      host_.close(side);
      drop(side, "the peer has opened a new connection", now, Loss::kConnection);
      settle();
      continue;
    }
    // RFC 4271 section 6.8: the Established connection stays. But perhaps the peer has restarted and our end is all
    // that is left of it: a KEEPALIVE then provokes a reset at once, and his next attempt finds us free.
    send(side, MessageType::kKeepalive, encode_keepalive());
    return false;
  }
  if (at(Side::kIncoming).open()) {
    fail(Side::kIncoming, {ErrorCode::kCease, cease::kCollisionResolution, {}}, "replaced by a newer connection", now);
  }
  return true;
}

void Session::connected(Side side, Time now) {
  Connection& connection = at(side);
  assert(started_ && !held_down_ && !connection.open());
  connection = Connection{};
  connection.last_received = now;
  connection.state = State::kOpenSent;
  OpenMessage open;
  open.asn = config_.local_as;
  open.hold_time = config_.hold_time;
  open.router_id = config_.router_id;
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    if (config_.families.contains(family)) open.families.push_back(unicast(family));
  }
  open.four_octet_as = true;
  open.extended_message = true;
  open.route_refresh = true;
  open.ipv6_nexthops = config_.families.ipv4;
  open.add_path_receive = config_.add_path & config_.families;
  // Without a family: our own forwarding does not outlive us, but we help others (RFC 4724 section 3).
  open.graceful_restart.offered = open.graceful_restart.notification = config_.graceful_restart;
  // Not after the peer's OPEN, for the incoming side either: both ends may wait for the other's.
  send(side, MessageType::kOpen, encode_open(open));
  host_.set_timer(hold_timer(side), kOpenTimeout);
  settle();
}

void Session::closed(Side side, std::string_view reason, Time now) {
  if (at(side).state == State::kIdle) return;
  drop(side, reason, now, Loss::kConnection);
  settle();
}

void Session::expired(SessionTimer timer, Time now) {
  switch (timer) {
    case SessionTimer::kConnectRetry:
      retry_armed_ = false;
      if (at(Side::kOutgoing).state == State::kConnect) {
        host_.close(Side::kOutgoing);
        drop(Side::kOutgoing, "connecting took too long", now, Loss::kConnection);
      }
      open_outgoing();
      settle();
      return;
    case SessionTimer::kIdleHold:
      held_down_ = false;
      open_outgoing();
      settle();
      return;
    case SessionTimer::kHoldOutgoing:
      return hold_expired(Side::kOutgoing, now);
    case SessionTimer::kHoldIncoming:
      return hold_expired(Side::kIncoming, now);
    case SessionTimer::kKeepaliveOutgoing:
    case SessionTimer::kKeepaliveIncoming: {
      const Side side = timer == SessionTimer::kKeepaliveOutgoing ? Side::kOutgoing : Side::kIncoming;
      if (at(side).state < State::kOpenConfirm) return;
      send(side, MessageType::kKeepalive, encode_keepalive());
      host_.set_timer(timer, std::chrono::seconds(at(side).keepalive));
      return;
    }
  }
}

// The timer is not restarted by each message, which would cost more than the message: when it fires we look how long
// the silence really was.
void Session::hold_expired(Side side, Time now) {
  const Connection& connection = at(side);
  if (!connection.open()) return;
  if (connection.state == State::kOpenSent) {
    return fail(side, {ErrorCode::kHoldTimer, 0, {}}, "no OPEN in time", now);
  }
  if (connection.hold_time == 0) {
    return fail(side, {ErrorCode::kHoldTimer, 0, {}}, "no KEEPALIVE after the OPEN in time", now);
  }
  const Time due = connection.last_received + std::chrono::seconds(connection.hold_time);
  if (now < due) return host_.set_timer(hold_timer(side), due - now);
  if (host_.input_pending(side)) return host_.set_timer(hold_timer(side), std::chrono::seconds(1));
  fail(side, {ErrorCode::kHoldTimer, 0, {}}, fmt::format("silent for {} s", connection.hold_time), now);
}

void Session::send(Side side, MessageType type, Bytes message) {
  ++status_.sent[static_cast<size_t>(type)];
  host_.send(side, message);
}

bool Session::request_refresh() {
  if (status_.state != State::kEstablished || !status_.parameters.route_refresh) return false;
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    if (!status_.parameters.families.contains(family)) continue;
    send(status_.side, MessageType::kRouteRefresh, encode_route_refresh(family));
  }
  return true;
}

// RFC 4724 section 4.2, and RFC 8538 section 4 for what a NOTIFICATION ends.
Retain Session::retained(Loss loss) const {
  const GracefulRestart& restart = status_.parameters.graceful_restart;
  if (loss == Loss::kFinal || (loss == Loss::kNotification && !restart.notification)) return {};
  if (!config_.graceful_restart || restart.restart_time.count() == 0 || !restart.families.any()) return {};
  return {restart.families & status_.parameters.families, restart.restart_time};
}

// Ends a connection from our side.
void Session::fail(Side side, const Notification& notification, std::string_view reason, Time now, Loss loss) {
  const bool established = at(side).state == State::kEstablished;
  // RFC 8538 section 3.1: where both sides keep routes over a NOTIFICATION, a Hard Reset says that this once they go.
  const bool wrap = established && loss == Loss::kFinal && status_.parameters.graceful_restart.notification;
  const Notification sent = wrap ? hard_reset(notification) : notification;
  const std::string text = sent.to_string();
  send(side, MessageType::kNotification, encode(sent));
  host_.close(side);
  status_.last_sent_notification = text;
  const EndingNotification ending = describe(sent, true);
  drop(side, fmt::format("{}; sent {}", reason, text), now, loss, &ending);
  settle();
}

// Forgets a connection that is closed already.
void Session::drop(Side side, std::string_view reason, Time now, Loss loss, const EndingNotification* ending) {
  Connection& connection = at(side);
  const State was = connection.state;
  // The rest of it stays: the message that is being handled may be a view into its buffer.
  connection.state = State::kIdle;
  host_.clear_timer(hold_timer(side));
  host_.clear_timer(keepalive_timer(side));
  status_.last_down = reason;
  note_reset(side, was, reason, now, ending);
  if (was == State::kEstablished) {
    const Retain retain = retained(loss);
    host_.log(log::Level::kWarn,
              retain.any() ? fmt::format("down: {}; routes kept for {} s", reason, retain.restart_time.count())
                           : fmt::format("down: {}", reason));
    status_.since = now;
    host_.down(reason, retain);
  } else if (was != State::kIdle && !std::exchange(connection.end_logged, false)) {
    host_.log(log::Level::kInfo, fmt::format("{} connection ended in {}: {}", to_string(side), to_string(was), reason));
  }
}

void Session::note_reset(Side side, State was, std::string_view reason, Time now, const EndingNotification* ending) {
  if (was != State::kEstablished) {
    const bool gave_way = at(other(side)).open() || (ending != nullptr && ending->code == ErrorCode::kCease &&
                                                     ending->subcode == cease::kCollisionResolution);
    const bool says_little = ending == nullptr && status_.last_reset;
    if (was < State::kOpenSent || gave_way || says_little) return;
  }
  status_.last_reset = SessionReset{now, std::string(reason), {}};
  if (ending != nullptr) status_.last_reset->notification = *ending;
}

// Brings the retry timer and the reported state in line with the connections.
void Session::settle() {
  const State outgoing = at(Side::kOutgoing).state, incoming = at(Side::kIncoming).state;
  State state = std::max(outgoing, incoming);
  status_.side = outgoing > incoming ? Side::kOutgoing : Side::kIncoming;
  if (state == State::kIdle && started_ && !held_down_) state = State::kActive;
  status_.state = state;

  const bool wanted = !config_.passive && (state == State::kActive || state == State::kConnect);
  if (wanted && !retry_armed_) {
    host_.set_timer(SessionTimer::kConnectRetry, std::chrono::seconds(config_.connect_retry));
  } else if (!wanted && retry_armed_) {
    host_.clear_timer(SessionTimer::kConnectRetry);
  }
  retry_armed_ = wanted;
}

}  // namespace ecmpd::control::bgp
