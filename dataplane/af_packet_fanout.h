// net_af_packet joins its sockets, one for each worker, to a fanout group that goes by the hash of the flow, which is
// right, with two flags that are not and that it offers no way to leave out. PACKET_FANOUT_FLAG_DEFRAG, even with a
// single socket: the kernel hands over reassembled datagrams, which a router can neither hash as fragments nor send on
// (longer than the MTU, and cut at the frame size of the ring). PACKET_FANOUT_FLAG_ROLLOVER: while one worker's ring is
// full, its flows go to other workers, and overtake themselves.
//
// This file defines setsockopt() for the whole program: the C library's, but for those flags, which it takes out.
// Linked into every program that starts EAL, which calls fanout_override_works() to be sure that drivers find it. Any
// thread.
#pragma once

namespace ecmpd::dataplane {

/// False when drivers would call the C library's own setsockopt().
bool fanout_override_works();

}  // namespace ecmpd::dataplane
