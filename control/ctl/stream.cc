#include "control/ctl/stream.h"

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <thread>

#include "control/api/http.h"
#include "control/api/pcapng.h"
#include "control/ctl/answer.h"
#include "hash/count_text.h"

namespace ecmpd::control::ctl {
namespace {

// Between two packets any time may pass: a daemon that dies closes the connection.
constexpr std::chrono::hours kAnyTime{24 * 7};
constexpr std::chrono::seconds kTimeout{5};

/// The daemon sees only at the next packet that nobody reads any more, so it is told.
void end_watch(const std::string& socket, const std::string& name) {
  (void)api::http_get(socket, "/v1/watch/end", {{"name", name}}, kTimeout);
}

/// Waits for a signal on a thread of its own, and then asks the daemon to end.
class Interruptible {
 public:
  explicit Interruptible(const Question& question) : socket_(question.socket), name_(question.parameters.at("name")) {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    waiting_ = std::thread([this] { wait(); });
  }
  ~Interruptible() {
    done_ = true;
    pthread_kill(waiting_.native_handle(), SIGTERM);
    waiting_.join();
  }
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;

 private:
  void wait() {
    int signal = 0;
    sigwait(&signals_, &signal);
    if (done_) return;
    end_watch(socket_, name_);
    sigwait(&signals_, &signal);
    if (!done_) _exit(128 + signal);
  }

  const std::string socket_;
  const std::string name_;
  sigset_t signals_{};
  std::atomic<bool> done_{false};
  std::thread waiting_;
};

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

ExitStatus follow_trace(const Question& question) {
  bool printed = true;
  const auto reply = api::http_get_stream(question.socket, question.path, question.parameters, kAnyTime,
                                          [&printed](std::string_view piece) { return printed = print(piece); });
  if (!reply) return fail(question, reply.error());
  if (reply->status != 200) return fail(question, *reply);
  return printed ? kFine : kFailed;
}

/// Why the file cannot be written, as far as that is seen without making or emptying it; 0: it can.
int why_not_writable(const std::string& file) {
  struct stat found {};
  if (stat(file.c_str(), &found) == 0) {
    if (S_ISDIR(found.st_mode)) return EISDIR;
    return eaccess(file.c_str(), W_OK) == 0 ? 0 : errno;
  }
  if (errno != ENOENT) return errno;
  const auto folder = std::filesystem::path(file).parent_path();
  return eaccess(folder.empty() ? "." : folder.c_str(), W_OK | X_OK) == 0 ? 0 : errno;
}

ExitStatus follow_capture(const Question& question) {
  const bool to_stdout = question.file == "-";
  // First of all, so that nothing is asked of the daemon in vain.
  if (const int why = to_stdout ? 0 : why_not_writable(question.file)) {
    return fail(question, kFailed, fmt::format("{}: {}", question.file, std::strerror(why)));
  }
  // Opened at the first piece, which comes at once: a capture that is refused leaves an older file as it was.
  File file(nullptr, to_stdout ? std::fflush : std::fclose);
  api::pcapng::Reader reader;
  int error = 0;
  const auto write = [&](std::string_view piece) {
    if (!file) file.reset(to_stdout ? stdout : std::fopen(question.file.c_str(), "wbe"));
    reader.read({reinterpret_cast<const uint8_t*>(piece.data()), piece.size()});
    // Flushed, so that somebody may look on.
    const bool written =
        file && std::fwrite(piece.data(), 1, piece.size(), file.get()) == piece.size() && std::fflush(file.get()) == 0;
    if (!written) error = errno;
    return written;
  };
  const auto reply = api::http_get_stream(question.socket, question.path, question.parameters, kAnyTime, write);
  if (error != 0) {
    end_watch(question.socket, question.parameters.at("name"));
    return fail(question, kFailed, fmt::format("{}: {}", question.file, std::strerror(error)));
  }
  if (!reply) return fail(question, reply.error());
  if (reply->status != 200) return fail(question, *reply);
  if (!reader.ended()) return fail(question, kFailed, "the daemon has broken the capture off");
  if (question.json && !to_stdout) {
    return print(fmt::format("{{\"packets\":{},\"lost\":{}}}\n", reader.packets(), reader.lost())) ? kFine : kFailed;
  }
  fmt::print(stderr, "{}{}\n", hash::count_text(reader.packets(), "packet"),
             reader.lost() == 0 ? "" : fmt::format("; {} more came faster than they could be recorded", reader.lost()));
  return kFine;
}

}  // namespace

ExitStatus follow(Question question) {
  question.parameters["format"] = question.json ? "json" : "text";
  question.parameters["name"] = fmt::format("ecmpctl {}", getpid());
  const Interruptible interruptible(question);
  return question.file.empty() ? follow_trace(question) : follow_capture(question);
}

}  // namespace ecmpd::control::ctl
