// The daemon: every part of the router, brought up in order and taken down in the reverse order.
//
// Control thread. run() returns after SIGTERM or SIGINT, when the peers have had their Cease.
#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "control/config/config.h"
#include "control/daemon/start_error.h"

namespace ecmpd::control {

class Daemon {
 public:
  /// Opens devices, sessions and the API. On error everything that was opened is closed again. `file` is read again at
  /// SIGHUP and `ecmpctl reload`.
  static tl::expected<std::unique_ptr<Daemon>, StartError> create(Config config, std::string file);
  ~Daemon();
  void run();

 private:
  struct Parts;
  explicit Daemon(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace ecmpd::control
