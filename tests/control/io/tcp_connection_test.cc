// What a connection does when its peer takes less than is sent to him.
#include "control/io/tcp_connection.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <future>
#include <thread>
#include <vector>

#include "control/io/tcp_listener.h"
#include "tests/control/io/speaker_fixture.h"

namespace ecmpd::control {
namespace {

using testing::kPatience;
using testing::RawPeer;

constexpr size_t kChunk = 4096;

/// Sends `chunks` of them, each filled with its number, to whoever connects, and reports when it is closed.
class Sender {
 public:
  explicit Sender(unsigned chunks) {
    listener_ = *TcpListener::open(reactor_, IpAddress::v4(0x7f000001), 0, {}, [this, chunks](int fd, const Endpoint&) {
      connection_ = std::make_unique<TcpConnection>(
          reactor_, fd, TcpConnection::Options{},
          TcpConnection::Events{{}, {}, [this](std::string_view) { closed_.set_value(); }});
      connection_->start();
      for (unsigned i = 0; i < chunks; ++i) {
        connection_->send(std::vector<uint8_t>(kChunk, static_cast<uint8_t>(i % 251)));
      }
      queued_.set_value();
    });
    thread_ = std::thread([this] { reactor_.run(); });
  }
  ~Sender() {
    reactor_.stop();
    thread_.join();
  }
  uint16_t port() const { return listener_->port(); }
  bool queued() { return queued_.get_future().wait_for(kPatience) == std::future_status::ready; }
  bool closed() { return closed_.get_future().wait_for(kPatience) == std::future_status::ready; }

 private:
  Reactor reactor_;
  std::unique_ptr<TcpListener> listener_;
  std::unique_ptr<TcpConnection> connection_;
  std::promise<void> queued_, closed_;
  std::thread thread_;
};

TEST(TcpConnection, AWholeTableWaitsForAPeerThatReadsSlowly) {
  constexpr unsigned kChunks = 8000;  // 32 MB
  Sender sender(kChunks);
  RawPeer peer("127.0.0.1", sender.port());
  ASSERT_TRUE(sender.queued());
  std::vector<uint8_t> chunk(kChunk);
  for (unsigned i = 0; i < kChunks; ++i) {
    ASSERT_EQ(recv(peer.fd(), chunk.data(), chunk.size(), MSG_WAITALL), static_cast<ssize_t>(chunk.size())) << i;
    ASSERT_EQ(chunk, std::vector<uint8_t>(kChunk, static_cast<uint8_t>(i % 251))) << i;
  }
}

TEST(TcpConnection, APeerThatTakesNothingIsClosedInTheEnd) {
  Sender sender(20000);  // 80 MB
  RawPeer peer("127.0.0.1", sender.port());
  ASSERT_TRUE(sender.queued());
  EXPECT_TRUE(sender.closed());
}

}  // namespace
}  // namespace ecmpd::control
