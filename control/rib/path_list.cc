#include "control/rib/path_list.h"

#include <algorithm>
#include <bit>

namespace ecmpd::control {

std::span<Path> PathList::find(unsigned count, uint16_t peer) {
  Path* begin = data(count);
  Path* end = begin + count;
  Path* found = std::lower_bound(begin, end, peer, [](const Path& path, uint16_t key) { return path.peer < key; });
  Path* last = found;
  while (last != end && last->peer == peer) ++last;
  return {found, last};
}

void PathList::insert(unsigned count, const Path& path) {
  if (count == 0) {
    one_ = path;
    return;
  }
  Path* begin = data(count);
  const Path* position =
      std::upper_bound(begin, begin + count, path.peer, [](uint16_t key, const Path& p) { return key < p.peer; });
  const auto index = position - begin;
  if (count == 1 || std::has_single_bit(count)) {  // full
    Path* grown = new Path[std::bit_ceil(count + 1)];
    std::copy(begin, begin + count, grown);
    if (count > 1) delete[] many_;
    many_ = grown;
  }
  std::copy_backward(many_ + index, many_ + count, many_ + count + 1);
  many_[index] = path;
}

void PathList::erase(unsigned count, Path* path) {
  if (count == 1) {
    one_ = {};
    return;
  }
  std::copy(path + 1, many_ + count, path);
  const unsigned left = count - 1;
  if (left == 1) {
    const Path last = many_[0];
    delete[] many_;
    one_ = last;
  } else if (std::has_single_bit(left)) {  // keeps "the capacity is the power of two that holds the count"
    Path* shrunk = new Path[left];
    std::copy(many_, many_ + left, shrunk);
    delete[] many_;
    many_ = shrunk;
  }
}

void PathList::clear(unsigned count) {
  if (count > 1) delete[] many_;
  one_ = {};
}

}  // namespace ecmpd::control
