// The message header: whatever is taken for a message lies within the bytes, and a NOTIFICATION survives re-encoding.
#include <cstdlib>

#include "control/bgp/message.h"

using namespace ecmpd::control::bgp;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Bytes rest(data, size);
  for (;;) {
    const auto frame = next_frame(rest);
    if (!frame) {
      (void)frame.error().to_string();
      return 0;
    }
    if (!*frame) return 0;
    if ((*frame)->size < kHeaderSize || (*frame)->size > rest.size()) abort();
    if ((*frame)->type == MessageType::kNotification) {
      const Notification notification = decode_notification((*frame)->body);
      (void)notification.to_string();
      if ((*frame)->size <= kMaximumMessage) {
        const auto again = encode(notification);
        if (decode_notification((*next_frame(again))->body) != notification) abort();
      }
    }
    rest = rest.subspan((*frame)->size);
  }
}
