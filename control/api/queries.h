// What the API answers: from a path and its parameters, through the control thread, to a reply.
//
// Every answer is the final JSON, or with format=text the aligned table of the same object, so that a client only
// prints. An error is {"error": "..."} with a status: 400 the question is wrong, 404 the thing does not exist, 501 the
// path is unknown here, 409 somebody else is at it, 503 the daemon stops, 504 the control thread did not answer in
// time. Any thread but the control thread.
#pragma once

#include "control/api/control_door.h"
#include "control/api/http.h"

namespace ecmpd::control::api {

/// The paths, with their parameters ([] may be left out):
///   /v1/show/bgp/summary   /v1/show/bgp/neighbor?address   /v1/show/routes?[prefix][all=1]   /v1/show/groups
///   /v1/show/group?id      /v1/show/ports   /v1/show/drops   /v1/show/icmp   /v1/show/workers   /v1/show/hash
///   /v1/show/neighbors /v1/explain?src&dst&protocol&[sport&dport]
///   /v1/trace?[count][filter][port][timeout][name]   /v1/capture?[count][filter][port][timeout][snaplen][name]
///   /v1/watch/end?name
/// `door` outlives the reply, which may ask for more through it.
HttpReply answer(const HttpRequest& request, ControlDoor& door);

}  // namespace ecmpd::control::api
