// SPDX-License-Identifier: Apache-2.0
//
// The choices of the generator that interrupts and peers have part in.
#include <algorithm>

#include "fuzz_generator.h"

namespace ivshmem::conformance {

namespace {

constexpr unsigned entry_bytes = 16;
constexpr unsigned doorbell_offset = 0x0c;
constexpr unsigned msix_control_offset = 0x42;
constexpr unsigned enable = 0x8000;
constexpr unsigned function_mask = 0x4000;
constexpr unsigned few_vectors = 4;
constexpr unsigned many_vectors = 300;
constexpr const char* nobodys_eventfd = "e49999.0";

std::string eventfd_name(unsigned peer, unsigned vector) {
  return "e" + std::to_string(peer) + "." + std::to_string(vector);
}

}  // namespace

// ---- MSI-X table

/// A relay rings vectors of its own device only, and ghosts: with vectors of two devices ready in
/// one turn, which device comes first depends on when QEMU read each server's messages.
std::uint32_t fuzz_generator::relay_data() {
  if (random_.one_in(2)) {
    const device_view::peer& ghost = random_.any_of(ghosts_);
    return ghost.id << 16U | random_.index(ghost.vectors);
  }
  unsigned vector = random_.index(now_->vectors());
  if (now_->is_relay(vector) || now_->is_relay(vector & 0xffU)) {
    vector = 0;
  }
  return now_->peer_id() << 16U | vector;
}

/// For the same reason a message changes at most the data of its own device's entries, and unmasks
/// no other device's relay.
std::uint32_t fuzz_generator::relay_address() {
  std::uint64_t address = 0;
  const device_view& any = random_.any_of(devices_);
  switch (random_.below(6)) {
    case 0:
    case 1:
      address = any.base(0) + random_.pick({0U, 4U, 8U, 12U, 12U, 12U, 12U, 16U});
      break;
    case 2:
      address = now_->base(1) + entry_bytes * random_.below(now_->vectors());
      address += random_.pick({8U, 12U, 12U});
      break;
    case 3:
      if (any.is_doorbell()) {
        const unsigned vector = random_.index(any.vectors());
        address =
            any.base(1) + (any.is_relay(vector) ? any.pending_offset() : entry_bytes * vector + 12);
      }
      break;
    case 4:
      address = any.base(2) + (random_.below(64) & ~3U);
      break;
    default:
      break;
  }
  if (address == 0) {
    address = now_->message_slot(now_->vectors() - 1);
  }
  return static_cast<std::uint32_t>(address + (random_.one_in(10) ? 1 + random_.below(3) : 0));
}

std::uint32_t fuzz_generator::table_word(std::uint64_t offset) {
  const auto vector = static_cast<unsigned>(offset / entry_bytes);
  const bool relay = now_->is_relay(vector);
  switch (offset % entry_bytes) {
    case 0:
      if (relay && !random_.one_in(4)) {
        return relay_address();
      }
      if (random_.one_in(16)) {
        return static_cast<std::uint32_t>(now_->base(2) + random_.below(64));
      }
      return static_cast<std::uint32_t>(now_->message_slot(vector)) +
             random_.pick({0U, 0U, 0U, 4U, 8U, 12U, 1U, 2U, 7U});
    case 4:
      return random_.one_in(12) ? random_.pick({1U, 0x8000'0000U, now_->high_half()}) : 0;
    case 8:
      return relay ? relay_data() : static_cast<std::uint32_t>(word());
    default:
      return random_.pick({0U, 0U, 0U, 1U, 1U, 0xffff'fffeU, 0xffff'ffffU, 2U});
  }
}

/// Only whole aligned dwords take effect; what lies around them is any byte.
std::vector<std::uint8_t> fuzz_generator::table_bytes(std::uint64_t offset, unsigned count) {
  std::vector<std::uint8_t> data = random_bytes(count);
  for (std::uint64_t at = (offset + 3) & ~std::uint64_t{3};
       at + 4 <= std::min(offset + count, now_->table_bytes()); at += 4) {
    const std::uint32_t value = table_word(at);
    for (unsigned i = 0; i < 4; ++i) {
      data[at - offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
  }
  return data;
}

void fuzz_generator::table() {
  const unsigned bytes = random_.pick({4U, 4U, 4U, 4U, 8U, 8U, 1U, 2U});
  std::uint64_t offset = random_.below(now_->table_bytes());
  if (!random_.one_in(8)) {
    offset &= ~std::uint64_t{3};
  }
  if (random_.one_in(3)) {
    access_bar(false, 1, offset, bytes, 0);
    return;
  }
  const auto data = table_bytes(offset, bytes);
  std::uint64_t value = 0;
  for (unsigned i = bytes; i-- > 0;) {
    value = value << 8U | data[i];
  }
  access_bar(true, 1, offset, bytes, value);
}

void fuzz_generator::table_block() {
  const unsigned count = 1 + random_.index(72);
  std::uint64_t offset = random_.below(now_->table_bytes());
  if (random_.one_in(3)) {
    offset = now_->table_bytes() - std::min<std::uint64_t>(now_->table_bytes(), count / 2);
  }
  const bool write = !random_.one_in(3);
  access_block(write, 1, offset, table_bytes(offset, count));
}

void fuzz_generator::pending_and_gaps() {
  const unsigned bytes = random_.pick({4U, 8U, 4U, 1U, 2U});
  const std::uint64_t pending = now_->pending_offset();
  const std::uint64_t pending_bytes = (now_->vectors() + 63) / 64 * std::uint64_t{8};
  const std::uint64_t end = now_->bar_bytes(1);
  std::uint64_t offset = pending + random_.below(pending_bytes);
  offset = random_.pick({offset, offset & ~std::uint64_t{3}, offset & ~std::uint64_t{7},
                         pending + random_.pick({0U, 0U, 0U, 4U, 1U, 2U}),
                         random_.pick({now_->table_bytes(), pending - 8, pending + pending_bytes,
                                       pending + pending_bytes - 4, end - 8, end - 3})});
  const bool write = random_.one_in(3);
  const unsigned kind = random_.index(4);
  if (write && offset >= now_->table_bytes()) {
    access_bar(true, 1, offset, bytes, value(bytes));
  } else if (kind == 0) {
    access_block(
        false, 1, pending,
        random_bytes(static_cast<unsigned>(std::min<std::uint64_t>(pending_bytes + 8, 64))));
  } else {
    access_bar(false, 1, offset, bytes, 0);
  }
}

/// What a driver does for some vectors, then the enable bit.
void fuzz_generator::bring_up() {
  for (std::uint64_t left = 1 + random_.below(4); left > 0; --left) {
    const std::uint64_t entry = entry_bytes * random_.below(now_->vectors());
    for (unsigned field = 0; field < entry_bytes; field += 4) {
      access_bar(true, 1, entry + field, 4, field % 8 == 4 ? 0 : table_word(entry + field));
    }
  }
  config_write(msix_control_offset, 2, enable);
}

// ---- peers

void fuzz_generator::ring() {
  const unsigned vector = random_.index(now_->vectors());
  list_.push_back({{"op", "ring"},
                   {"dev", now_->index()},
                   {"vec", vector},
                   {"count", random_.pick({1U, 1U, 1U, 2U, 5U})}});
}

void fuzz_generator::send(json messages) {
  list_.push_back({{"op", "srv"}, {"dev", now_->index()}, {"msgs", std::move(messages)}});
}

void fuzz_generator::late_own_vector() {
  if (now_->own_vectors == now_->vectors()) {
    return;
  }
  const std::string name = eventfd_name(now_->peer_id(), now_->own_vectors++);
  if (random_.one_in(2)) {
    list_.push_back({{"op", "preset"}, {"eventfd", name}, {"count", 1 + random_.index(3)}});
  }
  send(json::array({json::array({now_->peer_id(), name})}));
}

/// Peers join under new IDs, get more vectors and leave once: a peer that comes back or leaves
/// twice makes QEMU use freed memory [behaviour 12].
void fuzz_generator::peers() {
  auto& joined = now_->joined;
  json messages = json::array();
  const auto connect = [&](device_view::peer& peer, unsigned end) {
    for (; peer.vectors < end; ++peer.vectors) {
      messages.push_back({peer.id, eventfd_name(peer.id, peer.vectors)});
    }
  };
  const unsigned kind = random_.index(6);
  if (joined.size() > 2 && kind < 2) {
    const auto gone = joined.begin() + random_.index(joined.size());
    messages.push_back({gone->id, nullptr});
    gone_.push_back(*gone);
    if (gone_.size() > 2) {
      gone_.erase(gone_.begin());
    }
    joined.erase(gone);
  } else if (!joined.empty() && kind == 2) {
    device_view::peer& peer = joined[random_.index(joined.size())];
    connect(peer, std::min(now_->vectors(), peer.vectors + 1));
  } else {
    const bool high = random_.one_in(6);
    unsigned id = high ? next_high_peer_-- : next_peer_;
    next_peer_ += high ? 0 : random_.pick({1U, 1U, 3U});
    const unsigned most = std::min(now_->vectors(), random_.one_in(8) ? many_vectors : few_vectors);
    joined.push_back({id, 0});
    connect(joined.back(), 1 + random_.index(most));
  }
  if (!messages.empty()) {
    send(messages);
  }
}

void fuzz_generator::refused_message() {
  const unsigned own = now_->peer_id();
  json messages = json::array();
  switch (random_.below(6)) {
    case 0:
      messages.push_back({-1, random_.one_in(2) ? json("shm") : json(nullptr)});
      break;
    case 1:
      messages.push_back({random_.pick<std::int64_t>({-2, -65'536, INT64_MIN}), nullptr});
      break;
    case 2:
      messages.push_back({random_.pick<std::int64_t>({65'536, 1LL << 32U, INT64_MAX}),
                          random_.one_in(2) ? json(eventfd_name(own, 0)) : json(nullptr)});
      break;
    case 3:
      messages.push_back({own, nullptr});
      break;
    default: {
      // One more than the device has vectors.
      std::vector<device_view::peer> full{{own, now_->own_vectors}};
      full.insert(full.end(), now_->joined.begin(), now_->joined.end());
      for (const device_view::peer& peer : full) {
        if (peer.vectors == now_->vectors()) {
          messages.push_back({peer.id, nobodys_eventfd});
        }
      }
    }
  }
  if (!messages.empty()) {
    send(messages);
  }
}

// ---- several commands between two turns of the event loop

/// All rings go to one peer, this device's own or one without device: see relay_data().
void fuzz_generator::batch() {
  const std::size_t first = list_.size();
  const bool doorbells = now_->is_doorbell();
  const unsigned peer = !doorbells          ? 0
                        : random_.one_in(2) ? now_->peer_id()
                                            : random_.any_of(ghosts_).id;
  const unsigned vectors = std::max(1U, now_->vectors());
  for (std::uint64_t left = 2 + random_.below(7); left > 0; --left) {
    const std::uint64_t entry = entry_bytes * random_.below(vectors);
    const std::uint64_t kind = random_.below(doorbells ? 12 : 6);
    if (kind < 3) {
      access_bar(true, 0, doorbell_offset, 4, peer << 16U | random_.index(vectors));
    } else if (kind == 3) {
      const unsigned offset = random_.pick({0U, 4U, 8U, 12U});
      access_bar(false, 0, offset, random_.pick({4U, 8U}), 0);
    } else if (kind == 4) {
      config_read(random_.pick({4U, 0x40U}), 4);
    } else if (kind == 5) {
      const bool write = random_.one_in(2);
      access_bar(write, 2, 8 * random_.below(8), 8, random_.bits(64));
    } else if (kind == 6) {
      access_bar(false, 1, now_->pending_offset(), 8, 0);
    } else if (kind == 7) {
      config_write(msix_control_offset, 2,
                   random_.pick({enable, enable, enable | function_mask, 0U}));
    } else if (kind == 8) {
      config_write(4, 2, random_.pick({6U, 6U, 2U, 4U}));
      commands_[now_->index()] = 2;  // it may be switched on again soon
    } else if (kind == 9) {
      const unsigned field = random_.pick({0U, 8U, 12U});
      access_bar(true, 1, entry + field, 4, table_word(entry + field));
    } else {
      access_bar(true, 1, entry + 12, 4, random_.bits(1));
    }
  }
  json operations = json::array();
  for (std::size_t i = first; i < list_.size(); ++i) {
    operations.push_back(std::move(list_[i]));
  }
  list_.resize(first);
  list_.push_back({{"op", "batch"}, {"ops", std::move(operations)}});
}

}  // namespace ivshmem::conformance
