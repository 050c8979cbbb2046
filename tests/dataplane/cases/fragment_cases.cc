// MTU, jumbo frames and fragmentation. Port 0 takes 9,000 bytes, ports 1 to 3 1,500, port 4 1,280.
#include "tests/dataplane/cases/tables.h"
#include "tests/dataplane/packet6.h"

namespace ecmpd::dataplane::test {

namespace {

constexpr uint16_t kDf = 0x4000;
constexpr uint16_t kMore = 0x2000;
const std::string kNarrow = "198.18.0.1";
const std::string kNarrow6 = "2001:db8:4::1";

/// An IP packet of so many bytes.
PacketBuilder sized(size_t bytes) { return packet().to("198.51.100.9").udp(1, 2).payload(bytes - 28); }
PacketBuilder6 sized6(size_t bytes) { return packet6().to("2001:db8:51::9").udp(1, 2).payload(bytes - 48); }

std::vector<Case> ipv4() {
  const Bytes options{7, 7,   4, 0, 0, 0,
                      0, 148, 4, 0, 0, 0};  // record route, which is not copied; router alert, which is
  std::vector<Case> out;
  for (const size_t bytes : {1500, 1501, 1504, 1508, 1600, 2976, 2977, 2999, 4000, 8972, 9000}) {
    const std::string size = std::to_string(bytes) + " bytes";
    out.push_back({size, sized(bytes).frame(), send_by(1)});
    out.push_back({size + " to the narrow port", sized(bytes).to(kNarrow).frame(), send_by(4)});
    if (bytes > 1500) {
      out.push_back(
          {size + " with DF", sized(bytes).fragment(kDf).frame(), drop_as(DropReason::kMtuExceeded, {3, 4, 1500})});
    }
    out.push_back({size + " with DF to the narrow port", sized(bytes).to(kNarrow).fragment(kDf).frame(),
                   drop_as(DropReason::kMtuExceeded, {3, 4, 1280})});
  }
  for (const size_t bytes : {576, 1279, 1280}) {
    const std::string size = std::to_string(bytes) + " bytes fit the narrow port";
    out.push_back({size, sized(bytes).to(kNarrow).frame(), send_by(4)});
    out.push_back({size + " with DF", sized(bytes).to(kNarrow).fragment(kDf).frame(), send_by(4)});
  }
  out.insert(
      out.end(),
      {
          {"1,281 bytes do not fit the narrow port", sized(1281).to(kNarrow).frame(), send_by(4)},
          {"1,281 bytes with DF", sized(1281).to(kNarrow).fragment(kDf).frame(),
           drop_as(DropReason::kMtuExceeded, {3, 4, 1280})},
          {"9,000 bytes to a port that takes them", sized(9000).to("10.0.9.7").frame(), send_by(0)},
          {"9,000 bytes with DF to a port that takes them", sized(9000).to("10.0.9.7").fragment(kDf).frame(),
           send_by(0)},
          {"jumbo through the service", packet().payload(5000).frame(), send_as(flow4())},
          {"options, of which fragments have some", sized(3000).options(options).frame(), send_by(1)},
          {"no-operations are not copied", sized(3000).options(Bytes(40, 1)).frame(), send_by(1)},
          {"a first fragment is fragmented again", sized(3000).fragment(kMore).frame(), send_by(1)},
          {"one from the middle", sized(3000).fragment(kMore | 100).frame(), send_by(1)},
          {"the last one", sized(3000).fragment(100).frame(), send_by(1)},
          {"a fragment with DF is too long like any other", sized(3000).fragment(kDf | kMore).frame(),
           drop_as(DropReason::kMtuExceeded, {3, 4, 1500})},
          {"a later one with DF is not answered", sized(3000).fragment(kDf | kMore | 100).frame(),
           drop_as(DropReason::kMtuExceeded)},
          {"TTL comes before MTU", sized(3000).ttl(1).fragment(kDf).frame(), drop_as(DropReason::kTtlExpired, {11, 0})},
          {"Ethernet padding does not make it too long", sized(1280).to(kNarrow).fragment(kDf).padding(18).frame(),
           send_by(4)},
          {"a too long ICMP error with DF is not answered",
           sized(28).icmp_error(3, 1, 0, packet().payload(2000).ip()).fragment(kDf).frame(),
           drop_as(DropReason::kMtuExceeded)},
          {"too long for a host that has to be found", packet().to("10.0.1.77").payload(1600).frame(),
           punt(PuntClass::kGlean)},
          {"with DF it need not be found", packet().to("10.0.4.77").payload(1600).fragment(kDf).frame(),
           drop_as(DropReason::kMtuExceeded, {3, 4, 1280})},
          {"any size is punted", packet().to("10.0.0.1").payload(8000).fragment(kDf).frame(), punt(PuntClass::kOther)},
          {"longer than any port's MTU", sized(9001).frame(), send_by(1)},
      });
  return out;
}

std::vector<Case> ipv6() {
  std::vector<Case> out;
  for (const size_t bytes : {1280, 1281, 1499, 1500, 1501, 4000, 9000}) {
    const std::string size = "IPv6, " + std::to_string(bytes) + " bytes";
    out.push_back(
        {size, sized6(bytes).frame(), bytes <= 1500 ? send_by(1) : drop_as(DropReason::kMtuExceeded, {2, 0, 1500})});
    out.push_back({size + " to the narrow port", sized6(bytes).to(kNarrow6).frame(),
                   bytes <= 1280 ? send_by(4) : drop_as(DropReason::kMtuExceeded, {2, 0, 1280})});
    out.push_back({size + " to a port that takes them", sized6(bytes).to("2001:db8:9::7").frame(), send_by(0)});
  }
  out.insert(
      out.end(),
      {
          {"a first fragment is too long as well", sized6(3000).fragment(0, true).frame(),
           drop_as(DropReason::kMtuExceeded, {2, 0, 1500})},
          {"a later one is not answered", sized6(3000).fragment(185, true).frame(), drop_as(DropReason::kMtuExceeded)},
          {"hop limit comes before MTU", sized6(3000).hop_limit(1).frame(), drop_as(DropReason::kTtlExpired, {3, 0})},
          {"any size of IPv6 is punted", packet6().to("fd00::1").payload(8000).frame(), punt(PuntClass::kOther)},
      });
  return out;
}

}  // namespace

std::vector<Case> fragment_cases() {
  std::vector<Case> out = ipv4();
  for (Case& test : ipv6()) out.push_back(std::move(test));
  return out;
}

}  // namespace ecmpd::dataplane::test
