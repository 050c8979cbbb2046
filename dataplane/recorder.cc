#include "dataplane/recorder.h"

#include <rte_cycles.h>

#include <algorithm>
#include <cstring>

#include "dataplane/vlan.h"

namespace ecmpd::dataplane {

namespace {
/// The first bytes of a packet of any number of segments.
unsigned copy_begin(const rte_mbuf* packet, uint8_t* to, unsigned room) {
  const unsigned size = std::min(room, packet->pkt_len);
  const void* bytes = rte_pktmbuf_read(packet, 0, size, to);
  if (bytes != to) std::memcpy(to, bytes, size);
  return size;
}
}  // namespace

Recorder::Recorder(const WatchSpec& spec, std::atomic<int64_t>& wanted, const std::atomic<bool>& closed,
                   unsigned worker, unsigned ports, unsigned slots)
    : spec_(spec),
      wanted_(wanted),
      closed_(closed),
      worker_(worker),
      slots_(slots),
      bytes_(size_t{slots} * spec.snap_length),
      free_(slots),
      finished_(slots) {
  for (uint32_t i = 0; i < slots; ++i) free_.put(i);
  spare_.reserve(slots);
  // What a round may bring: a burst of each port, injected packets, ICMP errors.
  open_.reserve(size_t{kBurst} * (ports + 2));
}

bool Recorder::wants(const rte_mbuf* packet) const {
  return spec_.filter.matches({rte_pktmbuf_mtod(packet, const uint8_t*), packet->data_len}, packet->pkt_len);
}

uint32_t Recorder::open_slot(const rte_mbuf* packet, WatchedAs as, PortIndex port) {
  if (closed_.load(std::memory_order_relaxed) || wanted_.load(std::memory_order_relaxed) <= 0) return kNone;
  uint32_t slot = kNone;
  if (!spare_.empty()) {
    slot = spare_.back();
    spare_.pop_back();
  } else if (const auto free = free_.take()) {
    slot = *free;
  } else {
    lost_.add(1);
    return kNone;
  }
  if (wanted_.fetch_sub(1, std::memory_order_relaxed) <= 0) {
    // Another worker took the last one; it may yet give it back (sent()), and then it must be there to be had.
    wanted_.fetch_add(1, std::memory_order_relaxed);
    spare_.push_back(slot);
    return kNone;
  }
  WatchRecord& record = slots_[slot];
  record = {};
  record.tsc = rte_rdtsc();
  record.worker = worker_;
  record.as = as;
  record.port = port;
  record.length = packet->pkt_len;
  record.captured = copy_begin(packet, &bytes_[size_t{slot} * spec_.snap_length], spec_.snap_length);
  return slot;
}

void Recorder::open(rte_mbuf* packet, WatchedAs as, PortIndex port) {
  if (!wants(packet)) return;
  if (unfinished_ == 0) {
    open_.clear();
    cursor_ = 0;
  }
  if (open_.size() == open_.capacity()) return lost_.add(1);
  const uint32_t slot = open_slot(packet, as, port);
  if (slot == kNone) return;
  open_.push_back({packet, slot});
  ++unfinished_;
}

void Recorder::received(std::span<rte_mbuf* const> packets, PortIndex port) {
  if (spec_.port && *spec_.port != port) return;
  for (rte_mbuf* packet : packets) {
    const WithoutTag frame(packet, has_priority_tag(packet));  // parse will take it off
    open(packet, WatchedAs::kReceived, port);
  }
}

void Recorder::originated(rte_mbuf* packet) {
  // A capture has it as the frame that leaves; here it has no Ethernet addresses yet.
  if (!spec_.port && !spec_.frames_out) open(packet, WatchedAs::kOriginated, PortIndex{0});
}

/// Stages keep the order of packets, so the one that is asked for mostly stands behind the one before.
Recorder::Open* Recorder::find(const rte_mbuf* packet) {
  if (unfinished_ == 0) return nullptr;  // what is finished stays in open_ until the next one is opened
  for (size_t i = 0; i < open_.size(); ++i) {
    if (cursor_ >= open_.size()) cursor_ = 0;
    Open& open = open_[cursor_++];
    if (open.packet == packet) return &open;
  }
  return nullptr;
}

void Recorder::finish(Open& open, Fate fate) {
  slots_[open.slot].fate = fate;
  finished_.put(open.slot);  // has room for all slots
  open.packet = nullptr;
  --unfinished_;
}

void Recorder::keyed(const rte_mbuf* packet, std::span<const uint8_t> key) {
  const Open* open = find(packet);
  if (open == nullptr) return;
  WatchRecord& record = slots_[open->slot];
  record.key_size = static_cast<uint8_t>(key.size());
  std::copy(key.begin(), key.end(), record.key.begin());
}

void Recorder::selected(const rte_mbuf* packet, const Selection& selection) {
  const Open* open = find(packet);
  if (open == nullptr) return;
  WatchRecord& record = slots_[open->slot];
  record.selected = true;
  record.group = selection.group;
  record.buckets = selection.buckets;
  record.indexing = selection.indexing;
  record.hash = selection.hash;
  record.bucket = selection.bucket;
  record.adjacency = selection.adjacency;
  if (record.key_size != 0) return;
  record.key_size = static_cast<uint8_t>(selection.key.size());
  std::copy(selection.key.begin(), selection.key.end(), record.key.begin());
}

void Recorder::dropped(const rte_mbuf* packet, DropReason reason) {
  Open* open = find(packet);
  if (open == nullptr) return;
  slots_[open->slot].reason = reason;
  finish(*open, Fate::kDropped);
}

void Recorder::punted(const rte_mbuf* packet, PuntClass punt_class) {
  Open* open = find(packet);
  if (open == nullptr) return;
  slots_[open->slot].punt_class = punt_class;
  finish(*open, Fate::kPunted);
}

void Recorder::replaced(const rte_mbuf* packet, rte_mbuf* by) {
  if (Open* open = find(packet)) open->packet = by;
}

void Recorder::keep_rewritten(const rte_mbuf* frame, WatchRecord& record) {
  record.rewritten_size = static_cast<uint8_t>(copy_begin(frame, record.rewritten.data(), record.kRewritten));
}

/// The packet may be gone; its address counts. Every fragment has the packet's Ethernet header and TTL.
void Recorder::fragmented(const rte_mbuf* packet, PortIndex out, std::span<rte_mbuf* const> fragments) {
  Open* open = find(packet);
  if (open == nullptr) return;
  WatchRecord& record = slots_[open->slot];
  record.out = out;
  record.fragments = static_cast<unsigned>(fragments.size());
  keep_rewritten(fragments.front(), record);
  finish(*open, Fate::kFragmented);
}

void Recorder::rewritten(const rte_mbuf* packet) {
  if (const Open* open = find(packet)) keep_rewritten(packet, slots_[open->slot]);
}

void Recorder::sending(std::span<rte_mbuf* const> frames, PortIndex out, bool tagged) {
  sending_to_ = out;
  const bool wanted_here = spec_.frames_out && (!spec_.port || *spec_.port == out);
  for (size_t i = 0; i < frames.size(); ++i) {
    const WithoutTag frame(frames[i], tagged);
    Open* open = find(frames[i]);
    if (open != nullptr) keep_rewritten(frames[i], slots_[open->slot]);
    const bool take = wanted_here && wants(frames[i]);
    sending_[i] = {open, take ? open_slot(frames[i], WatchedAs::kLeaves, out) : kNone};
  }
  for (size_t i = frames.size(); i < kBurst; ++i) sending_[i] = {nullptr, kNone};
}

void Recorder::sent(unsigned count) {
  for (unsigned i = 0; i < kBurst; ++i) {
    const auto [open, frame] = sending_[i];
    if (open != nullptr && i < count) {
      slots_[open->slot].out = sending_to_;
      finish(*open, Fate::kSent);
    }
    if (frame == kNone) continue;
    slots_[frame].fate = Fate::kSent;
    slots_[frame].out = sending_to_;
    if (i < count) {
      finished_.put(frame);
    } else {
      wanted_.fetch_add(1, std::memory_order_relaxed);
      spare_.push_back(frame);
    }
  }
}

const WatchRecord* Recorder::finished() {
  const auto slot = finished_.take();
  if (!slot) return nullptr;
  taken_ = *slot;
  return &slots_[taken_];
}

void Recorder::release() { free_.put(taken_); }

}  // namespace ecmpd::dataplane
