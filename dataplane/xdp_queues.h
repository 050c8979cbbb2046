// How many queues AF_XDP can use of a kernel interface: its channels, by the word of its driver.
//
// A queue is a combined channel, or a receive channel with the transmit channel of the same number: a veth has those.
// net_af_xdp 22.11 knows combined channels only and would see one queue there, so xdp_queues.cc defines ioctl() for the
// whole program: the C library's, but for ETHTOOL_GCHANNELS, whose answer then has the pairs as combined channels.
// Linked into every program that starts EAL. Control thread, before the device is opened.
#pragma once

#include <string>

namespace ecmpd::dataplane {

/// At least 1: a driver that knows no channels has one queue.
unsigned xdp_queues(const std::string& interface);

/// False when drivers would call the C library's own ioctl().
bool channels_override_works();

}  // namespace ecmpd::dataplane
