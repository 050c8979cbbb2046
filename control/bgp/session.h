// The session with one peer: the finite state machine of RFC 4271 section 8, over up to two connections.
//
// Pure: events come in as calls, with the time where it matters; what is to be done goes out through SessionHost. No
// socket and no clock. An incoming and an outgoing connection may be open at the same time until one is Established
// or the collision is resolved (section 6.8). Afterwards only one is left.
//
// The host may call nothing of the session from inside a SessionHost function, and does not destroy it there. After
// close(side) the session expects no event of that side before the next connection on it. Control thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/bgp/message.h"
#include "control/bgp/open.h"
#include "control/bgp/session_sink.h"
#include "control/bgp/update.h"
#include "control/log.h"

namespace ecmpd::control::bgp {

/// Since any fixed moment.
using Time = std::chrono::milliseconds;

enum class State : uint8_t { kIdle, kConnect, kActive, kOpenSent, kOpenConfirm, kEstablished };
std::string_view to_string(State state);  // FRR's words: "Idle", "OpenSent", ...

/// A connection is named by who opened it.
enum class Side : uint8_t { kOutgoing = 0, kIncoming = 1 };
std::string_view to_string(Side side);

enum class SessionTimer : uint8_t {
  kConnectRetry,
  kIdleHold,
  kHoldOutgoing,
  kHoldIncoming,
  kKeepaliveOutgoing,
  kKeepaliveIncoming,
};
inline constexpr size_t kSessionTimers = 6;
std::string_view to_string(SessionTimer timer);

struct SessionConfig {
  uint32_t local_as = 0;
  uint32_t router_id = 0;
  uint16_t hold_time = 90;  // seconds: 0 or at least 3
  bool passive = false;     // never opens the connection itself
  uint16_t connect_retry = 5;
  std::vector<uint32_t> remote_as{};   // any of these
  FamilySet families = kBothFamilies;  // offered
  FamilySet add_path{};                // in these path identifiers are asked for (RFC 7911)
  bool graceful_restart = true;        // routes of a peer that restarts may be kept (RFC 4724)
  uint16_t zone = 0;                   // of a link-local peer
  bool operator==(const SessionConfig&) const = default;
};

/// What is fixed for the life of an Established session.
struct SessionParameters {
  uint32_t asn = 0;
  uint32_t router_id = 0;
  bool ebgp = true;
  uint16_t hold_time = 0;  // seconds, negotiated
  uint16_t keepalive = 0;
  bool four_octet_as = false;
  bool extended_message = false;
  FamilySet families{};  // negotiated
  FamilySet add_path{};  // in which the peer sends path identifiers
  bool route_refresh = false;
  GracefulRestart graceful_restart{};  // the peer's, with N only if we set it too
};

/// The NOTIFICATION that ended a connection: of a Hard Reset (RFC 8538) what it wraps.
struct EndingNotification {
  bool sent = false;  // by us; else received
  bool hard_reset = false;
  ErrorCode code = ErrorCode::kCease;
  uint8_t subcode = 0;
  std::string name{};                    // "Cease/Administrative Shutdown"
  std::string shutdown_communication{};  // RFC 9003
};

EndingNotification describe(const Notification& notification, bool sent);

/// How the last session was lost, or an attempt at one since that a NOTIFICATION ended. Not a connection that could not
/// be opened or just closed since, nor one that gave way to another.
struct SessionReset {
  Time at{};
  std::string reason{};
  std::optional<EndingNotification> notification{};  // none: the connection just ended
};

struct SessionStatus {
  State state = State::kIdle;
  Time since{};                                        // the last change between Established and not
  Side side = Side::kIncoming;                         // of the connection that the state is of
  SessionParameters parameters{};                      // of the last Established session
  std::optional<OpenMessage> remote{};                 // the last OPEN of the peer
  std::array<uint64_t, kMessageTypes + 1> received{};  // by MessageType
  std::array<uint64_t, kMessageTypes + 1> sent{};
  uint64_t established_count = 0;
  uint64_t damaged_updates = 0;  // with something wrong that did not end the session (RFC 7606)
  std::string last_down{};       // why the last connection ended
  std::optional<SessionReset> last_reset{};
  std::string last_sent_notification{};
  std::string last_received_notification{};
};

class SessionHost {
 public:
  virtual ~SessionHost() = default;
  /// Open the outgoing connection; answer with connected() or closed(), later.
  virtual void connect() = 0;
  virtual void send(Side side, Bytes bytes) = 0;
  /// Close after what was sent, or give up connecting.
  virtual void close(Side side) = 0;
  /// Replaces a running timer.
  virtual void set_timer(SessionTimer timer, Time delay) = 0;
  virtual void clear_timer(SessionTimer timer) = 0;
  /// Whether bytes wait that were not delivered yet: a busy router must not blame the peer for its own delay.
  virtual bool input_pending(Side side) = 0;

  /// Asked before established(). True: a table is going to be announced, and finish_table() follows it. False: ours is
  /// empty, and the peer is told so at once.
  virtual bool announces() { return false; }
  virtual void established(const SessionParameters& parameters) = 0;
  virtual UpdateVerdict update(const RouteUpdate& update) = 0;
  virtual void end_of_rib(Family family) = 0;
  /// The peer wants all routes of this family again.
  virtual void refresh(Family) {}
  /// Once for each established().
  virtual void down(std::string_view reason, const Retain& retain) = 0;
  virtual void log(log::Level level, std::string_view text) = 0;
};

class Session {
 public:
  /// How long a peer that announced too many prefixes stays down, unless somebody says otherwise.
  static constexpr Time kMaximumPrefixHold = std::chrono::seconds(60);
  /// How long an OPEN may take. RFC 4271 suggests four minutes; the nodes' own limit is ten seconds.
  static constexpr Time kOpenTimeout = std::chrono::seconds(20);
  /// A session that is older than this is no part of a collision: see offer_incoming().
  static constexpr Time kCollisionWindow = std::chrono::seconds(20);
  /// Between two log lines about damaged UPDATEs of one session.
  static constexpr Time kDamagePause = std::chrono::minutes(1);

  Session(SessionConfig config, SessionHost& host);

  void start(Time now);
  /// Sends Cease with this subcode on every connection; Idle until start().
  void stop(Time now, uint8_t cease_subcode);
  /// Somebody opened a connection to us: true when it is welcome, and connected(kIncoming) is to follow. False: the
  /// host closes it. A welcome one replaces an earlier incoming one that is not Established yet, and also an
  /// Established session, past any collision, with a peer that offers graceful restart: it has restarted (RFC 4724
  /// section 5).
  bool offer_incoming(Time now);
  void connected(Side side, Time now);
  void received(Side side, Bytes bytes, Time now);
  /// By the peer, lost, or never opened.
  void closed(Side side, std::string_view reason, Time now);
  void expired(SessionTimer timer, Time now);
  /// How long a peer that announces too many prefixes stays down from now on.
  void set_maximum_prefix_hold(Time hold) { maximum_prefix_hold_ = hold; }
  /// Sends whole UPDATE messages. False: not Established.
  bool send_updates(Bytes messages);
  /// The first table of this session has been sent: End-of-RIB (RFC 4724 section 2) to a peer that wants to know.
  void finish_table();
  /// Asks the peer for all its routes again (RFC 2918). False: not Established, or the peer cannot.
  bool request_refresh();

  const SessionStatus& status() const { return status_; }
  const SessionConfig& config() const { return config_; }

 private:
  struct Connection {
    State state = State::kIdle;  // kIdle: none; kConnect: being opened (outgoing only); else as in the RFC
    std::vector<uint8_t> partial{};
    OpenMessage remote{};
    uint16_t hold_time = 0;  // seconds, negotiated
    uint16_t keepalive = 0;
    Time last_received{};
    bool end_logged = false;  // why it ends stands in the log already
    bool open() const { return state >= State::kOpenSent; }
  };

  /// What ended a session, for the routes that it brought.
  enum class Loss : uint8_t {
    kConnection,    // without a word
    kNotification,  // by a NOTIFICATION, ours or theirs
    kFinal,         // nothing is to survive
  };

  Connection& at(Side side) { return connections_[static_cast<size_t>(side)]; }
  const Connection& at(Side side) const { return connections_[static_cast<size_t>(side)]; }
  static Side other(Side side) { return side == Side::kOutgoing ? Side::kIncoming : Side::kOutgoing; }

  // session.cc: connections and timers
  void open_outgoing();
  void send(Side side, MessageType type, Bytes message);
  void fail(Side side, const Notification& notification, std::string_view reason, Time now,
            Loss loss = Loss::kNotification);
  void drop(Side side, std::string_view reason, Time now, Loss loss, const EndingNotification* ending = nullptr);
  void note_reset(Side side, State was, std::string_view reason, Time now, const EndingNotification* ending);
  Retain retained(Loss loss) const;
  void settle();
  void hold_expired(Side side, Time now);

  // session_messages.cc: what arrives on a connection
  void handle(Side side, const Frame& frame, Time now);
  void handle_open(Side side, const Frame& frame, Time now);
  void handle_update(Side side, const Frame& frame, Time now);
  void report_damage(const Update& update, Bytes message, Time now);
  void fail_because_of(Side side, Bytes message, const Notification& notification, std::string_view reason, Time now);
  void handle_refresh(Bytes body);
  void enter_established(Side side, Time now);
  void send_end_of_rib(Side side);
  std::optional<Notification> refusal(const OpenMessage& open) const;
  bool survives_collision(Side side, Time now);

  SessionConfig config_;
  SessionHost& host_;
  std::array<Connection, 2> connections_;
  bool started_ = false;
  bool retry_armed_ = false;
  bool held_down_ = false;  // after too many prefixes, until kIdleHold
  UpdateDecoder decoder_;
  FamilySet end_of_rib_seen_;
  bool refresh_seen_ = false;
  std::optional<Time> damage_reported_;  // in this session
  uint64_t damage_unreported_ = 0;       // damaged UPDATEs since the last log line about one
  SessionStatus status_;
  Time maximum_prefix_hold_ = kMaximumPrefixHold;
};

constexpr SessionTimer hold_timer(Side side) {
  return side == Side::kOutgoing ? SessionTimer::kHoldOutgoing : SessionTimer::kHoldIncoming;
}
constexpr SessionTimer keepalive_timer(Side side) {
  return side == Side::kOutgoing ? SessionTimer::kKeepaliveOutgoing : SessionTimer::kKeepaliveIncoming;
}

}  // namespace ecmpd::control::bgp
