// What a port asks of the kernel about the interface behind it: carrier, MTU and promiscuous mode.
//
// net_af_packet and net_af_xdp say "up" whatever happens to it, and net_af_packet that 1500 is the largest MTU. Control
// thread.
#pragma once

#include <memory>
#include <string>

namespace ecmpd::dataplane {

/// Whether the interface is up and has its carrier, as its driver says now: the kernel's own word for it (IFF_RUNNING)
/// may be a second old.
bool kernel_carrier(const std::string& interface);

/// 0 or -errno.
int set_kernel_mtu(const std::string& interface, int mtu);

/// An interface by its index, which another one of the same name does not have, and the MTU that it had.
class KernelMtu {
 public:
  KernelMtu() = default;
  /// `index` 0: there is no interface.
  explicit KernelMtu(unsigned index);
  /// Gives it back, unless somebody has chosen another one than `set` since then, or the interface is gone.
  void give_back(int set) const;

 private:
  unsigned index_ = 0;
  int before_ = 0;
};

/// Whether somebody has set its flag (IFF_PROMISC); who holds the mode like Promiscuous does is not seen here.
bool has_promiscuous_flag(const std::string& interface);

/// The interface takes frames for any MAC address as long as this lives: no flag, which would outlive a crash, but a
/// membership of a socket, which the kernel counts and ends with the process.
class Promiscuous {
 public:
  /// Nothing when the kernel refuses; errno says why.
  static std::unique_ptr<Promiscuous> hold(const std::string& interface);
  ~Promiscuous();
  Promiscuous(const Promiscuous&) = delete;
  Promiscuous& operator=(const Promiscuous&) = delete;

 private:
  explicit Promiscuous(int socket) : socket_(socket) {}
  const int socket_;
};

}  // namespace ecmpd::dataplane
