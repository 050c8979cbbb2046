// RFC 1624: the incremental update of a header checksum is that of a full computation, also where ones' complement has
// two zeros. What is expected is computed in full (packet_reference.h).
#include "tests/dataplane/cases/tables.h"

namespace ecmpd::dataplane::test {

namespace {

/// Gives the packet the identification with which its right checksum is `wanted`.
PacketBuilder with_checksum(PacketBuilder builder, uint16_t wanted) {
  const Bytes ip = builder.id(0).checksum(0).ip();
  Bytes header(ip.begin(), ip.begin() + (ip[0] & 0xf) * 4);
  const unsigned rest = 0xffffu ^ internet_checksum(header.data(), header.size());  // the sum without id and checksum
  // rest + id + wanted = 0xffff in ones' complement
  unsigned id = 2 * 0xffffu - rest - wanted;
  while (id > 0xffff) id -= 0xffff;
  return builder.id(static_cast<uint16_t>(id)).checksum(wanted);
}

std::string hex(uint16_t value) {
  static const char* kDigits = "0123456789abcdef";
  std::string out = "0x";
  for (int shift = 12; shift >= 0; shift -= 4) out.push_back(kDigits[value >> shift & 0xf]);
  return out;
}

}  // namespace

std::vector<Case> checksum_cases() {
  std::vector<Case> out;
  // 0xfeff becomes 0xffff, which is written as 0; 0xffff is 0 as some senders write it.
  for (const uint16_t wanted :
       {0x0000, 0x0001, 0x00ff, 0x0100, 0x7fff, 0x8000, 0xfdff, 0xfefe, 0xfeff, 0xff00, 0xff01, 0xfffe, 0xffff}) {
    out.push_back({"checksum " + hex(wanted), with_checksum(packet(), wanted).frame(), send_as(flow4())});
    out.push_back(
        {"checksum " + hex(wanted) + ", TTL 255", with_checksum(packet().ttl(255), wanted).frame(), send_as(flow4())});
    out.push_back({"checksum " + hex(wanted) + " over options",
                   with_checksum(packet().options({148, 4, 0, 0, 1, 1, 1, 1}), wanted).frame(), send_as(flow4())});
    // 0xffff and 0 are the same number.
    const auto off_by_one = static_cast<uint16_t>(wanted == 0xffff ? 1 : wanted + 1);
    out.push_back({"checksum " + hex(wanted) + " is right, one more is not",
                   with_checksum(packet(), wanted).checksum(off_by_one).frame(), drop_as(DropReason::kIpv4Checksum)});
  }
  return out;
}

}  // namespace ecmpd::dataplane::test
