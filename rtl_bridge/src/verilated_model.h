// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "ivshmem/rtl_bridge/verilated_core.h"

class VerilatedContext;

namespace ivshmem::rtl {

/// Registers of the core as they stand in the RTL; names of rtl_bridge/src/peek.vlt.
struct core_state {
  std::uint32_t command = 0;  ///< bits of the Command register
  std::uint8_t cache_line = 0;
  std::uint8_t interrupt_line = 0;
  std::uint64_t bar0 = 0;
  std::uint64_t bar1 = 0;
  std::uint64_t bar2 = 0;
  bool msix_enable = false;
  bool function_mask = false;
  std::uint32_t device_control = 0;
  std::uint32_t link_control = 0;
  std::uint32_t intr_mask = 0;
  std::uint32_t intr_status = 0;
};

/// What is the same for all widths.
struct verilated_core::model {
  explicit model(std::unique_ptr<VerilatedContext> owned);
  virtual ~model();
  model(const model&) = delete;
  model& operator=(const model&) = delete;

  virtual void set_reset(bool active) = 0;
  virtual void set_straps(const core_config& straps) = 0;
  [[nodiscard]] virtual bool open_waveform(const std::string& path) = 0;
  virtual void dump(std::uint64_t time_ps) = 0;
  virtual void close_waveform() = 0;
  virtual core_state state() const = 0;
  virtual std::uint32_t scratch(unsigned dword) const = 0;
  virtual std::uint32_t table(unsigned vector, unsigned dword) const = 0;
  virtual std::uint64_t pending(unsigned word) const = 0;

  const std::unique_ptr<VerilatedContext> context;
  std::uint64_t period_ps = 1;
};

/// The model of one width, and what passes a cycle of it.
struct made_model {
  std::unique_ptr<verilated_core::model> model;
  verilated_core::step_function step;
  verilated_core::step_function traced_step;
};
made_model make_model(const core_config& configuration);

}  // namespace ivshmem::rtl
