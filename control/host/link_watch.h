// Tells at once that an interface of this network namespace changed: netlink's link events.
//
// What changed is not read: whoever listens asks the ports. Control thread.
#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>

struct mnl_socket;

namespace ecmpd::control {

class LinkWatch {
 public:
  static tl::expected<std::unique_ptr<LinkWatch>, std::string> open();
  ~LinkWatch();
  LinkWatch(const LinkWatch&) = delete;
  LinkWatch& operator=(const LinkWatch&) = delete;

  /// Readable after a change.
  int event_fd() const;
  void acknowledge();

 private:
  LinkWatch() = default;
  mnl_socket* socket_ = nullptr;
};

}  // namespace ecmpd::control
