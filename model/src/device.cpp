// SPDX-License-Identifier: Apache-2.0
//
// What an access does: pieces, registers, doorbells, BAR1.
#include "ivshmem/model/device.h"

#include <cassert>
#include <cstring>

#include "ivshmem/model/access_piece.h"

namespace ivshmem {

namespace {

constexpr unsigned register_bytes = 4;

config_space_layout layout_of(const device_properties& properties, memory_view memory,
                              unsigned max_payload_bytes) {
  return {properties.variant, properties.has_msix() ? properties.vectors : 0, memory.bytes,
          properties.express, max_payload_bytes};
}

unsigned most_bytes(unsigned bar) { return bar == 0 ? 4 : 8; }

}  // namespace

/// Marks that a register access is under way; the real device refuses a second one inside it.
struct device::piece_scope {
  explicit piece_scope(device& owner) : owner_(owner) { owner_.inside_access_ = true; }
  ~piece_scope() { owner_.inside_access_ = false; }
  piece_scope(const piece_scope&) = delete;
  piece_scope& operator=(const piece_scope&) = delete;
  device& owner_;
};

device::device(const device_properties& properties, peer_id id, memory_view memory,
               device_callbacks& callbacks, unsigned max_payload_bytes)
    : properties_(properties),
      callbacks_(callbacks),
      memory_(memory),
      config_(layout_of(properties, memory, max_payload_bytes)),
      msix_(properties.has_msix() ? properties.vectors : 0),
      peers_(id, properties.has_peers() ? properties.vectors : 0),
      latched_(properties.irq_path == interrupt_path::irqfd ? msix_.vectors() : 0) {
  assert(check(properties, memory.bytes, id));
  if (!properties.hot_plugged) {
    config_.reset();
  }
}

// ---- configuration space

void device::config_write(std::uint32_t offset, unsigned bytes, std::uint32_t value) {
  const bool was_masked = config_.function_masked();
  const bool was_enabled = config_.msix_enabled();
  config_.write(offset, bytes, value);
  msix_.set_function_masked(config_.function_masked());
  if (was_masked && !config_.function_masked()) {
    release(0, msix_.vectors());
  }
  if (!was_enabled && config_.msix_enabled()) {
    collect_latched();
  }
  update_intx();
}

// ---- BAR0: registers

std::uint32_t device::read_with_effects(std::uint32_t offset) {
  if (blocked(0, offset)) {
    return 0;
  }
  const std::uint32_t value = register_value(offset);
  if (offset == bar0::intr_status.offset) {
    intr_status_ = 0;
    update_intx();
  }
  traced(0, false, offset, value);
  return value;
}

void device::write_register(std::uint32_t offset, std::uint32_t value) {
  // Not inlined, here and below: every other register would pay for the target's place on the
  // stack.
  const auto rung_by_host = [this](std::uint32_t word) __attribute__((noinline)) {
    const doorbell_target to = resolve_doorbell(word, true, peers_, properties_);
    if (to.by_ioeventfd) {
      ring(to);
    }
    return to.by_ioeventfd;
  };
  if (offset != bar0::doorbell.offset || !rung_by_host(value)) {
    store_register(offset, value);
  }
}

void device::store_register(std::uint32_t offset, std::uint32_t value) {
  if (blocked(0, offset)) {
    return;
  }
  const auto decode_and_ring = [this](std::uint32_t word) __attribute__((noinline)) {
    ring(resolve_doorbell(word, false, peers_, properties_));
  };
  const piece_scope scope(*this);
  traced(0, true, offset, value);
  switch (offset & bar0::write_offset_mask) {
    case bar0::intr_mask.offset:
      intr_mask_ = value;
      update_intx();
      break;
    case bar0::intr_status.offset:
      intr_status_ = value;  // plain storage, not write-one-to-clear [behaviour 3]
      update_intx();
      break;
    case bar0::doorbell.offset:
      decode_and_ring(value);
      break;
    default:
      break;
  }
}

void device::ring(const doorbell_target& to) {
  ++statistics_.doorbells;
  if (to.rings) {
    ++statistics_.rung;
    callbacks_.ring(to.peer, to.vector);
  } else {
    drop(to.cause, to.peer, to.vector);
  }
}

void device::drop(drop_cause cause, peer_id peer, vector_index vector) {
  ++statistics_.drops[static_cast<std::size_t>(cause)];
  callbacks_.dropped(cause, peer, vector);
}

bool device::blocked(unsigned bar, std::uint32_t offset) {
  if (inside_access_) {
    callbacks_.blocked_reentry(bar, offset);
  }
  return inside_access_;
}

// ---- BAR1: MSI-X table and pending bits

/// Whether anything stands at `offset`: table or pending bits, not a gap.
bool device::in_bar1(std::uint32_t offset) const noexcept {
  const std::uint32_t pba = bar1::pba_offset(msix_.vectors());
  return offset < bar1::table_bytes(msix_.vectors()) ||
         (offset >= pba && offset - pba < bar1::pba_bytes(msix_.vectors()));
}

std::uint32_t device::bar1_dword(std::uint32_t offset) const noexcept {
  const unsigned vectors = msix_.vectors();
  if (offset < bar1::table_bytes(vectors)) {
    return msix_.table_read(offset);
  }
  if (!in_bar1(offset)) {
    return 0;
  }
  const std::uint32_t pba = offset - bar1::pba_offset(vectors);
  std::uint32_t value = msix_.pba_read(pba);
  if (!latched_.empty() && config_.msix_enabled()) {
    for (unsigned bit = 0; bit < 32 && 8 * pba + bit < vectors; ++bit) {
      const unsigned vector = 8 * pba + bit;
      value |= latched_[vector] && msix_.masked(vector) ? 1U << bit : 0U;
    }
  }
  return value;
}

std::uint32_t device::bar1_read_dword(std::uint32_t offset) {
  const std::uint32_t value = bar1_dword(offset);
  if (in_bar1(offset)) {
    traced(1, false, offset, value);
  }
  return value;
}

void device::bar1_write_dword(std::uint32_t offset, std::uint32_t value) {
  if (in_bar1(offset)) {
    traced(1, true, offset, value);
  }
  if (offset >= bar1::table_bytes(msix_.vectors())) {
    return;  // the pending bits are read-only, the gaps nothing at all
  }
  const unsigned vector = offset / bar1::entry_bytes;
  const bool was_masked = msix_.masked(vector);
  msix_.table_write(offset, value);
  // Unmasked already, it may be owed a message: see device_callbacks::may_release().
  if (was_masked || offset % bar1::entry_bytes == bar1::entry_control) {
    release(vector, vector + 1);
  }
}

// ---- accesses of any size

std::uint64_t device::read_piece(unsigned bar, std::uint32_t offset, unsigned bytes) {
  if (bar == 0) {
    return read_register(offset);
  }
  if (bytes < register_bytes || blocked(bar, offset)) {
    return 0;  // the table takes only whole dwords [behaviour 2]
  }
  if (offset >= bar1::pba_offset(msix_.vectors())) {
    collect_latched();
  }
  std::uint64_t value = bar1_read_dword(offset);
  if (bytes > register_bytes) {
    value |= std::uint64_t{bar1_read_dword(offset + register_bytes)} << 32U;
  }
  return value;
}

void device::write_piece(unsigned bar, std::uint32_t offset, unsigned bytes, std::uint64_t value) {
  if (bar == 0) {
    const auto word = static_cast<std::uint32_t>(value);
    if (bytes == register_bytes) {
      write_register(offset, word);
    } else {
      store_register(offset, word);
    }
    return;
  }
  if (bytes < register_bytes || blocked(bar, offset)) {
    return;
  }
  const piece_scope scope(*this);
  for (unsigned i = 0; i < bytes; i += register_bytes) {
    bar1_write_dword(offset + i, static_cast<std::uint32_t>(value >> (8 * i)));
  }
}

void device::read(unsigned bar, std::uint64_t offset, std::uint8_t* data, std::size_t bytes) {
  const std::size_t inside = bytes_inside(config_.bar_bytes(bar), offset, bytes);
  std::memset(data + inside, 0, bytes - inside);
  bytes = inside;
  if (bytes == 0) {
    return;
  }
  if (bar == 2) {
    copy_bytes(data, memory_.data + offset, bytes);
    return;
  }
  while (bytes != 0) {
    const unsigned piece = piece_bytes(offset, bytes, most_bytes(bar));
    const std::uint64_t value = read_piece(bar, static_cast<std::uint32_t>(offset), piece);
    std::memcpy(data, &value, piece);
    offset += piece;
    data += piece;
    bytes -= piece;
  }
}

void device::write(unsigned bar, std::uint64_t offset, const std::uint8_t* data,
                   std::size_t bytes) {
  bytes = bytes_inside(config_.bar_bytes(bar), offset, bytes);
  if (bytes == 0) {
    return;
  }
  if (bar == 2) {
    copy_bytes(memory_.data + offset, data, bytes);
    return;
  }
  while (bytes != 0) {
    const unsigned piece = piece_bytes(offset, bytes, most_bytes(bar));
    std::uint64_t value = 0;
    std::memcpy(&value, data, piece);
    write_piece(bar, static_cast<std::uint32_t>(offset), piece, value);
    offset += piece;
    data += piece;
    bytes -= piece;
  }
}

void device::peek(unsigned bar, std::uint64_t offset, std::uint8_t* data, std::size_t bytes) const {
  const std::size_t inside = bytes_inside(config_.bar_bytes(bar), offset, bytes);
  std::memset(data + inside, 0, bytes - inside);
  bytes = inside;
  if (bytes != 0 && bar == 2) {
    copy_bytes(data, memory_.data + offset, bytes);
    return;
  }
  while (bytes != 0) {
    const unsigned piece = piece_bytes(offset, bytes, most_bytes(bar));
    std::uint64_t value = 0;
    const auto at = static_cast<std::uint32_t>(offset);
    if (bar == 0) {
      value = register_value(at);
    } else if (piece >= register_bytes) {
      value = bar1_dword(at);
      value |= piece > register_bytes ? std::uint64_t{bar1_dword(at + 4)} << 32U : 0;
    }
    std::memcpy(data, &value, piece);
    offset += piece;
    data += piece;
    bytes -= piece;
  }
}

}  // namespace ivshmem
