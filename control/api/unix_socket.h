// A listening UNIX socket at a path: made, guarded against a second daemon, and taken away again.
//
// A socket file that a dead daemon left behind is replaced; one that somebody answers on is not, nor is anything that
// is not a socket. Control thread.
#pragma once

#include <sys/types.h>

#include <string>
#include <tl/expected.hpp>

namespace ecmpd::control::api {

/// 0: somebody accepts connections at `path`; otherwise the errno of connect().
int probe_unix_socket(const std::string& path);

class UnixListener {
 public:
  /// Mode 0660: the owner and the group may ask.
  static tl::expected<UnixListener, std::string> open(const std::string& path);
  UnixListener(UnixListener&& other) noexcept;
  UnixListener& operator=(UnixListener&& other) noexcept;
  ~UnixListener();  // removes the file if it is still ours, and closes what was not released

  /// The listening socket, which the caller owns from now on. The file stays ours: the caller closes the socket only
  /// after this object has ended, since whoever finds a file with a dead socket may replace it.
  int release();

 private:
  UnixListener(std::string path, int socket) : path_(std::move(path)), socket_(socket) {}
  std::string path_;  // empty: moved from
  int socket_ = -1;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace ecmpd::control::api
