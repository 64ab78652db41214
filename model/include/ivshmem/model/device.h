// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ivshmem/model/config_space.h"
#include "ivshmem/model/device_callbacks.h"
#include "ivshmem/model/device_statistics.h"
#include "ivshmem/model/doorbell.h"
#include "ivshmem/model/memory_view.h"
#include "ivshmem/model/msix.h"
#include "ivshmem/model/peer_table.h"
#include "ivshmem/model/properties.h"

namespace ivshmem {

/// The ivshmem device as a guest, its peers and its server see it: no bus, no time, no socket.
///
/// A guest cannot make a call fail. Every access is cut into the pieces that the real device sees
/// [behaviour 2], whatever its size and alignment.
///
/// Sources: device.cpp (accesses), device_interrupts.cpp (notifications, reset, state).
class device {
 public:
  /// `properties` passed check(); `memory` and `callbacks` outlive the device. Vectors exist up to
  /// `properties.vectors`, and become usable as the server's messages set them up.
  /// `max_payload_bytes` is that of its bus, which a PCI Express capability shows.
  device(const device_properties& properties, peer_id id, memory_view memory,
         device_callbacks& callbacks,
         unsigned max_payload_bytes = timing::default_max_payload_bytes);

  std::uint32_t config_read(std::uint32_t offset, unsigned bytes) const noexcept {
    return config_.read(offset, bytes);
  }
  void config_write(std::uint32_t offset, unsigned bytes, std::uint32_t value);

  /// Guest access to `bytes` bytes at `offset` of BAR `bar` (0 to 2). Bytes past the BAR read as
  /// zero and ignore writes.
  void read(unsigned bar, std::uint64_t offset, std::uint8_t* data, std::size_t bytes);
  void write(unsigned bar, std::uint64_t offset, const std::uint8_t* data, std::size_t bytes);
  /// What `read` would return, without its side effects.
  void peek(unsigned bar, std::uint64_t offset, std::uint8_t* data, std::size_t bytes) const;

  /// One 32-bit register access, aligned: what `read` and `write` do for four bytes of BAR0.
  std::uint32_t read_register(std::uint32_t offset) {
    // What has no side effect is read on the spot.
    const bool plain = !inside_access_ && !trace_registers_;
    return plain && offset != bar0::intr_status.offset ? register_value(offset)
                                                       : read_with_effects(offset);
  }
  void write_register(std::uint32_t offset, std::uint32_t value);
  /// A peer rang `vector` of this device, any number of times since the last call.
  void notify(vector_index vector);
  /// First vector from `from` on whose message is owed: pending and unmasked; or vectors().
  unsigned next_owed(unsigned from) const noexcept;
  void send_owed(unsigned vector);  ///< one message of it, see device_callbacks::may_release()
  /// A message of the server arrived; every fabric calls this and nothing else to change peers.
  server_message_result digest(const server_message& message) { return peers_.digest(message); }
  void introduce(peer_id peer, unsigned vectors) { peers_.introduce(peer, vectors); }
  /// Switches device_callbacks::register_access on or off; off costs one branch.
  void trace_registers(bool on) noexcept { trace_registers_ = on; }

  /// An access is under way, so that another one is refused as a re-entry [behaviour 5]. A platform
  /// whose memory waits inside a message must clear this for its other initiators meanwhile.
  bool inside_access() const noexcept { return inside_access_; }
  void set_inside_access(bool inside) noexcept { inside_access_ = inside; }

  /// Machine reset or secondary bus reset [behaviour 6].
  void reset();

  const device_properties& properties() const noexcept { return properties_; }
  const config_space& config() const noexcept { return config_; }
  const msix& interrupts() const noexcept { return msix_; }
  const peer_table& peers() const noexcept { return peers_; }
  const device_statistics& statistics() const noexcept { return statistics_; }
  memory_view memory() const noexcept { return memory_; }
  bool master() const noexcept { return is_master(properties_, peers_.own_id()); }
  bool intx() const noexcept { return intx_wire_; }
  std::uint32_t intr_mask() const noexcept { return intr_mask_; }
  std::uint32_t intr_status() const noexcept { return intr_status_; }

  /// Guest-visible state other than the shared memory: what the migration stream holds
  /// [ivshmem.c:ivshmem_doorbell_vmsd]. Peers and ID are the server's and stay.
  struct state {
    config_space::image config{};
    std::uint32_t intr_mask = 0;
    std::uint32_t intr_status = 0;
    std::vector<msix_entry> msix_table;
    std::vector<std::uint64_t> msix_pba;
  };
  state save() const;
  /// Fails at the first configuration byte that does not fit this device, and changes nothing then;
  /// table and pending bits must have this device's sizes.
  result<void, config_mismatch> restore(const state& saved);

 private:
  struct piece_scope;

  std::uint32_t register_value(std::uint32_t offset) const noexcept {
    switch (offset) {
      case bar0::intr_mask.offset:
        return intr_mask_;
      case bar0::intr_status.offset:
        return intr_status_;
      case bar0::iv_position.offset:
        return to_int(peers_.own_id());
      default:
        return 0;
    }
  }
  std::uint32_t read_with_effects(std::uint32_t offset);
  void store_register(std::uint32_t offset, std::uint32_t value);
  void ring(const doorbell_target& to);
  void traced(unsigned bar, bool write, std::uint32_t offset, std::uint32_t value) {
    if (trace_registers_) {
      callbacks_.register_access(bar, write, offset, value);
    }
  }
  void drop(drop_cause cause, peer_id peer, vector_index vector);
  bool blocked(unsigned bar, std::uint32_t offset);
  bool in_bar1(std::uint32_t offset) const noexcept;
  std::uint32_t bar1_dword(std::uint32_t offset) const noexcept;
  std::uint32_t bar1_read_dword(std::uint32_t offset);
  void bar1_write_dword(std::uint32_t offset, std::uint32_t value);
  std::uint64_t read_piece(unsigned bar, std::uint32_t offset, unsigned bytes);
  void write_piece(unsigned bar, std::uint32_t offset, unsigned bytes, std::uint64_t value);
  bool is_owed(unsigned vector) const noexcept;
  void release(unsigned first, unsigned end);
  void collect_latched();
  void send(unsigned vector, bool injected);
  void update_intx();

  device_properties properties_;
  device_callbacks& callbacks_;
  memory_view memory_;
  config_space config_;
  msix msix_;
  peer_table peers_;
  device_statistics statistics_;
  std::vector<bool> latched_;  // irqfd: rung while MSI-X was off or masked, not yet in the PBA
  std::uint32_t intr_mask_ = 0;
  std::uint32_t intr_status_ = 0;
  bool intx_wire_ = false;
  bool inside_access_ = false;
  bool trace_registers_ = false;
};

}  // namespace ivshmem
