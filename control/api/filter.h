// A capture filter as people write it ("tcp dst port 80 and src host 192.0.2.7"; man pcap-filter), compiled for the
// workers.
//
// Names of hosts may be looked up, so this is for the API's threads, not for the control thread.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "dataplane/packet_filter.h"

namespace ecmpd::control::api {

/// An empty text takes everything and gives an empty program. The error is libpcap's own, one line.
tl::expected<std::vector<dataplane::FilterInstruction>, std::string> compile_filter(const std::string& text);

}  // namespace ecmpd::control::api
