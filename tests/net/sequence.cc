// sequence send FLOWS ADDRESS PORT: sends numbered UDP datagrams, each flow from a socket of its own, until its
// standard input ends. sequence receive ADDRESS PORT: checks the numbers, and answers every line on its standard input
// with the totals so far, as JSON.
//
// A datagram that overtakes another one of its flow is "reordered", whatever else is lost.
#include <arpa/inet.h>
#include <fmt/core.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

constexpr unsigned kBatch = 32;
constexpr int kReceiveBuffer = 64 << 20;

struct Datagram {
  uint32_t flow;
  uint32_t unused;
  uint64_t number;  // from 1
};

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

sockaddr_in address_of(const char* address, const char* port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(static_cast<uint16_t>(std::atoi(port)));
  if (inet_pton(AF_INET, address, &out.sin_addr) != 1) fail(address);
  return out;
}

int udp_socket() {
  const int out = socket(AF_INET, SOCK_DGRAM, 0);
  if (out < 0) fail("socket");
  return out;
}

/// A batch of datagrams of one size, in place.
struct Batch {
  std::array<Datagram, kBatch> data{};
  std::array<iovec, kBatch> parts{};
  std::array<mmsghdr, kBatch> messages{};
  Batch() {
    for (unsigned i = 0; i < kBatch; ++i) {
      parts[i] = {&data[i], sizeof data[i]};
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
  }
};

bool input_waits() {
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  return poll(&input, 1, 0) > 0;
}

/// Stays on one CPU: otherwise the sender's own kernel could let packets overtake.
void stay_here() {
  cpu_set_t here;
  CPU_ZERO(&here);
  CPU_SET(static_cast<size_t>(sched_getcpu()), &here);
  sched_setaffinity(0, sizeof here, &here);
}

int send_all(unsigned flows, const sockaddr_in& to) {
  stay_here();
  std::vector<int> sockets(flows);
  std::vector<uint64_t> sent(flows);
  for (int& one : sockets) {
    one = udp_socket();
    if (connect(one, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) fail("connect");
  }
  Batch batch;
  while (!input_waits()) {
    for (unsigned flow = 0; flow < flows; ++flow) {
      for (unsigned i = 0; i < kBatch; ++i) batch.data[i] = {flow, 0, sent[flow] + i + 1};
      const int count = sendmmsg(sockets[flow], batch.messages.data(), kBatch, 0);
      if (count > 0) sent[flow] += static_cast<unsigned>(count);  // numbers that were not sent are sent next
    }
  }
  return 0;
}

struct Totals {
  std::vector<uint64_t> newest;  // by flow
  uint64_t received = 0;
  uint64_t lost = 0;
  uint64_t reordered = 0;
  std::string first;  // of those

  void take(const Datagram& datagram) {
    if (datagram.flow >= newest.size()) newest.resize(datagram.flow + 1);
    uint64_t& last = newest[datagram.flow];
    ++received;
    if (datagram.number <= last) {
      if (++reordered == 1) first = fmt::format("{} of flow {} after {}", datagram.number, datagram.flow, last);
      return;
    }
    lost += datagram.number - last - 1;
    last = datagram.number;
  }
  unsigned flows() const {
    unsigned out = 0;
    for (const uint64_t number : newest) out += number != 0;
    return out;
  }
};

int receive_all(const sockaddr_in& at) {
  const int in = udp_socket();
  const int room = kReceiveBuffer;
  setsockopt(in, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  if (bind(in, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) fail("bind");
  Totals totals;
  Batch batch;
  std::array<pollfd, 2> both = {{{.fd = in, .events = POLLIN, .revents = 0},  //
                                 {.fd = STDIN_FILENO, .events = POLLIN, .revents = 0}}};
  for (;;) {
    poll(both.data(), both.size(), -1);
    const int count = recvmmsg(in, batch.messages.data(), kBatch, MSG_DONTWAIT, nullptr);
    for (int i = 0; i < count; ++i) totals.take(batch.data[static_cast<size_t>(i)]);
    if (both[1].revents == 0) continue;
    std::array<char, 256> line;
    if (read(STDIN_FILENO, line.data(), line.size()) <= 0) return 0;
    fmt::print(R"({{"flows": {}, "received": {}, "lost": {}, "reordered": {}, "first": "{}"}})"
               "\n",
               totals.flows(), totals.received, totals.lost, totals.reordered, totals.first);
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "send" && argc == 5) {
    return send_all(static_cast<unsigned>(std::atoi(argv[2])), address_of(argv[3], argv[4]));
  }
  if (what == "receive" && argc == 4) return receive_all(address_of(argv[2], argv[3]));
  fmt::print(stderr, "usage: sequence send FLOWS ADDRESS PORT | sequence receive ADDRESS PORT\n");
  return 2;
}
