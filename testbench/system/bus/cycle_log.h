// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "ivshmem/tlm/cycle_observer.h"

namespace ivshmem::test {

/// What a device did in which cycle.
struct cycle_log final : cycle_observer {
  using cycle = std::uint64_t;
  struct event {
    interrupt_event kind;
    unsigned vector;
    cycle at;
    bool operator==(const event& other) const {
      return kind == other.kind && vector == other.vector && at == other.at;
    }
  };
  struct piece {
    unsigned dwords;
    unsigned byte_count;
    unsigned lower_address;
    cycle first;
    cycle last;
    bool operator==(const piece& other) const {
      return dwords == other.dwords && byte_count == other.byte_count &&
             lower_address == other.lower_address && first == other.first && last == other.last;
    }
  };
  struct burst {
    std::uint64_t offset;
    unsigned bytes;
    cycle address;
    cycle last_data;  // of a write
    bool operator==(const burst& other) const {
      return offset == other.offset && bytes == other.bytes && address == other.address &&
             last_data == other.last_data;
    }
  };

  std::vector<piece> completions;
  std::vector<burst> writes;
  std::vector<burst> reads;
  std::vector<message> messages;
  std::vector<doorbell> doorbells;
  std::vector<cycle> credits;
  std::vector<event> events;
  std::vector<cycle> notifications;
  std::vector<cycle> resets;
  std::vector<cycle> malformed;

  void on_completion(const completion& one) override {
    completions.push_back(
        {one.dwords, one.byte_count, one.lower_address, one.first_beat, one.last_beat});
  }
  void on_message(const message& one) override { messages.push_back(one); }
  void on_doorbell(const doorbell& one) override { doorbells.push_back(one); }
  void on_memory_write(const memory_write& one) override {
    writes.push_back({one.offset, one.bytes, one.aw, one.last_w});
  }
  void on_memory_read(const memory_read& one) override {
    reads.push_back({one.offset, one.bytes, one.ar, 0});
  }
  void on_credit(const pcie::payload& /*request*/, cycle at) override { credits.push_back(at); }
  void on_interrupt(interrupt_event kind, vector_index vector, cycle at) override {
    events.push_back({kind, to_int(vector), at});
  }
  void on_malformed(const pcie::payload& /*request*/, cycle at) override {
    malformed.push_back(at);
  }
  void on_notification(vector_index /*vector*/, cycle at) override { notifications.push_back(at); }
  void on_function_reset(cycle at) override { resets.push_back(at); }
};

}  // namespace ivshmem::test
