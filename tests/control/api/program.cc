#include "tests/control/api/program.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "tests/control/api/fake_state.h"

extern char** environ;

namespace ecmpd::control::api {
namespace {

/// An unlinked file that a child writes to and we read afterwards: no pipe that could fill up.
class Capture {
 public:
  Capture() : file_(open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)) {}
  ~Capture() { close(file_); }
  int file() const { return file_; }
  std::string text() const {
    std::string out(static_cast<size_t>(lseek(file_, 0, SEEK_END)), '\0');
    const ssize_t got = pread(file_, out.data(), out.size(), 0);
    out.resize(got < 0 ? 0 : static_cast<size_t>(got));
    return out;
  }

 private:
  int file_;
};

}  // namespace

Finished run_program(const std::string& path, const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {path};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const Capture output;
  const Capture error;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output.file(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, error.file(), STDERR_FILENO);
  pid_t child = 0;
  const int failed = posix_spawn(&child, path.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return {-1, "", std::strerror(failed)};
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), output.text(), error.text()};
}

TemporaryDirectory::TemporaryDirectory() {
  char name[] = "/tmp/ecmpd-api-XXXXXX";
  path_ = mkdtemp(name) != nullptr ? name : "/nonexistent";
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace ecmpd::control::api
