// net_af_packet joins its sockets to a fanout group with PACKET_FANOUT_FLAG_DEFRAG, even a single one, and offers no
// way to leave it out: the kernel then hands over reassembled datagrams, which a router can neither hash as fragments
// nor send on (longer than the MTU, and cut at the frame size of the ring).
//
// This file defines setsockopt() for the whole program: the C library's, but for that flag, which it takes out. Linked
// into every program that starts EAL, which calls fanout_override_works() to be sure that drivers find it. Any thread.
#pragma once

namespace ecmpd::dataplane {

/// False when drivers would call the C library's own setsockopt().
bool fanout_override_works();

}  // namespace ecmpd::dataplane
