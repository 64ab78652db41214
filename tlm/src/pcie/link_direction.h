// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <systemc>

#include "ivshmem/tlm/pcie/link.h"
#include "ivshmem/tlm/time_queue.h"

namespace ivshmem::pcie {

/// Payload of a TLP: whole dwords.
std::uint64_t dword_bytes(const payload& trans);

/// One direction of a link in tlm_cycle: packets wait for their arrival, for an order that is
/// legal, for credits and for the wire.
class link::direction {
 public:
  /// Packets come in at `in` and leave at `out`.
  direction(link& owner, port& in, port& out) : owner_(owner), in_(in), out_(out) {}

  const sc_core::sc_event& due() const noexcept { return due_; }

  void arrive(payload& trans, bool completion, const sc_core::sc_time& delay);
  /// The receiver took a packet out of its buffer.
  void credit(const payload& trans, bool completion);
  /// Moves what has arrived, sends what may be sent.
  void step();
  /// The link went down: everything that waits is lost.
  void drop_all();
  bool is_idle() const noexcept { return arriving_.empty() && !is_waiting(); }

 private:
  enum kind : unsigned { posted, non_posted, completions };

  struct packet {
    payload* trans;
    bool completion;
    std::uint64_t sequence;  // of arrival
  };

  /// Whether a packet that has arrived is still here.
  bool is_waiting() const noexcept {
    return std::any_of(waiting_.begin(), waiting_.end(),
                       [](const auto& queue) { return !queue.empty(); });
  }
  static kind kind_of(const packet& one);
  static unsigned data_units(const payload& trans);
  bool has_credits(const packet& one) const;
  /// The queue whose head goes next, or nullptr.
  std::deque<packet>* choose();
  void transmit(const packet& one);
  void lose(const packet& one);
  void wake(const sc_core::sc_time& at);

  link& owner_;
  port& in_;
  port& out_;
  sc_core::sc_event due_;
  time_queue<packet> arriving_;
  std::array<std::deque<packet>, 3> waiting_;
  sc_core::sc_time wire_free_;
  std::uint64_t sequence_ = 0;
  unsigned posted_headers_ = 0;  // credits in use
  unsigned posted_data_ = 0;
  unsigned non_posted_headers_ = 0;
};

}  // namespace ivshmem::pcie
