#include "control/ctl/answer.h"

#include <fmt/core.h>
#include <grp.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace ecmpd::control::ctl {
namespace {

ExitStatus status_of(int http_status) {
  switch (http_status) {
    case 400:
      return kUsage;
    case 404:
      return kNotFound;
    default:
      return kFailed;
  }
}

/// What an error reply says of itself.
std::string message_of(const api::HttpReply& reply) {
  const auto body = nlohmann::json::parse(reply.body, nullptr, false);
  if (body.is_object() && body.contains("error") && body["error"].is_string()) return body["error"].get<std::string>();
  return fmt::format("an answer that is not ecmpd's (HTTP status {})", reply.status);
}

/// Whom the socket's mode lets in, as far as it can be seen: its folder may be closed too.
std::string allowed(const std::string& socket) {
  struct stat found {};
  if (stat(socket.c_str(), &found) != 0 || !(found.st_mode & S_IWGRP)) return "root";
  const group* const owners = getgrgid(found.st_gid);
  return fmt::format("root and the group {}", owners != nullptr ? owners->gr_name : std::to_string(found.st_gid));
}

}  // namespace

bool print(std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

ExitStatus fail(const Question& question, ExitStatus status, const std::string& message) {
  fmt::print(stderr, "ecmpctl: {}\n", message);
  if (!question.json) return status;
  const nlohmann::json body = {{"error", message}};
  return print(body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n") ? status : kFailed;
}

ExitStatus fail(const Question& question, const api::HttpFailure& failure) {
  if (failure.error_number == 0)
    return fail(question, kFailed, fmt::format("{}: {}", question.socket, failure.message));
  if (failure.error_number == EACCES) {
    return fail(question, kNoDaemon,
                fmt::format("{}: {} ({} may ask ecmpd)", question.socket, failure.message, allowed(question.socket)));
  }
  return fail(question, kNoDaemon,
              fmt::format("no daemon at {}: {} (is ecmpd running? --socket names another path)", question.socket,
                          failure.message));
}

ExitStatus fail(const Question& question, const api::HttpReply& reply) {
  return fail(question, status_of(reply.status), message_of(reply));
}

}  // namespace ecmpd::control::ctl
