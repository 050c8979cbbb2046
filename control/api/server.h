// The daemon's door for people: its state over HTTP on a UNIX socket.
//
// start() and stop() on the control thread. Requests are served on threads of their own, which ask the control thread
// through `post` and wait; a request that the control thread does not answer in time fails alone. After stop()
// neither `source` nor `post` is touched again, even by functions that were already posted.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "control/api/control_door.h"
#include "control/api/http.h"
#include "control/api/unix_socket.h"

namespace ecmpd::control::api {

class ApiServer {
 public:
  /// Listens at `socket_path` and serves until stop(). The error is one line that names the path.
  static tl::expected<std::unique_ptr<ApiServer>, std::string> start(
      const std::string& socket_path, StateSource& source, Post post,
      std::chrono::milliseconds timeout = std::chrono::seconds(5));
  /// The same on a listener that was opened earlier.
  static std::unique_ptr<ApiServer> start(UnixListener listener, StateSource& source, Post post,
                                          std::chrono::milliseconds timeout = std::chrono::seconds(5));
  ~ApiServer();  // stops
  ApiServer(const ApiServer&) = delete;
  ApiServer& operator=(const ApiServer&) = delete;
  /// Waiting requests are answered with an error; returns when all threads have ended and the socket file is gone.
  void stop();

 private:
  ApiServer(UnixListener listener, StateSource& source, Post post, std::chrono::milliseconds timeout);
  std::unique_ptr<UnixListener> listener_;  // none after stop()
  ControlDoor door_;
  HttpServer http_;
};

}  // namespace ecmpd::control::api
