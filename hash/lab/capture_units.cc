#include "hash/lab/capture_units.h"

#include <unordered_set>

#include "hash/lab/capture_file.h"

namespace ecmpd::hash::lab {

tl::expected<CaptureUnits, std::string> capture_units(const std::string& path, const KeyFields& fields) {
  auto file = CaptureFile::open(path);
  if (!file) return tl::make_unexpected(file.error());
  KeyFields of_flow = KeyFields::five_tuple();
  of_flow.inner = fields.inner;
  CaptureUnits out;
  UnitCollector collector(0);
  std::unordered_set<std::string> flows;
  while (true) {
    const auto frame = file->next();
    if (!frame) return tl::make_unexpected(frame.error());
    if (!*frame) break;
    ++out.frames;
    const auto packet = ip_in_frame(file->link_type(), (*frame)->bytes);
    const auto key = packet ? key_from_packet(*packet, fields) : std::nullopt;
    if (!key) {
      ++out.others;
      continue;
    }
    const PacketKey flow = key_from_packet(*packet, of_flow).value();
    const auto bytes = bytes_of(flow);
    const bool is_new = flows.emplace(bytes.begin(), bytes.end()).second;
    collector.add(*key, is_new ? 1 : 0, (*frame)->length);
  }
  out.units = collector.take();
  return out;
}

}  // namespace ecmpd::hash::lab
