#include "control/api/unix_socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "tests/control/api/fake_state.h"

namespace ecmpd::control::api {
namespace {

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

TEST(UnixListener, HasTheModeAndGoesAway) {
  const TemporaryDirectory directory;
  const std::string path = directory.path("s");
  {
    const auto listener = UnixListener::open(path);
    ASSERT_TRUE(listener) << listener.error();
    struct stat found {};
    ASSERT_EQ(stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777u, 0660u);
    EXPECT_EQ(probe_unix_socket(path), 0);
  }
  EXPECT_FALSE(exists(path));
  EXPECT_EQ(probe_unix_socket(path), ENOENT);
}

TEST(UnixListener, RefusesALiveOneAndReplacesADeadOne) {
  const TemporaryDirectory directory;
  const std::string path = directory.path("s");
  auto first = UnixListener::open(path);
  ASSERT_TRUE(first);
  const auto second = UnixListener::open(path);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error(), path + " is in use: is another ecmpd running?");
  EXPECT_EQ(probe_unix_socket(path), 0) << "the first one is unharmed";

  close(first->release());  // as a crash leaves it: the file without anyone behind it
  EXPECT_EQ(probe_unix_socket(path), ECONNREFUSED);
  const auto third = UnixListener::open(path);
  ASSERT_TRUE(third) << third.error();
  EXPECT_EQ(probe_unix_socket(path), 0);
}

TEST(UnixListener, LeavesAFileThatIsNotItsOwn) {
  const TemporaryDirectory directory;
  const std::string path = directory.path("s");
  tl::expected<UnixListener, std::string> second = tl::unexpected(std::string());
  {
    const auto first = UnixListener::open(path);
    ASSERT_TRUE(first);
    unlink(path.c_str());  // somebody thought that it was stale
    second = UnixListener::open(path);
    ASSERT_TRUE(second) << second.error();
  }
  EXPECT_EQ(probe_unix_socket(path), 0);
}

TEST(UnixListener, NeverTouchesWhatIsNotASocket) {
  const TemporaryDirectory directory;
  const std::string path = directory.path("file");
  std::ofstream(path) << "precious";
  const auto listener = UnixListener::open(path);
  ASSERT_FALSE(listener);
  EXPECT_EQ(listener.error(), path + " exists and is not a socket");
  std::string content;
  std::ifstream(path) >> content;
  EXPECT_EQ(content, "precious");
}

TEST(UnixListener, NamesWhatIsWrongWithAPath) {
  const TemporaryDirectory directory;
  const std::string missing = directory.path("no/such/s");
  EXPECT_EQ(UnixListener::open(missing).error(), "cannot listen on " + missing + ": No such file or directory");
  const std::string longest(200, 'x');
  EXPECT_EQ(UnixListener::open(longest).error(),
            "\"" + longest + "\" is not a socket path; allowed: 1 to 107 characters");
  EXPECT_FALSE(UnixListener::open(""));
}

}  // namespace
}  // namespace ecmpd::control::api
