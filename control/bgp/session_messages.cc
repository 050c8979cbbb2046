// What arrives on a connection of a session: framing, and each message in each state (RFC 4271 section 8.2.2).
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "control/bgp/capabilities.h"
#include "control/bgp/message_text.h"
#include "control/bgp/route_refresh.h"
#include "control/bgp/session.h"

namespace ecmpd::control::bgp {

void Session::received(Side side, Bytes bytes, Time now) {
  Connection& connection = at(side);
  if (!connection.open()) return;
  // Most reads end within a message: only its beginning is kept, and joined with the next read.
  const bool joined = !connection.partial.empty();
  if (joined) append(connection.partial, bytes);
  const Bytes input = joined ? Bytes(connection.partial) : bytes;
  size_t used = 0;
  for (;;) {
    const auto frame = next_frame(input.subspan(used));
    if (!frame) return fail_because_of(side, input.subspan(used), frame.error(), "bad message header", now);
    if (!*frame) break;
    used += (*frame)->size;
    handle(side, **frame, now);
    if (!connection.open()) return;
  }
  if (joined) {
    connection.partial.erase(connection.partial.begin(), connection.partial.begin() + static_cast<ptrdiff_t>(used));
  } else {
    const Bytes rest = input.subspan(used);
    connection.partial.assign(rest.begin(), rest.end());
  }
}

void Session::handle(Side side, const Frame& frame, Time now) {
  Connection& connection = at(side);
  ++status_.received[static_cast<size_t>(frame.type)];
  if (frame.type == MessageType::kNotification) {
    const Notification notification = decode_notification(frame.body);
    status_.last_received_notification = notification.to_string();
    host_.close(side);
    const EndingNotification ending = describe(notification, false);
    drop(side, "received " + status_.last_received_notification, now,
         ending.hard_reset ? Loss::kFinal : Loss::kNotification, &ending);
    return settle();
  }
  const auto unexpected = [&](uint8_t subcode) {
    fail_because_of(side, frame.message, {ErrorCode::kFsm, subcode, {static_cast<uint8_t>(frame.type)}},
                    fmt::format("{} in {}", to_string(frame.type), to_string(connection.state)), now);
  };
  switch (connection.state) {
    case State::kIdle:
    case State::kConnect:
    case State::kActive:
      return;  // not open
    case State::kOpenSent:
      if (frame.type != MessageType::kOpen) return unexpected(fsm_error::kInOpenSent);
      return handle_open(side, frame, now);
    case State::kOpenConfirm:
      if (frame.type != MessageType::kKeepalive) return unexpected(fsm_error::kInOpenConfirm);
      connection.last_received = now;
      return enter_established(side, now);
    case State::kEstablished:
      switch (frame.type) {
        case MessageType::kKeepalive:
          connection.last_received = now;
          return;
        case MessageType::kUpdate:
          connection.last_received = now;
          return handle_update(side, frame, now);
        case MessageType::kRouteRefresh:
          connection.last_received = now;
          return handle_refresh(frame.body);
        case MessageType::kOpen:
        case MessageType::kNotification:
          return unexpected(fsm_error::kInEstablished);
      }
  }
}

// What only we can know to be wrong with an OPEN.
std::optional<Notification> Session::refusal(const OpenMessage& open) const {
  const auto& allowed = config_.remote_as;
  if (std::find(allowed.begin(), allowed.end(), open.asn) == allowed.end()) {
    return Notification{ErrorCode::kOpenMessage, open_error::kBadPeerAs, {}};
  }
  // RFC 6286: unique within an AS.
  if (open.asn == config_.local_as && open.router_id == config_.router_id) {
    return Notification{ErrorCode::kOpenMessage, open_error::kBadIdentifier, {}};
  }
  return std::nullopt;
}

namespace {
// "64512 or 64513"
std::string alternatives(const std::vector<uint32_t>& numbers) {
  std::string out;
  for (const uint32_t number : numbers) out += fmt::format("{}{}", out.empty() ? "" : " or ", number);
  return out;
}
}  // namespace

void Session::handle_open(Side side, const Frame& frame, Time now) {
  auto open = decode_open(frame.body);
  if (!open) return fail_because_of(side, frame.message, open.error(), "bad OPEN", now);
  status_.remote = *open;
  if (const auto notification = refusal(*open)) {
    const std::string reason =
        notification->subcode == open_error::kBadPeerAs
            ? fmt::format("its AS is {}, not {} as configured", open->asn, alternatives(config_.remote_as))
            : fmt::format("its identifier {} is this router's own", hash::IpAddress::v4(open->router_id).to_string());
    host_.log(log::Level::kWarn,
              fmt::format("{} connection refused: {}; sent {}", to_string(side), reason, notification->to_string()));
    at(side).end_logged = true;
    return fail(side, *notification, reason, now);
  }
  if (!(open->routed_families() & config_.families).any()) {
    return fail_because_of(
        side, frame.message,
        {ErrorCode::kOpenMessage, open_error::kUnsupportedCapability, encode_families(config_.families)},
        "no address family in common", now);
  }

  Connection& connection = at(side);
  connection.remote = std::move(*open);
  connection.hold_time = std::min(config_.hold_time, connection.remote.hold_time);
  connection.keepalive = static_cast<uint16_t>(connection.hold_time / 3);
  connection.last_received = now;
  connection.state = State::kOpenConfirm;
  if (!survives_collision(side, now)) return;
  send(side, MessageType::kKeepalive, encode_keepalive());
  if (connection.hold_time != 0) {  // else the time for an OPEN goes on to bound the wait for the KEEPALIVE
    host_.set_timer(hold_timer(side), std::chrono::seconds(connection.hold_time));
    host_.set_timer(keepalive_timer(side), std::chrono::seconds(connection.keepalive));
  }
  settle();
}

// RFC 4271 section 6.8 with RFC 6286: of two connections that have both come this far, the one survives that was
// opened by the router with the higher identifier, or with equal identifiers by the one with the higher AS.
bool Session::survives_collision(Side side, Time now) {
  const Side rival = other(side);
  if (at(rival).state != State::kOpenConfirm) return true;
  const OpenMessage& remote = at(side).remote;
  const bool we_dominate =
      config_.router_id != remote.router_id ? config_.router_id > remote.router_id : config_.local_as > remote.asn;
  const Side winner = we_dominate ? Side::kOutgoing : Side::kIncoming;
  fail(other(winner), {ErrorCode::kCease, cease::kCollisionResolution, {}}, "collision", now);
  return side == winner;
}

void Session::enter_established(Side side, Time now) {
  const Side rival = other(side);
  if (at(rival).open()) {
    fail(rival, {ErrorCode::kCease, cease::kCollisionResolution, {}}, "collision", now);
  } else if (at(rival).state == State::kConnect) {
    host_.close(rival);
    drop(rival, "not needed any more", now, Loss::kConnection);
  }
  Connection& connection = at(side);
  connection.state = State::kEstablished;
  if (connection.hold_time == 0) host_.clear_timer(hold_timer(side));
  const OpenMessage& remote = connection.remote;
  SessionParameters& p = status_.parameters;
  p.asn = remote.asn;
  p.router_id = remote.router_id;
  p.ebgp = remote.asn != config_.local_as;
  p.hold_time = connection.hold_time;
  p.keepalive = connection.keepalive;
  p.four_octet_as = remote.four_octet_as;
  p.extended_message = remote.extended_message;
  p.route_refresh = remote.route_refresh;
  p.families = remote.routed_families() & config_.families;
  p.add_path = remote.add_path_send & config_.add_path & p.families;
  p.graceful_restart = remote.graceful_restart;
  p.graceful_restart.notification &= config_.graceful_restart;
  decoder_.reset({.four_octet_as = p.four_octet_as,
                  .ebgp = p.ebgp,
                  .families = p.families,
                  .add_path = p.add_path,
                  .zone = config_.zone});
  end_of_rib_seen_ = {};
  refresh_seen_ = false;
  damage_reported_.reset();
  ++status_.established_count;
  status_.since = now;
  settle();
  host_.log(log::Level::kInfo,
            fmt::format("established: AS {}, identifier {}, hold time {} s, {} connection, {}{}{}", p.asn,
                        hash::IpAddress::v4(p.router_id).to_string(), p.hold_time, to_string(side),
                        p.families.ipv4 ? "IPv4" : "", p.families.ipv4 && p.families.ipv6 ? " and " : "",
                        p.families.ipv6 ? "IPv6" : ""));
  if (!host_.announces()) finish_table();
  host_.established(p);
}

void Session::finish_table() {
  if (status_.state != State::kEstablished || !status_.parameters.graceful_restart.offered) return;
  send_end_of_rib(status_.side);
}

// A peer that restarts chooses its routes when everybody's first table is complete (RFC 4724 section 4.1).
void Session::send_end_of_rib(Side side) {
  if (status_.parameters.families.ipv4) {
    send(side, MessageType::kUpdate, encode_message(MessageType::kUpdate, std::array<uint8_t, 4>{}));
  }
  if (status_.parameters.families.ipv6) {
    constexpr std::array<uint8_t, 10> kEmptyUnreach{
        0, 0, 0, 6, attribute::kFlagOptional, attribute::kMpUnreach, 3, 0, kIpv6Unicast.afi, kIpv6Unicast.safi};
    send(side, MessageType::kUpdate, encode_message(MessageType::kUpdate, kEmptyUnreach));
  }
}

bool Session::send_updates(Bytes messages) {
  if (status_.state != State::kEstablished) return false;
  while (!messages.empty()) {
    const size_t length = load_u16(messages.data() + 16);
    send(status_.side, MessageType::kUpdate, messages.first(length));
    messages = messages.subspan(length);
  }
  return true;
}

void Session::handle_refresh(Bytes body) {
  const auto refresh = decode_route_refresh(body);
  const auto family = refresh ? routed_family(refresh->family) : std::nullopt;
  const bool ours = family && status_.parameters.families.contains(*family);
  if (!ours) return;
  if (!std::exchange(refresh_seen_, true)) host_.log(log::Level::kInfo, "asks for our routes again");
  host_.refresh(*family);
}

// What a message says that costs its sender the session stands in the log, before the line that the session is down.
void Session::fail_because_of(Side side, Bytes message, const Notification& notification, std::string_view reason,
                              Time now) {
  // Whoever is no peer yet may be a stranger: no warning for what he sends.
  const bool peer = at(side).state == State::kEstablished;
  host_.log(peer ? log::Level::kWarn : log::Level::kInfo,
            fmt::format("{}: {}; received {}", reason, notification.to_string(), quote_bytes(message)));
  fail(side, notification, reason, now);
}

// RFC 7606 section 6 wants every one in the log. Some nodes damage each of their UPDATEs: the first of a session is
// there with its bytes, then one a minute with the number of those in between.
void Session::report_damage(const Update& update, Bytes message, Time now) {
  ++status_.damaged_updates;
  if (damage_reported_ && now - *damage_reported_ < kDamagePause) {
    ++damage_unreported_;
    return;
  }
  damage_reported_ = now;
  std::string text = fmt::format("damaged UPDATE, session kept: {}", update.problem);
  if (damage_unreported_ > 0) {
    text += fmt::format(" ({} more since the last such line)", std::exchange(damage_unreported_, 0));
  }
  const auto& announced = update.announced.empty() ? update.mp_announced : update.announced;
  text += fmt::format("; announced: {}; withdrawn: {}; received {}", list_prefixes(announced),
                      list_prefixes(update.withdrawn), quote_bytes(message));
  host_.log(log::Level::kWarn, text);
}

void Session::handle_update(Side side, const Frame& frame, Time now) {
  const auto update = decoder_.decode(frame.body);
  if (!update) return fail_because_of(side, frame.message, update.error(), "bad UPDATE", now);
  if (!update->problem.empty()) report_damage(*update, frame.message, now);
  if (update->end_of_rib) {
    if (!end_of_rib_seen_.contains(*update->end_of_rib)) host_.end_of_rib(*update->end_of_rib);
    end_of_rib_seen_.insert(*update->end_of_rib);
    return;
  }
  UpdateVerdict verdict = UpdateVerdict::kOk;
  if (!update->announced.empty() || !update->withdrawn.empty()) {
    verdict = host_.update(
        {*update->attributes, update->announced, update->withdrawn, update->announced_ids, update->withdrawn_ids});
  }
  if (verdict == UpdateVerdict::kOk && !update->mp_announced.empty()) {
    verdict = host_.update({*update->mp_attributes, update->mp_announced, {}, update->mp_announced_ids});
  }
  if (verdict == UpdateVerdict::kMaximumPrefixReached) {
    held_down_ = true;
    host_.set_timer(SessionTimer::kIdleHold, maximum_prefix_hold_);
    fail(side, {ErrorCode::kCease, cease::kMaximumPrefixes, {}}, "maximum_prefix reached", now, Loss::kFinal);
  }
}

}  // namespace ecmpd::control::bgp
