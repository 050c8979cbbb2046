// HTTP over a UNIX socket, both ends, as this program needs it: GET only, one request a connection.
//
// The one place that knows the HTTP library. The server's handler runs on threads of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace ecmpd::control::api {

struct HttpRequest {
  std::string path;
  std::map<std::string, std::string> parameters;  // decoded; the first of equal names
};

/// kPiece: there is a piece; an empty one says that nothing has come yet. kBroken breaks the connection off.
enum class More : uint8_t { kPiece, kEnd, kBroken };

struct HttpReply {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  /// When set, the rest of the body, piece by piece. Whoever has gone away meanwhile is not asked for more.
  std::function<More(std::string& piece)> more{};
};

using HttpHandler = std::function<HttpReply(const HttpRequest&)>;

class HttpServer {
 public:
  HttpServer();
  ~HttpServer();  // stops
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  /// Serves on a listening socket, which it owns from now on. Once.
  void start(int listening_socket, HttpHandler handler);
  /// Returns when no handler runs any more; the handlers' own waits are the caller's to end.
  void stop();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

struct HttpFailure {
  int error_number = 0;  // why connect() failed; 0: connected, but no complete answer came
  std::string message;
};

/// GET `path` of the server at `socket_path`. `timeout` bounds every wait for the next bytes.
tl::expected<HttpReply, HttpFailure> http_get(const std::string& socket_path, const std::string& path,
                                              const std::map<std::string, std::string>& parameters,
                                              std::chrono::seconds timeout);

/// The same for an answer that comes bit by bit: the body of a reply with status 200 goes to `receive`, which may say
/// false to end it; then this is no failure.
tl::expected<HttpReply, HttpFailure> http_get_stream(const std::string& socket_path, const std::string& path,
                                                     const std::map<std::string, std::string>& parameters,
                                                     std::chrono::seconds timeout,
                                                     const std::function<bool(std::string_view piece)>& receive);

}  // namespace ecmpd::control::api
