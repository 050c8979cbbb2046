#include "control/io/tcp_connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <cstring>
#include <vector>

#include "control/io/tcp_md5.h"

namespace ecmpd::control {
namespace {

using asio::ip::tcp;

constexpr size_t kMaximumQueued = size_t{64} << 20;  // an export queues its whole table at once
constexpr size_t kKeptQueue = size_t{1} << 20;       // of memory, when nothing waits
constexpr std::chrono::milliseconds kLinger{1000};
constexpr int kInternetworkControl = 0xc0;  // DSCP CS6, which is where routing belongs (RFC 4594 section 3.2)

// One thread and no reads that overlap: one buffer serves all connections, instead of one for each of a thousand.
// Its size bounds how long a busy peer keeps the loop to itself: with 64 KiB a single UPDATE of another peer took 0.5
// ms in a storm (p99 3 to 10 ms, on a busy machine), with 16 KiB 0.15 ms (p99 0.5 to 0.9 ms), and full tables no
// longer.
std::array<uint8_t, 16 * 1024>& read_buffer() {
  static thread_local std::array<uint8_t, 16 * 1024> buffer;
  return buffer;
}

tcp::endpoint to_asio(const Endpoint& endpoint) {
  const SocketAddress address = to_socket(endpoint);
  tcp::endpoint out;
  out.resize(address.size);
  std::memcpy(out.data(), &address.storage, address.size);
  return out;
}

Endpoint plain(const tcp::endpoint& endpoint) {
  SocketAddress address;
  address.size = static_cast<socklen_t>(endpoint.size());
  std::memcpy(&address.storage, endpoint.data(), endpoint.size());
  return from_socket(address);
}

}  // namespace

struct TcpConnection::Impl : std::enable_shared_from_this<TcpConnection::Impl> {
  Impl(Reactor& loop, Events handlers) : reactor(loop), socket(loop.context()), events(std::move(handlers)) {}

  Reactor& reactor;
  tcp::socket socket;
  Events events;
  tcp::endpoint peer;  // of connect()
  bool connecting = false;
  bool reporting = true;      // events are wanted
  bool writing = false;       // the writer coroutine runs
  std::string early_problem;  // found before there was a loop to report it from
  std::vector<uint8_t> queue;
  size_t sent = 0;  // of the queue: taken off its front only now and then, which would otherwise be quadratic
  std::string local, remote;
  std::optional<hash::IpAddress> local_address;
  std::function<void()> finished;
  Handle linger;

  void prepare() {
    asio::error_code ignored;
    socket.non_blocking(true, ignored);
    socket.set_option(tcp::no_delay(true), ignored);
    // Of the two the socket takes the one of its family.
    (void)setsockopt(socket.native_handle(), IPPROTO_IP, IP_TOS, &kInternetworkControl, sizeof kInternetworkControl);
    (void)setsockopt(socket.native_handle(), IPPROTO_IPV6, IPV6_TCLASS, &kInternetworkControl,
                     sizeof kInternetworkControl);
  }
  void name() {
    asio::error_code failed, ignored;
    const Endpoint here = plain(socket.local_endpoint(failed));
    if (!failed) local_address = here.address;
    local = endpoint_text(here.address, here.port);
    const Endpoint there = plain(socket.remote_endpoint(ignored));
    remote = endpoint_text(there.address, there.port);
  }
  void report_closed(std::string_view reason) {
    if (!std::exchange(reporting, false)) return;
    events.closed(reason);
  }
  // The end of the reading coroutine is the end of the connection.
  void finish() {
    asio::error_code ignored;
    socket.close(ignored);
    linger.cancel();
    if (const auto done = std::exchange(finished, nullptr)) done();
  }
  void write_now() {
    while (sent < queue.size()) {
      asio::error_code error;
      const size_t written = socket.write_some(asio::buffer(queue) + sent, error);
      if (error == asio::error::would_block || error == asio::error::try_again) return;
      if (error) break;  // the reading side learns of it and reports
      sent += written;
    }
    empty_queue();
  }
  void empty_queue() {
    sent = 0;
    queue.clear();
    if (queue.capacity() > kKeptQueue) queue.shrink_to_fit();
  }
  void end_sending() {
    asio::error_code ignored;
    socket.shutdown(tcp::socket::shutdown_send, ignored);
  }

  asio::awaitable<void> read_loop() {
    const auto self = shared_from_this();
    asio::error_code error;
    if (connecting && early_problem.empty()) {
      co_await socket.async_connect(peer, asio::redirect_error(asio::use_awaitable, error));
      connecting = false;
      if (!error) {
        prepare();
        name();
        if (reporting) events.connected();
      }
    } else if (!early_problem.empty()) {
      // Reported from the loop like every other failure, never from inside the call that caused it.
      co_await asio::post(reactor.context(), asio::use_awaitable);
      report_closed(early_problem);
      finish();
      co_return;
    }
    while (!error) {
      co_await socket.async_wait(tcp::socket::wait_read, asio::redirect_error(asio::use_awaitable, error));
      if (error) break;
      const size_t size = socket.read_some(asio::buffer(read_buffer()), error);
      if (error == asio::error::would_block || error == asio::error::try_again) {
        error.clear();
      } else if (!error && reporting) {
        events.received(std::span(read_buffer()).first(size));
      }
    }
    report_closed(error == asio::error::eof ? "closed by the peer" : error.message());
    finish();
  }

  asio::awaitable<void> write_loop() {
    const auto self = shared_from_this();
    asio::error_code error;
    while (!queue.empty() && !error) {
      co_await socket.async_wait(tcp::socket::wait_write, asio::redirect_error(asio::use_awaitable, error));
      if (!error) write_now();
    }
    writing = false;
    if (finished) end_sending();
  }
};

TcpConnection::TcpConnection(Reactor& reactor, int fd, const Options& options, Events events)
    : impl_(std::make_shared<Impl>(reactor, std::move(events))) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  const bool v4 = getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0 || address.ss_family == AF_INET;
  asio::error_code error;
  impl_->socket.assign(v4 ? tcp::v4() : tcp::v6(), fd, error);
  if (error) {
    ::close(fd);
    impl_->early_problem = error.message();
    return;
  }
  if (!set_ttl(fd, v4, options.ttl)) impl_->early_problem = "cannot set the TTL";
  impl_->prepare();
  impl_->name();
}

TcpConnection::TcpConnection(Reactor& reactor, const Endpoint& peer, const Options& options, Events events)
    : impl_(std::make_shared<Impl>(reactor, std::move(events))) {
  impl_->peer = to_asio(peer);
  impl_->connecting = true;
  impl_->remote = endpoint_text(peer.address, peer.port);
  asio::error_code error;
  impl_->socket.open(impl_->peer.protocol(), error);
  if (error) {
    impl_->early_problem = error.message();
    return;
  }
  const int fd = impl_->socket.native_handle();
  if (!set_ttl(fd, peer.address.is_v4(), options.ttl)) impl_->early_problem = "cannot set the TTL";
  if (options.password.empty()) return;
  const auto set = set_tcp_md5(fd, {peer.address.without_zone(), peer.address.bits()}, options.password);
  if (!set) impl_->early_problem = set.error();
}

TcpConnection::~TcpConnection() {
  if (!impl_) return;
  impl_->reporting = false;
  asio::error_code ignored;
  impl_->socket.close(ignored);
}

void TcpConnection::start() {
  asio::co_spawn(
      impl_->reactor.context(), [impl = impl_]() { return impl->read_loop(); }, asio::detached);
}

void TcpConnection::send(std::span<const uint8_t> bytes) {
  Impl& impl = *impl_;
  if (!impl.reporting || impl.connecting) return;
  const bool idle = impl.queue.empty();
  if (impl.sent > impl.queue.size() / 2) {
    impl.queue.erase(impl.queue.begin(), impl.queue.begin() + static_cast<ptrdiff_t>(std::exchange(impl.sent, 0)));
  }
  impl.queue.insert(impl.queue.end(), bytes.begin(), bytes.end());
  if (idle) impl.write_now();
  if (impl.queue.size() - impl.sent > kMaximumQueued) {
    asio::error_code ignored;
    impl.empty_queue();
    impl.socket.shutdown(tcp::socket::shutdown_both, ignored);  // ends the reading side, which reports it
  } else if (!impl.queue.empty() && !impl.writing) {
    impl.writing = true;
    asio::co_spawn(
        impl.reactor.context(), [self = impl_]() { return self->write_loop(); }, asio::detached);
  }
}

void TcpConnection::close(std::unique_ptr<TcpConnection> connection, std::function<void()> finished) {
  // Only the reading coroutine keeps the connection alive from here on.
  const std::shared_ptr<Impl> impl = std::move(connection->impl_);
  impl->reporting = false;
  if (!impl->socket.is_open()) {
    // Its coroutine has ended, or is about to.
    impl->reactor.post(std::move(finished));
    return;
  }
  impl->finished = std::move(finished);
  if (impl->connecting) {
    asio::error_code ignored;
    impl->socket.close(ignored);
    return;
  }
  if (!impl->writing) impl->end_sending();
  impl->linger = impl->reactor.after(kLinger, [weak = std::weak_ptr(impl)] {
    asio::error_code ignored;
    if (const auto still = weak.lock()) still->socket.close(ignored);
  });
}

void TcpConnection::set_user_timeout(std::chrono::milliseconds timeout) {
  const auto value = static_cast<unsigned>(timeout.count());
  (void)setsockopt(impl_->socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &value, sizeof value);
}

bool TcpConnection::input_pending() const {
  int waiting = 0;
  return ioctl(impl_->socket.native_handle(), FIONREAD, &waiting) == 0 && waiting > 0;
}

std::optional<hash::IpAddress> TcpConnection::local_address() const { return impl_->local_address; }
std::string TcpConnection::local_endpoint() const { return impl_->local; }
std::string TcpConnection::remote_endpoint() const { return impl_->remote; }

}  // namespace ecmpd::control
