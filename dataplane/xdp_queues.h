// How many queues AF_XDP can use of a kernel interface: its channels, by the word of its driver.
//
// Control thread, before the device is opened: net_af_xdp itself only says that it did not start.
#pragma once

#include <string>

namespace ecmpd::dataplane {

/// At least 1: a driver that knows no channels (a veth) has one queue.
unsigned xdp_queues(const std::string& interface);

}  // namespace ecmpd::dataplane
