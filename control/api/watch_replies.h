// Answers that come bit by bit: packets as workers record them, as a trace to read or as a capture file.
//
// Each takes the place of the one trace or capture that can go on at a time, and gives it back when the reply goes
// away: after its last packet, at its timeout, or because the client is gone. Any thread but the control thread.
#pragma once

#include "control/api/query.h"

namespace ecmpd::control::api {

/// The next `count` packets (default 1): readable text, or {"trace": [...], "lost": 0}.
HttpReply trace(const HttpRequest& request, ControlDoor& door, bool text);

/// A pcapng file of what comes in and what goes out.
HttpReply capture(const HttpRequest& request, ControlDoor& door);

/// Ends the trace or capture `name` as if it had all its packets: {"ended": true}.
HttpReply end_watch(const HttpRequest& request, ControlDoor& door);

}  // namespace ecmpd::control::api
