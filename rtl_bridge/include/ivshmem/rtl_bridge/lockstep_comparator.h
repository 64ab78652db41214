// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ivshmem/rtl_bridge/recycling_queue.h"

namespace ivshmem::rtl {

/// Where two devices can be told apart, in the order in which differences of one cycle are told.
enum class lockstep_port : std::uint8_t {
  completion,      ///< fields: header DW0 to DW2
  message,         ///< fields: header DW0 to DW3
  doorbell,        ///< fields: peer, value, word
  memory_write,    ///< a burst; fields: address, beats
  memory_read,     ///< a burst; fields: address, beats
  interrupt,       ///< fields: kind (interrupt_event), vector
  notification,    ///< accepted; fields: vector
  function_reset,  ///< accepted
  malformed,       ///< dropped
  credit,          ///< a request left the request buffer
};
inline constexpr std::size_t lockstep_ports = 10;
const char* to_string(lockstep_port port) noexcept;

/// One thing that happens at a port.
struct lockstep_item {
  std::uint64_t first = 0;  ///< cycle; of the first beat, or of the address of a burst
  std::uint64_t last = 0;   ///< cycle; of the last beat
  std::array<std::uint64_t, 4> fields{};
  std::vector<std::uint32_t> data;  ///< payload
  /// Of each dword of `data` the bytes that count, one bit each; empty: see the masks.
  std::vector<std::uint8_t> strobes;
  // Which bits count in the first and in the last dword of `data`. The announced ones are used.
  std::uint32_t first_mask = ~0U;
  std::uint32_t last_mask = ~0U;

  std::uint64_t due() const noexcept { return first > last ? first : last; }
  /// Back to the initial state; what was allocated stays.
  void clear() noexcept;
  std::string text(lockstep_port port) const;
};

/// The first thing that one device did and the other did not.
struct lockstep_difference {
  std::uint64_t cycle = 0;
  lockstep_port port{};
  std::string field;
  std::string model;
  std::string rtl;

  std::string text() const;
};

/// Compares two devices event by event. At every port the model announces in order what will
/// happen in which cycle, and the RTL confirms it in that cycle. Stops at the first difference.
class lockstep_comparator {
 public:
  static constexpr std::size_t kept = 6;

  /// A cleared item to fill, and to queue with announced().
  lockstep_item& announce(lockstep_port port) {
    lockstep_item& item = at(port).expected.back_slot();
    item.clear();
    return item;
  }
  void announced(lockstep_port port);

  /// The RTL did `item`, which was finished in `cycle`.
  void confirm(lockstep_port port, const lockstep_item& item, std::uint64_t cycle);
  /// All that was due in `cycle` has been confirmed.
  void end_cycle(std::uint64_t cycle) {
    if (cycle >= next_due_) {
      check_due(cycle);
    }
  }
  /// Something else is wrong, told as a difference.
  void differs(const lockstep_difference& what) {
    if (!different_) {
      different_ = true;
      first_ = what;
    }
  }

  /// First cycle in which something is due; later than all when nothing is.
  std::uint64_t next_due() const noexcept { return next_due_; }
  /// Forgets what was announced.
  void forget();

  bool is_different() const noexcept { return different_; }
  const lockstep_difference& difference() const noexcept { return first_; }
  /// Confirmed so far.
  std::uint64_t count(lockstep_port port) const noexcept {
    return ports_[static_cast<std::size_t>(port)].count;
  }
  /// What the RTL did last at every port, oldest first, a line each.
  std::string last_items() const;

 private:
  struct stream {
    recycling_queue<lockstep_item> expected;
    std::array<lockstep_item, kept> done;  // ring
    std::uint64_t count = 0;
  };

  stream& at(lockstep_port port) { return ports_[static_cast<std::size_t>(port)]; }
  void find_next_due() noexcept;
  void check_due(std::uint64_t cycle);
  void compare(lockstep_port port, const lockstep_item& model, const lockstep_item& rtl,
               std::uint64_t cycle);

  std::array<stream, lockstep_ports> ports_;
  std::uint64_t next_due_ = ~std::uint64_t{0};
  bool different_ = false;
  lockstep_difference first_;
};

}  // namespace ivshmem::rtl
