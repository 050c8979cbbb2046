// NOTIFICATION: a body decodes, has one line of text, and comes back from the wire the same, wrapped or not.
#include <algorithm>
#include <cstdlib>

#include "control/bgp/message.h"

using namespace ecmpd::control::bgp;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Notification notification = decode_notification(Bytes(data, size));
  for (const Notification& one : {notification, hard_reset(notification)}) {
    const std::string text = one.to_string();
    if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; })) abort();
    const auto message = encode(one);
    const auto frame = next_frame(message);
    if (!frame || !*frame || (*frame)->size != message.size()) abort();
    const Notification again = decode_notification((*frame)->body);
    if (again.code != one.code || again.subcode != one.subcode) abort();
    if (message.size() < kMaximumMessage && again.data != one.data) abort();
  }
  return 0;
}
