// SPDX-License-Identifier: Apache-2.0
//
// The PC: address space, PCI bus, places for devices.
#include "pc_machine.h"

#include <algorithm>
#include <cstring>

#include "ivshmem/model/access_piece.h"

namespace ivshmem::qtest {

namespace {

constexpr unsigned bus_devices = 32;
constexpr std::uint64_t four_gib = 1ULL << 32U;
// Where configuration space really is, out of the way: the address that software sees moves with
// PCIEXBAR, and pc has none.
constexpr std::uint64_t hidden_ecam = 0xffff'ffff'f000'0000;

constexpr std::uint16_t config_address_port = 0xcf8;
constexpr std::uint16_t config_data_port = 0xcfc;
constexpr std::uint16_t eject_port = 0xae08;

}  // namespace

pcie::root_complex_config pc_machine::root_complex_layout() const {
  pcie::root_complex_config layout;
  layout.ecam = {hidden_ecam, 256ULL << 20U};
  layout.mmio = {{config_.ram_bytes, hidden_ecam - config_.ram_bytes}};
  layout.unclaimed = pcie::unclaimed_access::zeros;
  layout.devices.clear();
  for (unsigned device = 0; device < bus_devices; ++device) {
    if (!chipset_.has_device(device)) {
      layout.devices.push_back(device);
    }
  }
  return layout;
}

pc_machine::pc_machine(const sc_core::sc_module_name& name, const pc_machine_config& config)
    : sc_module(name),
      config_(config),
      chipset_(config.q35),
      ram_("ram", config.ram_bytes),
      root_complex_("root_complex", root_complex_layout()) {
  processor_.bind(root_complex_.cpu);
  root_complex_.dma.bind(ram_.bus);
  for (const unsigned device : root_complex_.config().devices) {
    const std::string number = std::to_string(device);
    const auto port = std::find_if(config_.root_ports.begin(), config_.root_ports.end(),
                                   [device](const root_port& one) { return one.slot == device; });
    const bool behind_port = port != config_.root_ports.end();
    const bool behind_bridge = behind_port && !port->bridge.empty();
    places_.push_back({device, behind_port, behind_bridge,
                       make_place(config.view, ("device_" + number).c_str(), {})});
    if (behind_port) {
      bridges_.push_back(std::make_unique<pcie::bridge>(("root_port_" + number).c_str()));
      root_complex_.downstream(device).bind(bridges_.back()->upstream);
      if (behind_bridge) {
        pcie::bridge& upper = *bridges_.back();
        bridges_.push_back(std::make_unique<pcie::bridge>(
            ("pci_bridge_" + number).c_str(),
            pcie::bridge_config{pcie::bridge_kind::pci_bridge, 0x1b36, 0x000e}));
        upper.downstream.bind(bridges_.back()->upstream);
      }
      bridges_.back()->downstream.bind(places_.back().endpoint->pcie);
    } else {
      root_complex_.downstream(device).bind(places_.back().endpoint->pcie);
    }
  }
}

void pc_machine::reset() {
  root_complex_.reset_bus();
  chipset_.reset();
  config_address_ = 0;
}

// ---- memory space

void pc_machine::read(std::uint64_t address, std::uint8_t* data, std::uint64_t bytes) {
  access(false, address, data, bytes);
}

void pc_machine::write(std::uint64_t address, const std::uint8_t* data, std::uint64_t bytes) {
  // A payload's data pointer is never const; a write leaves the data alone.
  access(true, address, const_cast<std::uint8_t*>(data), bytes);
}

void pc_machine::access(bool write, std::uint64_t address, std::uint8_t* data,
                        std::uint64_t bytes) {
  if (address < config_.ram_bytes) {
    const std::uint64_t inside = std::min(bytes, config_.ram_bytes - address);
    if (write) {
      std::memcpy(ram_.data() + address, data, inside);
    } else {
      std::memcpy(data, ram_.data() + address, inside);
    }
    address += inside;
    data += inside;
    bytes -= inside;
  }
  const std::uint64_t ecam = chipset_.ecam_enabled() ? chipset_.ecam_base() : hidden_ecam;
  const std::uint64_t ecam_bytes = chipset_.ecam_enabled() ? chipset_.ecam_bytes() : 0;
  const std::uint64_t firmware = four_gib - config_.firmware.size();
  while (bytes != 0) {
    // Up to the next place where something else begins.
    std::uint64_t piece = bytes;
    for (const std::uint64_t edge : {ecam, ecam + ecam_bytes, firmware, four_gib, hidden_ecam}) {
      if (address < edge) {
        piece = std::min(piece, edge - address);
      }
    }
    if (address - ecam < ecam_bytes) {
      ecam_access(write, address - ecam, data, piece);
    } else if (address >= firmware && address < four_gib) {
      firmware_access(write, address, data, piece);
    } else if (address < hidden_ecam) {
      bus_access(write, address, data, piece);
    } else if (!write) {
      std::memset(data, 0, piece);
    }
    address += piece;
    data += piece;
    bytes -= piece;
  }
}

void pc_machine::bus_access(bool write, std::uint64_t address, std::uint8_t* data,
                            std::uint64_t bytes) {
  tlm::tlm_generic_payload trans;
  trans.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  trans.set_address(address);
  trans.set_data_ptr(data);
  trans.set_data_length(static_cast<unsigned>(bytes));
  trans.set_streaming_width(static_cast<unsigned>(bytes));
  sc_core::sc_time delay;
  processor_->b_transport(trans, delay);
  if (delay != sc_core::SC_ZERO_TIME) {
    wait(delay);
  }
}

void pc_machine::firmware_access(bool write, std::uint64_t address, std::uint8_t* data,
                                 std::uint64_t bytes) {
  while (bytes != 0) {
    const unsigned piece = piece_bytes(address, bytes, 8);
    const std::uint64_t unclaimed = root_complex_.statistics().unclaimed;
    bus_access(write, address, data, piece);
    if (!write && root_complex_.statistics().unclaimed != unclaimed) {
      std::memcpy(data, &config_.firmware[address - (four_gib - config_.firmware.size())], piece);
    }
    address += piece;
    data += piece;
    bytes -= piece;
  }
}

// ---- configuration space

void pc_machine::ecam_access(bool write, std::uint64_t offset, std::uint8_t* data,
                             std::uint64_t bytes) {
  while (bytes != 0) {
    const unsigned piece = piece_bytes(offset, bytes, 4);
    config_access(write, static_cast<std::uint32_t>(offset), data, piece);
    offset += piece;
    data += piece;
    bytes -= piece;
  }
}

/// `address`: bus << 20 | device << 15 | function << 12 | offset.
void pc_machine::config_access(bool write, std::uint32_t address, std::uint8_t* data,
                               unsigned bytes) {
  const unsigned bus = address >> 20U;
  const chipset_function* fixed =
      bus == 0 ? chipset_.find((address >> 15U) & 31U, (address >> 12U) & 7U) : nullptr;
  if (fixed == nullptr) {
    bus_access(write, hidden_ecam + address, data, bytes);
    return;
  }
  const std::uint32_t offset = address & 0xfffU;
  std::uint32_t value = 0;
  if (write) {
    std::memcpy(&value, data, bytes);
    chipset_.write(*fixed, offset, bytes, value);
  } else {
    value = chipset_.read(*fixed, offset & ~3U) >> (8 * (offset & 3U));
    std::memcpy(data, &value, bytes);
  }
}

std::uint32_t pc_machine::read_config(unsigned bus, unsigned device, unsigned function,
                                      std::uint32_t offset, unsigned bytes) {
  std::uint32_t value = 0;
  std::uint8_t data[4] = {};
  config_access(false, bus << 20U | device << 15U | function << 12U | offset, data, bytes);
  std::memcpy(&value, data, bytes);
  return value;
}

// ---- I/O space

std::uint32_t pc_machine::read_io(std::uint16_t port, unsigned bytes) {
  std::uint32_t value = 0;
  std::uint8_t data[4] = {};
  if (port % bytes != 0 && !behaviour_of(config_.qemu).cuts_port_accesses) {
    return 0;
  }
  for (unsigned done = 0; done < bytes;) {
    const auto at = static_cast<std::uint16_t>(port + done);
    const unsigned piece = piece_bytes(at, bytes - done, 4);
    io_piece(false, at, data + done, piece);
    done += piece;
  }
  std::memcpy(&value, data, bytes);
  return value;
}

void pc_machine::write_io(std::uint16_t port, unsigned bytes, std::uint32_t value) {
  std::uint8_t data[4];
  std::memcpy(data, &value, sizeof data);
  if (port % bytes != 0 && !behaviour_of(config_.qemu).cuts_port_accesses) {
    return;
  }
  for (unsigned done = 0; done < bytes;) {
    const auto at = static_cast<std::uint16_t>(port + done);
    const unsigned piece = piece_bytes(at, bytes - done, 4);
    io_piece(true, at, data + done, piece);
    done += piece;
  }
}

void pc_machine::io_piece(bool write, std::uint16_t port, std::uint8_t* data, unsigned bytes) {
  if (!write) {
    std::memset(data, 0xff, bytes);
  }
  if (port / 4 == config_address_port / 4) {
    // Only whole dwords reach the address register.
    if (write && bytes == 4) {
      std::memcpy(&config_address_, data, 4);
    } else if (!write) {
      std::memcpy(data, &config_address_, bytes);  // its low bytes, whichever port is read
    }
  } else if (port / 4 == config_data_port / 4) {
    if ((config_address_ >> 31U) != 0) {
      // The address need not be that of a dword. What lies beyond the 256 bytes of a function reads
      // as zero.
      const std::uint32_t function = (config_address_ & 0xff'ff00U) << 4U;
      const std::uint32_t offset = (config_address_ & 0xffU) | (port & 3U);
      const unsigned inside = std::min(bytes, 256 - offset);
      ecam_access(write, function | offset, data, inside);
      if (!write && inside != bytes) {
        std::uint8_t vendor[2] = {};
        ecam_access(false, function, vendor, 2);
        std::memset(data + inside, vendor[0] == 0xff && vendor[1] == 0xff ? 0xff : 0,
                    bytes - inside);
      }
    }
  } else if (!config_.q35 && port == eject_port && write) {
    std::uint32_t devices = 0;
    std::memcpy(&devices, data, bytes);
    for (unsigned device = 0; device < bus_devices; ++device) {
      if (((devices >> device) & 1U) != 0 && eject_) {
        eject_(device);
      }
    }
  }
}

}  // namespace ivshmem::qtest
