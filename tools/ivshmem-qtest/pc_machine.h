// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <systemc>
#include <vector>

#include "chipset.h"
#include "ivshmem/tlm/device_view.h"
#include "ivshmem/tlm/memory.h"
#include "ivshmem/tlm/pcie/bridge.h"
#include "ivshmem/tlm/pcie/root_complex.h"

namespace ivshmem::qtest {

/// A root port on bus 0.
struct root_port {
  std::string id;
  unsigned slot;
  std::string bridge;  ///< id of the PCI bridge below, whose bus has device 0 only; or empty
};

struct pc_machine_config {
  bool q35 = false;
  std::uint64_t ram_bytes = 128ULL << 20U;
  std::vector<root_port> root_ports;
  std::vector<std::uint8_t> firmware;          ///< read-only at the end of 4 GiB; may be empty
  device_view view = device_view::functional;  ///< of the devices
  qemu_version qemu = qemu_version::v7_2;      ///< which one's processor accesses the ports
};

/// An x86-like host as a guest's processor sees it: RAM from address 0, PCI devices everywhere
/// else, configuration mechanism 1 at I/O ports 0xcf8 and 0xcfc, on q35 ECAM as PCIEXBAR says, on
/// pc the eject register of ACPI hot-plug.
///
/// RAM hides BARs, BARs hide the firmware; what nobody answers reads as zero in memory and as ones
/// in I/O and configuration space, and ignores writes.
class pc_machine final : public sc_core::sc_module {
 public:
  /// A place for a device on the bus: empty, or with a device.
  struct place {
    unsigned slot;       ///< device number of the place, or of the root port above it
    bool behind_port;    ///< of a root port, with or without a bridge between
    bool behind_bridge;  ///< a PCI bridge below a root port: there is hot-plug
    std::unique_ptr<device_place> endpoint;
  };

  pc_machine(const sc_core::sc_module_name& name, const pc_machine_config& config);

  void read(std::uint64_t address, std::uint8_t* data, std::uint64_t bytes);
  void write(std::uint64_t address, const std::uint8_t* data, std::uint64_t bytes);
  /// `bytes` is 1, 2 or 4. A port that is not aligned to it: see qemu_behaviour.
  std::uint32_t read_io(std::uint16_t port, unsigned bytes);
  void write_io(std::uint16_t port, unsigned bytes, std::uint32_t value);
  /// Register of a function, `bytes` (1, 2 or 4) within one dword.
  std::uint32_t read_config(unsigned bus, unsigned device, unsigned function, std::uint32_t offset,
                            unsigned bytes);

  void reset();
  std::vector<place>& places() noexcept { return places_; }
  const pc_machine_config& config() const noexcept { return config_; }
  const chipset& fixed() const noexcept { return chipset_; }
  /// Called with the device number that software ejects.
  void on_eject(std::function<void(unsigned device)> handler) { eject_ = std::move(handler); }

 private:
  void access(bool write, std::uint64_t address, std::uint8_t* data, std::uint64_t bytes);
  void bus_access(bool write, std::uint64_t address, std::uint8_t* data, std::uint64_t bytes);
  void ecam_access(bool write, std::uint64_t offset, std::uint8_t* data, std::uint64_t bytes);
  void firmware_access(bool write, std::uint64_t address, std::uint8_t* data, std::uint64_t bytes);
  void config_access(bool write, std::uint32_t address, std::uint8_t* data, unsigned bytes);
  void io_piece(bool write, std::uint16_t port, std::uint8_t* data, unsigned bytes);
  pcie::root_complex_config root_complex_layout() const;

  const pc_machine_config config_;
  chipset chipset_;
  tlm_utils::simple_initiator_socket<pc_machine, 64> processor_{"processor"};
  memory ram_;
  pcie::root_complex root_complex_;
  std::vector<std::unique_ptr<pcie::bridge>> bridges_;
  std::vector<place> places_;
  std::uint32_t config_address_ = 0;
  std::function<void(unsigned)> eject_;
};

}  // namespace ivshmem::qtest
