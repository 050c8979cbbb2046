// A BgpSpeaker on a loopback port with its loop in a thread, a sink whose events can be waited for, and a raw peer.
// Test code only.
#pragma once

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <string>
#include <thread>

#include "control/io/bgp_speaker.h"
#include "control/io/socket_address.h"
#include "control/io/tcp_connection.h"
#include "control/io/tcp_md5.h"
#include "control/io/tcp_ttl.h"
#include "tests/control/bgp/bytes.h"

namespace ecmpd::control::testing {

inline constexpr auto kPatience = std::chrono::seconds(20);  // for an event that must come

class EventSink final : public bgp::SessionSink {
 public:
  void on_established(bgp::PeerId, const bgp::PeerInfo& info) override {
    push(fmt::format("up {} as {}{}", info.address.to_string(), info.asn, info.dynamic ? " dynamic" : ""));
  }
  bgp::UpdateVerdict on_update(bgp::PeerId, const bgp::RouteUpdate& update) override {
    for (const auto& prefix : update.announced) push("+" + prefix.to_string());
    for (const auto& prefix : update.withdrawn) push("-" + prefix.to_string());
    return verdict;
  }
  void on_end_of_rib(bgp::PeerId, bgp::Family) override { push("end of rib"); }
  void on_down(bgp::PeerId, std::string_view reason, const bgp::Retain& retain) override {
    push(fmt::format("down {}{}", reason, retain.any() ? ", routes kept" : ""));
  }
  void on_forgotten(bgp::PeerId) override { push("forgotten"); }
  bool on_policy(bgp::PeerId, const PeerPolicy&) override {
    push("policy");
    return needs_routes_again;
  }

  /// The next event; "nothing" after kPatience.
  std::string next() {
    std::unique_lock lock(mutex_);
    if (!arrived_.wait_for(lock, kPatience, [this] { return !events_.empty(); })) return "nothing";
    std::string event = events_.front();
    events_.pop_front();
    return event;
  }
  bool quiet() {
    const std::lock_guard lock(mutex_);
    return events_.empty();
  }
  bgp::UpdateVerdict verdict = bgp::UpdateVerdict::kOk;
  bool needs_routes_again = false;

 private:
  void push(std::string event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
    arrived_.notify_one();
  }
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::string> events_;
};

/// One TCP connection to a local port from a loopback address, blocking, with a limit on every read.
class RawPeer {
 public:
  RawPeer(const char* source, uint16_t port, const TcpConnection::Options& options = {}) {
    const IpAddress from = *IpAddress::parse(source);
    fd_ = ::socket(from.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const SocketAddress local = to_socket({.address = from});
    const Endpoint router{*IpAddress::parse(from.is_v4() ? "127.0.0.1" : "::1"), port};
    EXPECT_EQ(bind(fd_, local.get(), local.size), 0);
    EXPECT_TRUE(set_ttl(fd_, from.is_v4(), options.ttl));
    if (!options.password.empty()) {
      EXPECT_TRUE(set_tcp_md5(fd_, {router.address, router.address.bits()}, options.password));
    }
    const SocketAddress remote = to_socket(router);
    EXPECT_EQ(connect(fd_, remote.get(), remote.size), 0);
  }
  ~RawPeer() { close(); }
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  int fd() const { return fd_; }
  void send(const std::vector<uint8_t>& bytes) {
    ASSERT_EQ(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  /// "OPEN", "KEEPALIVE", "NOTIFICATION Cease/...", or "closed".
  std::string next() {
    for (;;) {
      const auto frame = bgp::next_frame(input_);
      if (!frame) return "garbage";
      if (*frame) {
        std::string text(bgp::to_string((*frame)->type));
        if ((*frame)->type == bgp::MessageType::kNotification) {
          text += fmt::format(" {}", bgp::decode_notification((*frame)->body).to_string());
        }
        input_.erase(input_.begin(), input_.begin() + static_cast<ptrdiff_t>((*frame)->size));
        return text;
      }
      pollfd ready{fd_, POLLIN, 0};
      if (poll(&ready, 1, std::chrono::milliseconds(kPatience).count()) <= 0) return "nothing";
      uint8_t buffer[4096];
      const ssize_t size = recv(fd_, buffer, sizeof buffer, 0);
      if (size <= 0) return "closed";
      input_.insert(input_.end(), buffer, buffer + size);
    }
  }

 private:
  int fd_ = -1;
  std::vector<uint8_t> input_;
};

class SpeakerTest : public ::testing::Test {
 protected:
  /// Routers of AS 64500 that listen on 127.0.0.1, for peers of AS 64512 in 127.0.1.0/24.
  static BgpConfig listening() {
    BgpConfig config;
    config.router = {64500, 0x0a000001};
    config.listen_addresses = {IpAddress::v4(0x7f000001)};
    config.port = 0;
    ListenConfig listen;
    listen.range = *Prefix::parse("127.0.1.0/24");
    listen.remote_as = {64512};
    config.listens = {listen};
    return config;
  }

  void SetUp() override {
    thread_ = std::thread([this] { reactor_.run(); });
    speaker_ = call([this] { return std::make_unique<BgpSpeaker>(reactor_, sink); });
  }
  void TearDown() override {
    call([this] {
      speaker_.reset();
      return 0;
    });
    reactor_.stop();
    thread_.join();
  }

  /// Runs on the speaker's thread.
  template <typename F>
  std::invoke_result_t<F> call(F function) {
    std::packaged_task<std::invoke_result_t<F>()> task(std::move(function));
    auto result = task.get_future();
    reactor_.post([&task] { task(); });
    return result.get();
  }
  tl::expected<void, std::string> try_apply(const BgpConfig& config) {
    return call([&] { return speaker_->apply(config); });
  }
  std::unique_ptr<BgpSpeaker> make_speaker(bgp::SessionSink& another) {
    return std::make_unique<BgpSpeaker>(reactor_, another);
  }
  void apply(const BgpConfig& config) {
    const auto applied = try_apply(config);
    ASSERT_TRUE(applied) << applied.error();
    port = call([&] { return speaker_->port(); });
  }
  std::vector<BgpPeerReport> peers() {
    return call([this] { return speaker_->peers(); });
  }
  void finish_table(bgp::PeerId peer) {
    call([&] {
      speaker_->finish_table(peer);
      return 0;
    });
  }
  void stop() {
    std::promise<void> stopped;
    reactor_.post([&] { speaker_->stop([&] { stopped.set_value(); }); });
    ASSERT_EQ(stopped.get_future().wait_for(kPatience), std::future_status::ready);
  }

  static std::vector<uint8_t> open(uint32_t asn = 64512, uint32_t router_id = 0x7f000102) {
    bgp::OpenMessage message;
    message.asn = asn;
    message.router_id = router_id;
    message.hold_time = 90;
    message.families = {bgp::kIpv4Unicast};
    message.four_octet_as = true;
    return bgp::encode_open(message);
  }
  void establish(RawPeer& peer) {
    using bgp::testing::operator+;
    peer.send(open() + bgp::encode_keepalive());
    EXPECT_EQ(peer.next(), "OPEN");
    EXPECT_EQ(peer.next(), "KEEPALIVE");
  }

  EventSink sink;
  uint16_t port = 0;

 private:
  Reactor reactor_;
  std::thread thread_;
  std::unique_ptr<BgpSpeaker> speaker_;
};

}  // namespace ecmpd::control::testing
