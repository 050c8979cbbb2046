#include "hash/lab/placing.h"

#include <utility>

namespace ecmpd::hash::lab {

Placing::Placing(const KeyFields& fields, Hasher hasher, Group group)
    : fields_(fields),
      hasher_(std::move(hasher)),
      group_(std::move(group)),
      table_(group_.home->table(group_.live)),
      all_up_(group_.home->table(std::vector<bool>(group_.live.size(), true))) {}

Placed Placing::place(const PacketKey& key) const {
  Placed out;
  out.key = key;
  out.hash = std::visit([&](const auto& bytes) { return hasher_(bytes); }, key);
  out.first_choice = all_up_.owner(out.hash);
  out.buckets = static_cast<uint32_t>(table_.owners.size());
  if (table_.owners.empty()) return out;
  out.bucket = bucket_index(out.hash, out.buckets, table_.indexing);
  out.member = table_.owners[out.bucket];
  return out;
}

std::optional<Placed> Placing::place(std::span<const uint8_t> packet) const {
  const auto key = key_from_packet(packet, fields_);
  if (!key) return std::nullopt;
  return place(*key);
}

std::vector<std::string> Placing::preference(uint32_t bucket, unsigned depth) const {
  std::vector<std::string> out;
  if (const HomeLayout* layout = home().layout()) {
    for (const uint16_t member : layout->preference(bucket, depth)) out.push_back(address(member).to_string());
  }
  return out;
}

}  // namespace ecmpd::hash::lab
