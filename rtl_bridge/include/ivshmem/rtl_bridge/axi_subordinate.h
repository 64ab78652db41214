// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "ivshmem/model/memory_view.h"
#include "ivshmem/rtl_bridge/pins.h"
#include "ivshmem/rtl_bridge/recycling_queue.h"

namespace ivshmem::rtl {

/// AXI4 responses.
enum class axi_response : std::uint8_t { okay = 0, slave_error = 2, decode_error = 3 };

/// What stands behind an AXI4 subordinate. `address` is a multiple of the beat's size; one call a
/// beat, in the order of the channel.
class axi_memory {
 public:
  virtual ~axi_memory() = default;
  /// In the cycle in which the beat is first offered.
  virtual axi_response read(std::uint64_t address, std::uint8_t* data, unsigned bytes) = 0;
  /// In the cycle in which the data beat is taken. `strobes`: one bit per byte.
  virtual axi_response write(std::uint64_t address, const std::uint8_t* data, std::uint32_t strobes,
                             unsigned bytes) = 0;
};

/// Bytes in this process. What lies beyond them answers with decode_error. A run of enabled bytes
/// is one access, so another process never sees half a word.
class view_memory final : public axi_memory {
 public:
  explicit view_memory(memory_view view) : view_(view) {}
  axi_response read(std::uint64_t address, std::uint8_t* data, unsigned bytes) override;
  axi_response write(std::uint64_t address, const std::uint8_t* data, std::uint32_t strobes,
                     unsigned bytes) override;

 private:
  memory_view view_;
};

/// How the memory at the other end of the AXI4 port answers.
struct axi_memory_config {
  unsigned beat_bytes = 8;            ///< 8, 16 or 32
  unsigned read_latency_cycles = 8;   ///< address taken to first beat offered, at least 1
  unsigned write_latency_cycles = 2;  ///< address and last beat taken to response, at least 1
};

/// Which channels make progress in a cycle: ready of AW, W and AR, and whether a new R or B may be
/// offered.
struct axi_willing {
  bool aw = true;
  bool w = true;
  bool ar = true;
  bool r = true;
  bool b = true;
};

/// An AXI4 memory with one ID: bursts in order, full rate, any number outstanding. A write's data
/// may come before its address.
///
/// A burst whose address is taken in cycle a offers its first beat in cycle
/// max(a + read_latency_cycles, last beat of the burst before + 1), then one beat a cycle; the
/// response of a write is offered write_latency_cycles after the later of its address and its last
/// beat, one a cycle.
class axi_subordinate {
 public:
  /// `memory` outlives it.
  axi_subordinate(const axi_memory_config& timing, axi_memory& memory)
      : timing_(timing), memory_(memory) {}

  /// Drives the inputs of the manager in `cycle` and takes what is handed over.
  void step(std::uint64_t cycle, const axi_willing& willing, const core_outputs& out,
            core_inputs& in);

  /// Nothing is under way: step() changes nothing until the manager offers something.
  bool idle() const noexcept;

 private:
  struct burst {
    std::uint64_t address;
    std::uint64_t from;  // cycle from which it may be answered
    unsigned beats;
  };
  struct confirmation {
    std::uint64_t from;
    axi_response response;
  };

  void take_addresses(std::uint64_t cycle, const core_outputs& out, core_inputs& in,
                      const axi_willing& willing);
  void write_beat(const axi_write_beat& beat, std::uint64_t taken);
  void drive_read(std::uint64_t cycle, bool willing, const core_outputs& out, core_inputs& in);
  void drive_response(std::uint64_t cycle, bool willing, const core_outputs& out, core_inputs& in);

  struct data_beat {
    axi_write_beat beat;
    std::uint64_t taken;
  };

  const axi_memory_config timing_;
  axi_memory& memory_;
  recycling_queue<burst> reads_;
  recycling_queue<burst> writes_;
  recycling_queue<data_beat> data_;  // before their address
  recycling_queue<confirmation> confirmations_;
  unsigned read_beat_ = 0;
  unsigned write_beat_ = 0;
  bool read_offered_ = false;
  bool response_offered_ = false;
  axi_response write_response_ = axi_response::okay;
};

}  // namespace ivshmem::rtl
