#include "control/api/http.h"

#include <httplib.h>
#include <sys/socket.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "control/api/unix_socket.h"

namespace ecmpd::control::api {
namespace {

constexpr size_t kThreads = 4;
constexpr time_t kReadSeconds = 2;  // a client that says nothing holds a thread no longer than this
constexpr time_t kWriteSeconds = 10;
constexpr int kBusyTries = 100;

/// A server on a socket that we made ourselves, with the mode and backlog that we want.
class AdoptingServer : public httplib::Server {
 public:
  void adopt(int listening_socket) { svr_sock_ = listening_socket; }
};

void fill(httplib::Response& response, HttpReply reply) {
  response.status = reply.status;
  if (!reply.more) {
    response.set_content(std::move(reply.body), reply.content_type);
    return;
  }
  const auto provider = [first = std::move(reply.body), more = std::move(reply.more)](size_t offset,
                                                                                      httplib::DataSink& sink) mutable {
    std::string piece = offset == 0 ? std::move(first) : std::string();
    first.clear();
    const More what = piece.empty() ? more(piece) : More::kPiece;
    if (what == More::kBroken) return false;
    if (!piece.empty()) return sink.write(piece.data(), piece.size());
    if (what == More::kEnd) sink.done();
    return what == More::kEnd || sink.is_writable();
  };
  response.set_chunked_content_provider(reply.content_type, provider);
}

}  // namespace

struct HttpServer::Implementation {
  AdoptingServer server;
  std::thread listener;
  std::atomic<bool> ended{false};
};

HttpServer::HttpServer() = default;
HttpServer::~HttpServer() { stop(); }

void HttpServer::start(int listening_socket, HttpHandler handler) {
  implementation_ = std::make_unique<Implementation>();
  AdoptingServer& server = implementation_->server;
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server.set_keep_alive_max_count(1);
  server.set_keep_alive_timeout(kReadSeconds);
  server.set_read_timeout(kReadSeconds);
  server.set_write_timeout(kWriteSeconds);
  server.set_payload_max_length(0);
  server.Get(".*", [handler = std::move(handler)](const httplib::Request& request, httplib::Response& response) {
    fill(response, handler({request.path, {request.params.begin(), request.params.end()}}));
  });
  server.set_error_handler([](const httplib::Request&, httplib::Response& response) {
    if (response.body.empty()) response.set_content("{\"error\":\"only GET is understood\"}\n", "application/json");
  });
  server.adopt(listening_socket);
  implementation_->listener = std::thread([implementation = implementation_.get()] {
    implementation->server.listen_after_bind();
    implementation->ended = true;
  });
}

void HttpServer::stop() {
  if (!implementation_) return;
  // The library forgets a stop() that comes before its loop has begun.
  while (!implementation_->server.is_running() && !implementation_->ended) std::this_thread::yield();
  implementation_->server.stop();
  implementation_->listener.join();
  implementation_.reset();
}

namespace {

/// `get` asks once; it is called again when the server was only busy.
template <typename Get>
tl::expected<httplib::Result, HttpFailure> asked(const std::string& socket_path, Get get) {
  httplib::Result result = get();
  // The library does not say why it could not connect, so we ask again. When that succeeds the server was only busy:
  // its queue was full, and our blocking connect() has waited for a place.
  for (int tries = 0; result.error() == httplib::Error::Connection && tries < kBusyTries; ++tries) {
    if (const int error = probe_unix_socket(socket_path)) {
      return tl::unexpected(HttpFailure{error, std::strerror(error)});
    }
    result = get();
  }
  return result;
}

httplib::Client client_of(const std::string& socket_path, std::chrono::seconds timeout) {
  httplib::Client client(socket_path);
  client.set_address_family(AF_UNIX);
  client.set_connection_timeout(timeout);
  client.set_read_timeout(timeout);
  return client;
}

HttpFailure no_answer(httplib::Error error) {
  return {0, error == httplib::Error::Read ? "no complete answer" : httplib::to_string(error)};
}

}  // namespace

tl::expected<HttpReply, HttpFailure> http_get(const std::string& socket_path, const std::string& path,
                                              const std::map<std::string, std::string>& parameters,
                                              std::chrono::seconds timeout) {
  httplib::Client client = client_of(socket_path, timeout);
  const httplib::Params query(parameters.begin(), parameters.end());
  const auto result = asked(socket_path, [&] { return client.Get(path, query, httplib::Headers()); });
  if (!result) return tl::unexpected(result.error());
  if (!*result) return tl::unexpected(no_answer(result->error()));
  return HttpReply{(*result)->status, (*result)->get_header_value("Content-Type"), (*result)->body};
}

tl::expected<HttpReply, HttpFailure> http_get_stream(const std::string& socket_path, const std::string& path,
                                                     const std::map<std::string, std::string>& parameters,
                                                     std::chrono::seconds timeout,
                                                     const std::function<bool(std::string_view piece)>& receive) {
  httplib::Client client = client_of(socket_path, timeout);
  const httplib::Params query(parameters.begin(), parameters.end());
  HttpReply reply{.status = 0, .content_type = "", .body = ""};
  bool ended_here = false;
  const auto on_head = [&reply](const httplib::Response& response) {
    reply.status = response.status;
    reply.content_type = response.get_header_value("Content-Type");
    return true;
  };
  const auto on_piece = [&](const char* data, size_t size) {
    if (reply.status != 200) return reply.body.append(data, size), true;
    ended_here = !receive({data, size});
    return !ended_here;
  };
  const auto result =
      asked(socket_path, [&] { return client.Get(path, query, httplib::Headers(), on_head, on_piece); });
  if (!result) return tl::unexpected(result.error());
  if (!*result && !ended_here) return tl::unexpected(no_answer(result->error()));
  return reply;
}

}  // namespace ecmpd::control::api
