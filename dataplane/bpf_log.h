// What libbpf and libxdp say of themselves, which net_af_xdp uses and which write to stderr: in the router's own log,
// translated as EAL's messages are. Debugging messages are left out, as the libraries do.
//
// Messages come on the thread that opens or closes a port.
#pragma once

#include "dataplane/eal_log.h"

namespace ecmpd::dataplane {

/// From now on messages go to the sink. Before EAL starts; once.
void send_bpf_log_to(EalSink sink);

}  // namespace ecmpd::dataplane
