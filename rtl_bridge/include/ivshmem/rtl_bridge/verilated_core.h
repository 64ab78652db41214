// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "ivshmem/rtl_bridge/pins.h"

namespace ivshmem::rtl {

/// Width and straps of a core: what is a parameter in ivshmem_endpoint.sv.
struct core_config {
  unsigned data_width = 64;   ///< bits: 64, 128 or 256
  unsigned vectors = 0;       ///< 0 (no MSI-X, no BAR1) to 2,048
  unsigned memory_log2 = 12;  ///< of the bytes of BAR2, 12 to 33
  bool legacy = false;        ///< revision 0, interrupt pin A
  bool intx = false;          ///< INTx in place of MSI-X; needs legacy and no vectors
  bool express = false;
  unsigned max_payload_log2 = 8;  ///< of bytes, 7 to 12
  bool flush = false;             ///< a function reset discards completions
  std::uint16_t iv_position = 0;
  bool assertions = true;  ///< the RTL's own are checked; a faster core without
  bool waveform = false;   ///< open_waveform() is going to be used: a slower core, 64 bits only

  unsigned beat_dwords() const noexcept { return data_width / 32; }
  unsigned beat_bytes() const noexcept { return data_width / 8; }
};

/// What is compiled in.
struct core_features {
  bool waveform;  ///< core_config::waveform works
  bool coverage;  ///< write_coverage() works, and so does the environment variable
};
core_features features() noexcept;

/// One ivshmem_core.sv, verilated: pins, and a clock that whoever holds it turns.
///
/// The outputs depend on registers only. So cycle n goes: read `out()`, which holds what the core
/// drives in cycle n; fill `in`; a handshake in cycle n is valid && ready of these; clock(). Any
/// number of cores live side by side, in one thread each at a time.
class verilated_core {
 public:
  /// Comes up with the reset taken back: rx_ready stays low until the table is swept.
  /// `configuration` is in the ranges given there (asserted).
  explicit verilated_core(const core_config& configuration);
  ~verilated_core();
  verilated_core(const verilated_core&) = delete;
  verilated_core& operator=(const verilated_core&) = delete;

  core_inputs in;
  const core_outputs& out() const noexcept { return out_; }
  const core_config& configuration() const noexcept { return configuration_; }

  /// The cycle whose inputs are to be filled now.
  std::uint64_t cycle() const noexcept { return cycle_; }
  /// Passes one period of the clock.
  void clock() {
    step_(*model_, in, out_, cycle_);
    ++cycle_;
  }
  /// Numbers the cycle that comes next; for cycles that were not worth passing. Not backwards
  /// while a waveform is open.
  void set_cycle(std::uint64_t cycle) noexcept { cycle_ = cycle; }
  /// Power-on reset, asserted for one cycle; all state but the scratch bytes of the configuration
  /// space goes back.
  void reset();

  /// Waveform from here on (FST), one time unit a picosecond; `period_ps` is that of the clock.
  /// False when the file cannot be written, or this core was not made for it.
  [[nodiscard]] bool open_waveform(const std::string& path, std::uint64_t period_ps);
  void close_waveform();

  /// Line and user coverage of this core so far, for verilator_coverage. False when the file cannot
  /// be written or coverage is not compiled in. Besides, when the environment variable
  /// IVSHMEM_RTL_COVERAGE names a folder, each core leaves a file of its own there at its end.
  [[nodiscard]] bool write_coverage(const std::string& path) const;

  /// Assertions of the RTL that failed so far; each was printed.
  unsigned failed_assertions() const;

  // State, without side effects: for debuggers and tests.

  /// Register of the configuration space; `offset` is a multiple of 4.
  std::uint32_t peek_config(std::uint32_t offset) const;
  /// Register of BAR0 as a read would return it.
  std::uint32_t peek_register(std::uint32_t offset) const;
  /// Dword of the MSI-X table and the pending bits of 32 vectors; 0 beyond the vectors.
  std::uint32_t peek_table(std::uint32_t offset) const;
  std::uint32_t peek_pending(unsigned dword) const;

  // The verilated class of one width; defined in src/ only.
  struct model;
  using step_function = void (*)(model&, const core_inputs&, core_outputs&, std::uint64_t cycle);

 private:
  const core_config configuration_;
  core_outputs out_;
  std::uint64_t cycle_ = 0;
  step_function step_ = nullptr;
  step_function plain_step_ = nullptr;
  step_function traced_step_ = nullptr;
  std::unique_ptr<model> model_;
};

}  // namespace ivshmem::rtl
