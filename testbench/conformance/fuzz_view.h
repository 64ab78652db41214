// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "machine.h"

namespace ivshmem::conformance {

/// What the generator of random operations keeps in mind about one device: where its BARs are,
/// how many vectors it was given. It never learns an answer, so the operations of a seed do not
/// depend on the programs that carry them out.
class device_view {
 public:
  device_view(const json& header, unsigned index);

  unsigned index() const noexcept { return index_; }
  bool is_doorbell() const noexcept { return vectors_ != 0; }
  unsigned vectors() const noexcept { return vectors_; }
  unsigned peer_id() const noexcept { return peer_id_; }
  std::uint64_t table_bytes() const noexcept { return 16ULL * vectors_; }
  std::uint64_t pending_offset() const noexcept;
  std::uint64_t bar_bytes(unsigned bar) const noexcept { return bytes_[bar]; }

  /// Where the BAR answers; its home while it is at no place of its own.
  std::uint64_t base(unsigned bar) const noexcept;
  /// A register value that puts the BAR (2: its low half) to `place`, 0 for its home. All places
  /// of all BARs are apart: which of two BARs at one address answers is no part of the device.
  std::uint32_t placed(unsigned bar, std::uint64_t place) const noexcept;
  std::uint32_t high_half() const noexcept { return 8 + 2 * index_; }
  /// Follows a configuration write, so that base() stays true.
  void note_config_write(unsigned offset, unsigned bytes, std::uint64_t value) noexcept;
  void note_reset() noexcept { registers_ = {}; }
  /// All BARs are at one of their places.
  bool is_decoded() const noexcept;
  /// The BAR is at one of its places, and with another middle byte too.
  bool is_movable(unsigned bar) const noexcept;

  /// The vector's message may be aimed at a BAR. All others aim at RAM or nowhere, and a relay's
  /// data rings only these, so that no message causes another one without end.
  bool is_relay(unsigned vector) const noexcept {
    return vectors_ >= 2 && (vector % 4 == 3 || vector + 1 == vectors_);
  }
  /// Where in RAM the vector's message goes; vectors 32 apart share a place.
  std::uint64_t message_slot(unsigned vector) const noexcept {
    return machine::windows[1] + index_ * 0x400ULL + (vector % 32) * 0x20ULL;
  }

  struct peer {
    unsigned id;
    unsigned vectors;
  };
  std::vector<peer> joined;  ///< peers that came while the machine ran
  unsigned own_vectors = 0;  ///< own eventfds that the server has handed over

 private:
  std::uint64_t register_base(unsigned bar) const noexcept;
  bool is_placed(unsigned bar) const noexcept;

  unsigned index_;
  unsigned vectors_;
  unsigned peer_id_;
  std::array<std::uint64_t, 3> bytes_;
  std::array<std::uint8_t, 16> registers_{};  // configuration space 0x10 to 0x1f
};

}  // namespace ivshmem::conformance
