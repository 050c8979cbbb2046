// What a worker recorded about one packet: its first bytes, what each stage found, and what became of it.
//
// Filled by the stages themselves as the packet passes them (recorder.h), read by control when it is complete. A value.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/counters.h"
#include "dataplane/drop_reason.h"
#include "dataplane/ids.h"
#include "hash/bucket_table.h"
#include "hash/key.h"

namespace ecmpd::dataplane {

/// How the packet came to the worker. kLeaves is a frame just before it is sent: only bytes and port are known of it.
enum class WatchedAs : uint8_t { kReceived, kOriginated, kLeaves };

enum class Fate : uint8_t { kSent, kFragmented, kPunted, kDropped };

struct WatchRecord {
  static constexpr unsigned kRewritten = 64;  // bytes of the frame as it leaves: Ethernet, and the IP header's start

  uint64_t tsc = 0;
  unsigned worker = 0;
  WatchedAs as = WatchedAs::kReceived;
  PortIndex port{0};      // that it came in by, or leaves by when kLeaves; of no meaning when kOriginated
  uint32_t length = 0;    // of the frame
  uint32_t captured = 0;  // bytes of it that are kept

  // Lookup and select, if the packet came so far.
  bool selected = false;
  GroupId group{0};
  uint32_t buckets = 0;
  hash::Indexing indexing = hash::Indexing::kLowBits;
  uint8_t key_size = 0;
  std::array<uint8_t, sizeof(hash::Key6)> key{};
  uint32_t hash = 0;
  uint32_t bucket = 0;
  AdjacencyId adjacency{0};

  Fate fate = Fate::kDropped;
  DropReason reason{};         // kDropped
  PuntClass punt_class{};      // kPunted
  PortIndex out{0};            // kSent, kFragmented
  unsigned fragments = 0;      // kFragmented: how many
  uint8_t rewritten_size = 0;  // 0: the rewrite stage was not reached
  std::array<uint8_t, kRewritten> rewritten{};
};

}  // namespace ecmpd::dataplane
