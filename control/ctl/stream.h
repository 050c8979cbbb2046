// Answers that come bit by bit: `ecmpctl trace` prints packets as they come, `ecmpctl capture` writes them to a file.
//
// The file is ecmpctl's, with the rights of who runs it; the daemon only sends the bytes. The first SIGINT or SIGTERM
// asks the daemon to come to an end, so that what was written is whole; a second one ends ecmpctl.
#pragma once

#include "control/ctl/command_line.h"

namespace ecmpd::control::ctl {

ExitStatus follow(Question question);

}  // namespace ecmpd::control::ctl
