// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "ivshmem/model/mix.h"

namespace ivshmem {

/// A port of the device whose partner may hold it up [docs/timing.md].
enum class stall_port : std::uint8_t {
  tx_cpl,    ///< completions: tx_cpl_ready_i
  tx_msg,    ///< messages: tx_msg_ready_i
  doorbell,  ///< doorbells: db_ready_i
  aw,        ///< shared memory, write addresses: m_axi_awready_i
  w,         ///< shared memory, write data: m_axi_wready_i
  ar,        ///< shared memory, read addresses: m_axi_arready_i
  r,         ///< shared memory, read data: m_axi_rvalid_i may rise; it stays until its handshake
};
inline constexpr std::size_t stall_ports = 7;

/// When the partners of a device's ports are ready, as a function of the cycle alone: a model that
/// looks ahead and pins that do not see the same. Cycle n is at n clock periods of simulation time.
class stall_pattern {
 public:
  virtual ~stall_pattern() = default;
  /// Whether the partner at `port` is ready in `cycle`. Every port must become ready again.
  virtual bool ready(stall_port port, std::uint64_t cycle) const = 0;

  /// First cycle from `cycle` on in which the partner at `port` is ready.
  std::uint64_t next_ready(stall_port port, std::uint64_t cycle) const {
    while (!ready(port, cycle)) {
      ++cycle;
    }
    return cycle;
  }
};

/// Each port is held up in a share of the cycles, pseudo-random but the same for the same seed.
class random_stalls final : public stall_pattern {
 public:
  /// Percentage of stalled cycles of each stall_port, 0 to 99; more counts as 99.
  using percentages = std::array<unsigned, stall_ports>;

  random_stalls(std::uint64_t seed, const percentages& stalled) : seed_(seed), stalled_(stalled) {
    for (unsigned& percent : stalled_) {
      percent = percent > 99 ? 99 : percent;
    }
  }
  /// The same percentage everywhere.
  random_stalls(std::uint64_t seed, unsigned percent)
      : random_stalls(seed, {percent, percent, percent, percent, percent, percent, percent}) {}

  bool ready(stall_port port, std::uint64_t cycle) const override {
    const auto index = static_cast<std::size_t>(port);
    return mix(seed_ ^ mix(cycle * stall_ports + index)) % 100 >= stalled_[index];
  }

 private:
  std::uint64_t seed_;
  percentages stalled_;
};

}  // namespace ivshmem
