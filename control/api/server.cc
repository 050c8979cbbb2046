#include "control/api/server.h"

#include "control/api/queries.h"

namespace ecmpd::control::api {

tl::expected<std::unique_ptr<ApiServer>, std::string> ApiServer::start(const std::string& socket_path,
                                                                       StateSource& source, Post post,
                                                                       std::chrono::milliseconds timeout) {
  auto listener = UnixListener::open(socket_path);
  if (!listener) return tl::unexpected(listener.error());
  return start(std::move(*listener), source, std::move(post), timeout);
}

std::unique_ptr<ApiServer> ApiServer::start(UnixListener listener, StateSource& source, Post post,
                                            std::chrono::milliseconds timeout) {
  return std::unique_ptr<ApiServer>(new ApiServer(std::move(listener), source, std::move(post), timeout));
}

ApiServer::ApiServer(UnixListener listener, StateSource& source, Post post, std::chrono::milliseconds timeout)
    : listener_(std::make_unique<UnixListener>(std::move(listener))), door_(source, std::move(post), timeout) {
  http_.start(listener_->release(), [this](const HttpRequest& request) { return answer(request, door_); });
}

ApiServer::~ApiServer() { stop(); }

void ApiServer::stop() {
  door_.close();
  listener_.reset();  // before its socket is closed
  http_.stop();
}

}  // namespace ecmpd::control::api
