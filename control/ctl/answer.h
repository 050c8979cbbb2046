// How ecmpctl ends: the daemon's answer on stdout, the reason of a failure on stderr, and the exit status.
#pragma once

#include <string_view>

#include "control/api/http.h"
#include "control/ctl/command_line.h"

namespace ecmpd::control::ctl {

/// False when the reader is gone or the disk is full: a cut answer is no answer.
bool print(std::string_view text);

/// The reason goes to stderr; with --json also to stdout, so that there is always one object.
ExitStatus fail(const Question& question, ExitStatus status, const std::string& message);
/// No answer, or none in full.
ExitStatus fail(const Question& question, const api::HttpFailure& failure);
/// An answer whose status is not 200.
ExitStatus fail(const Question& question, const api::HttpReply& reply);

}  // namespace ecmpd::control::ctl
