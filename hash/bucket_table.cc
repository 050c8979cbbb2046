#include "hash/bucket_table.h"

namespace ecmpd::hash {

std::string_view to_string(Indexing indexing) {
  switch (indexing) {
    case Indexing::kLowBits:
      return "low-bits";
    case Indexing::kModulo:
      return "modulo";
    case Indexing::kRange:
      return "range";
  }
  return "";
}

std::vector<uint32_t> BucketTable::entries(size_t members) const {
  std::vector<uint32_t> counts(members);
  for (const uint16_t owner : owners) ++counts[owner];
  return counts;
}

}  // namespace ecmpd::hash
