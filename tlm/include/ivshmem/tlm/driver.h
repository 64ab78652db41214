// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <systemc>
#include <tlm>
#include <vector>

#include "ivshmem/model/driver.h"
#include "ivshmem/tlm/pcie/enumeration.h"

// The driver of ivshmem/model/driver.h on a TLM-2.0 platform: where its device is, how it reaches
// it, and how it waits for interrupts. No process of its own: all calls run in the caller's.

namespace ivshmem {

/// The `index`th ivshmem device of `functions`, in order of discovery; fails when there are not so
/// many.
result<pcie::enumerated_function> find_device(
    const std::vector<pcie::enumerated_function>& functions, unsigned index = 0);
/// The `index`th ivshmem device of what enumerate() returned, whose error is passed on.
result<pcie::enumerated_function> find_device(
    const result<std::vector<pcie::enumerated_function>, pcie::enumeration_error>& found,
    unsigned index = 0);

/// What becomes of the delay that an access annotates, which is zero in functional and tlm_cycle.
enum class annotated_delay : std::uint8_t {
  waited_for,  ///< an access is over when it has passed; needs a thread where there is any
  ignored,     ///< as pcie::enumerate() does: setting up takes no time in tlm_lt
};

/// Accesses to a device that enumeration placed: configuration space by any way, BARs through a
/// processor's socket.
class pci_access final : public driver_access {
 public:
  /// `config` and `cpu` outlive it. `cpu`: anything with b_transport() that takes platform
  /// addresses, such as `*initiator_socket.operator->()`.
  pci_access(pcie::config_access& config, tlm::tlm_blocking_transport_if<>& cpu,
             const pcie::enumerated_function& function,
             annotated_delay delay = annotated_delay::waited_for);

  pcie::bdf function() const noexcept { return function_; }
  /// Platform address of an offset in BAR 0 to 2, as enumeration placed it: for BAR2, where the
  /// shared memory is.
  std::uint64_t address(unsigned bar, std::uint64_t offset = 0) const {
    return bars_.at(bar) + offset;
  }
  /// Writes the addresses into the BARs again, after a reset or when a device was put back in.
  void place_bars();
  /// Accesses to BARs that ended with an error response; a read gave all ones then.
  std::uint64_t failed() const noexcept { return failed_; }

  std::uint32_t read_config(std::uint32_t offset, unsigned bytes) override;
  void write_config(std::uint32_t offset, unsigned bytes, std::uint32_t value) override;
  std::uint32_t read32(unsigned bar, std::uint64_t offset) override;
  void write32(unsigned bar, std::uint64_t offset, std::uint32_t value) override;

 private:
  pcie::config_access& config_;
  tlm::tlm_blocking_transport_if<>& cpu_;
  const pcie::bdf function_;
  const annotated_delay delay_;
  std::array<std::uint64_t, 3> bars_{};
  std::uint64_t failed_ = 0;
};

/// Accesses to a device without PCI: each BAR at a socket of its own, offsets from 0, such as
/// flat_device has. There is no configuration space: the device is always enabled.
class flat_access final : public driver_access {
 public:
  /// Both outlive it; see pci_access.
  flat_access(tlm::tlm_blocking_transport_if<>& registers, tlm::tlm_blocking_transport_if<>& msix,
              annotated_delay delay = annotated_delay::waited_for)
      : bars_{&registers, &msix}, delay_(delay) {}

  std::uint64_t failed() const noexcept { return failed_; }

  std::uint32_t read_config(std::uint32_t offset, unsigned bytes) override;
  void write_config(std::uint32_t offset, unsigned bytes, std::uint32_t value) override;
  std::uint32_t read32(unsigned bar, std::uint64_t offset) override;
  void write32(unsigned bar, std::uint64_t offset, std::uint32_t value) override;

 private:
  const std::array<tlm::tlm_blocking_transport_if<>*, 2> bars_;
  const annotated_delay delay_;
  std::uint64_t failed_ = 0;
};

/// Interrupts that have arrived, by vector. None is missed that comes before somebody waits for it.
/// An interrupt controller's handler calls raise(), for example that of interrupt_target with the
/// message data, when each vector's data is its number.
class interrupt_counter {
 public:
  explicit interrupt_counter(unsigned vectors = 1) : lines_(vectors) {}

  /// From anywhere. Numbers that are no vector are counted in stray().
  void raise(std::uint64_t vector);
  std::uint64_t raised(unsigned vector) const { return lines_.at(vector).raised; }
  std::uint64_t stray() const noexcept { return stray_; }

  /// Takes one interrupt of `vector`, for which it waits if need be. From a thread.
  void wait(unsigned vector = 0);
  /// The same, but gives up after `longest`: false when there was none.
  bool wait(unsigned vector, const sc_core::sc_time& longest);

 private:
  struct line {
    std::uint64_t raised = 0;
    std::uint64_t taken = 0;
  };

  std::vector<line> lines_;
  std::uint64_t stray_ = 0;
  sc_core::sc_event arrived_;
};

/// Waits for an interrupt of `device` on an INTx line or flat_device::irq, and returns its
/// IntrStatus, which is then clear. Another device that holds the line is passed over: while it
/// does, this one is asked every `poll`. From a thread.
std::uint32_t wait_for_intx(driver& device, const sc_core::sc_signal_in_if<bool>& line,
                            const sc_core::sc_time& poll = {100, sc_core::SC_NS});

}  // namespace ivshmem
