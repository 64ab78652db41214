// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ivshmem/rtl_bridge/axi_checker.h"
#include "ivshmem/rtl_bridge/axi_subordinate.h"
#include "ivshmem/rtl_bridge/tlp_checker.h"
#include "ivshmem/rtl_bridge/tlp_stream.h"
#include "ivshmem/rtl_bridge/verilated_core.h"
#include "ivshmem/tlm/stall_pattern.h"

namespace ivshmem::rtl {

/// The core, and the partners at its ports.
struct core_driver_config {
  core_config core;
  unsigned memory_latency_cycles = 8;        ///< of reads
  unsigned memory_write_latency_cycles = 2;  ///< at least 1
  const stall_pattern* stalls = nullptr;  ///< none: everybody is always ready; outlives the driver
  const stall_pattern* gaps = nullptr;    ///< the same for request beats, as stall_port::tx_cpl
  bool checked = true;  ///< protocol checkers at every port, and the assertions of the RTL
};

/// What left the core in one cycle.
struct driver_outputs {
  const raw_tlp* completion = nullptr;  ///< whole; handed over with its last beat in this cycle
  const raw_tlp* message = nullptr;
  doorbell_pins doorbell;
  event_pins event;
  bool request_done = false;
  bool unsupported = false;
  bool malformed = false;
  bool poisoned = false;
  bool memory_error = false;  ///< the memory refused a write

  bool any() const noexcept {
    return completion != nullptr || message != nullptr || doorbell.valid || event.valid ||
           request_done || unsupported || malformed || poisoned;
  }
};

/// An ivshmem_core with a transactor at every port, in plain C++: queues in, events out.
///
/// Each cycle has two halves. look() takes what the core hands over in it, which no input of the
/// same cycle can change; finish() then drives the inputs with all that was queued before and
/// passes the cycle. So what is queued in reaction to look() goes in in the same cycle.
class core_driver {
 public:
  /// Comes up swept and idle, in cycle 0. `memory` outlives it.
  core_driver(const core_driver_config& configuration, axi_memory& memory);

  std::uint64_t cycle() const noexcept { return core_.cycle(); }

  /// First half of the cycle; the same answer until finish(). Valid until finish().
  const driver_outputs& look() {
    if (!looked_) {
      look_anew();
    }
    return seen_;
  }
  /// Second half of the cycle.
  void finish();
  /// Nothing is in the core and nothing has to be put in before `cycle` = due(): the cycles between
  /// may be left out with skip_to(). Only between finish() and look().
  bool idle() const noexcept;
  std::uint64_t due() const noexcept;
  void skip_to(std::uint64_t cycle) noexcept { core_.set_cycle(cycle); }

  // Inputs, to be offered in cycle `not_before` or as soon as the core takes them.
  tlp_source& requests() noexcept { return source_; }
  void notify(std::uint16_t vector, std::uint64_t not_before);
  void function_reset(std::uint64_t not_before);

  verilated_core& core() noexcept { return core_; }
  const verilated_core& core() const noexcept { return core_; }

  /// What the checkers and the assertions of the RTL found; see protocol_log.
  const protocol_log& violations() const noexcept { return log_; }
  /// At the end of a test, with everything idle: what is missing is a violation too.
  void check_end();

 private:
  struct notification {
    std::uint16_t vector;
    std::uint64_t not_before;
  };

  void look_anew();
  bool ready(stall_port port) const {
    return configuration_.stalls == nullptr || configuration_.stalls->ready(port, core_.cycle());
  }
  void check_cycle();
  /// Whether something stands at a port, or did in the cycle before.
  static bool is_active(bool valid, bool& before) noexcept {
    const bool active = valid || before;
    before = valid;
    return active;
  }

  const core_driver_config configuration_;
  verilated_core core_;
  tlp_source source_;
  tlp_sink completions_;
  tlp_sink messages_;
  axi_subordinate memory_;
  recycling_queue<notification> notifications_;
  std::uint64_t reset_due_ = never;
  driver_outputs seen_;
  bool looked_ = false;
  protocol_log log_;
  std::unique_ptr<axi_checker> axi_checker_;
  std::unique_ptr<tlp_checker> tlp_checker_;
  // What the checkers saw last at each port.
  bool memory_valid_ = false;
  bool request_valid_ = false;
  bool completion_valid_ = false;
  bool message_valid_ = false;
};

}  // namespace ivshmem::rtl
