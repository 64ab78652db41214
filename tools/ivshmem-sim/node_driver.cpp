// SPDX-License-Identifier: Apache-2.0
//
// A processor with its driver: every access goes over the bus.
#include "interruption.h"
#include "ivshmem/model/access_piece.h"
#include "ivshmem/model/driver.h"
#include "node.h"

namespace ivshmem::sim {

namespace {

constexpr std::uint64_t all_ones = 0xffff'ffff;  // a read that nobody answered

/// Entries of the MSI-X table.
unsigned vectors_of(const device_properties& properties) {
  return properties.has_msix() ? properties.vectors : 0;
}

/// Workloads name vectors of their own node only.
void expect([[maybe_unused]] const result<void>& accepted) { sc_assert(accepted.ok()); }

}  // namespace

/// The driver's accesses. What firmware does before there is a driver is not counted.
class node::device_access final : public driver_access {
 public:
  device_access(node& at, bool counted) : at_(at), counted_(counted) {}

  std::uint32_t read_config(std::uint32_t offset, unsigned bytes) override {
    return static_cast<std::uint32_t>(read(config_space, offset, bytes));
  }
  void write_config(std::uint32_t offset, unsigned bytes, std::uint32_t value) override {
    write(config_space, offset, value, bytes);
  }
  std::uint32_t read32(unsigned bar, std::uint64_t offset) override {
    return static_cast<std::uint32_t>(read(bar, offset, 4));
  }
  void write32(unsigned bar, std::uint64_t offset, std::uint32_t value) override {
    write(bar, offset, value, 4);
  }

 private:
  std::uint64_t read(unsigned space, std::uint64_t offset, unsigned bytes) {
    if (counted_) {
      return at_.read(space, offset, bytes);
    }
    std::uint64_t value = 0;
    at_.transfer(tlm::TLM_READ_COMMAND, at_.address_of(space, offset), &value, bytes);
    return value;
  }
  void write(unsigned space, std::uint64_t offset, std::uint64_t value, unsigned bytes) {
    if (counted_) {
      at_.write(space, offset, value, bytes);
    } else {
      at_.transfer(tlm::TLM_WRITE_COMMAND, at_.address_of(space, offset), &value, bytes);
    }
  }

  node& at_;
  const bool counted_;
};

result<void, std::string> node::bring_up() {
  const pcie::enumerated_function& function = host_.function(slot_);
  config_base_ = host_.ecam_base() + (std::uint64_t{to_int(function.id)} << 12U);
  device_access firmware(*this, false);
  driver firmware_driver(firmware, vectors_of(settings_.properties));
  if (!firmware_driver.is_present()) {
    return std::string("no ivshmem device on the bus");
  }
  for (const pcie::enumerated_bar& bar : function.bars) {
    firmware_driver.place_bar(bar.index, bar.base);
    bar_base_[bar.index] = bar.base;
  }
  // Writes from now on come after this one, and the device takes them.
  journal_.add(now(), journal::entry::usable, index_, [this] { ledger_.usable(index_); });
  firmware_driver.enable();

  device_access access(*this, true);
  driver device(access, vectors_of(settings_.properties));
  if (settings_.properties.has_intx()) {
    device.write(bar0::intr_mask, 0xffff'ffff);
  }
  if (settings_.properties.has_msix()) {
    for (unsigned v = 0; v < device.vectors(); ++v) {
      expect(device.program(v, {host_.message_address(slot_), v}));
      expect(device.unmask(v));
    }
    device.set_msix(true);
  }
  set_up_ = true;
  return {};
}

void node::serve_intx() {
  sc_core::sc_signal<bool>& line = host_.interrupt_line(slot_);
  for (unsigned fruitless = 0;;) {
    while (!line.read()) {
      fruitless = 0;
      wait(line.posedge_event());
    }
    turns_.take(true);
    if (!line.read()) {
      continue;  // whoever pulled it has been served
    }
    const std::uint64_t status = read(0, bar0::intr_status.offset, bar0::intr_status.bytes);
    if (status != 0 && status != all_ones) {
      fruitless = 0;
      raise(0);
    } else {
      ++fruitless;
    }
    // The wire follows in the next delta cycles, unless another device on it has to be served.
    wait(fruitless < 4 ? sc_core::SC_ZERO_TIME : sc_core::sc_time(100, sc_core::SC_NS));
  }
}

std::uint64_t node::address_of(unsigned space, std::uint64_t offset) const noexcept {
  return (space == config_space ? config_base_ : bar_base_[space]) + offset;
}

void node::transfer(tlm::tlm_command command, std::uint64_t address, void* data,
                    std::uint64_t bytes) {
  stop_if_interrupted();
  turns_.take(command == tlm::TLM_WRITE_COMMAND);
  if (payloads_.empty()) {
    payloads_.push_back(std::make_unique<tlm::tlm_generic_payload>());
  }
  // Another thread of this node may come in while this one waits.
  std::unique_ptr<tlm::tlm_generic_payload> trans = std::move(payloads_.back());
  payloads_.pop_back();
  trans->set_command(command);
  trans->set_address(address);
  trans->set_data_ptr(static_cast<unsigned char*>(data));
  trans->set_data_length(static_cast<unsigned>(bytes));
  trans->set_streaming_width(static_cast<unsigned>(bytes));
  trans->set_byte_enable_ptr(nullptr);
  trans->set_dmi_allowed(false);
  trans->set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  cpu_->b_transport(*trans, delay);
  if (delay != sc_core::SC_ZERO_TIME) {
    wait(delay);
  }
  payloads_.push_back(std::move(trans));
}

std::uint64_t node::read(unsigned space, std::uint64_t offset, unsigned bytes) {
  std::uint64_t value = 0;
  ++counters_.reads;
  transfer(tlm::TLM_READ_COMMAND, address_of(space, offset), &value, bytes);
  if (space == 0 && offset == bar0::intr_status.offset && value != 0 && value != all_ones &&
      settings_.properties.has_intx()) {
    journal_.add(now(), journal::entry::interrupt, index_,
                 [this, at = now()] { ledger_.line_served(index_, at); });
  }
  return value;
}

void node::write(unsigned space, std::uint64_t offset, std::uint64_t value, unsigned bytes) {
  turns_.take(true);  // before the doorbell counts as issued
  ++counters_.writes;
  if (space == 0) {
    issue(offset, value, bytes);
  }
  transfer(tlm::TLM_WRITE_COMMAND, address_of(space, offset), &value, bytes);
}

/// Each piece of a write that lies in the doorbell register rings, as one value [behaviour 2].
void node::issue(std::uint64_t offset, std::uint64_t value, unsigned bytes) {
  while (bytes != 0) {
    const unsigned piece = piece_bytes(offset, bytes, bar0::doorbell.bytes);
    if ((offset & bar0::write_offset_mask) == bar0::doorbell.offset) {
      const std::uint64_t word = value & ((std::uint64_t{1} << (8 * piece)) - 1);
      journal_.add(now(), journal::entry::write, index_, [=, at = now()] {
        ledger_.issued(index_, static_cast<peer_id>(word >> 16U), word & 0xffffU, at);
      });
    }
    offset += piece;
    value >>= 8 * piece;
    bytes -= piece;
  }
}

void node::ring(peer_id peer, unsigned vector) {
  device_access access(*this, true);
  driver(access, vectors_of(settings_.properties)).ring(peer, vector);
}

bool node::can_ring(const node& other, unsigned vector) const noexcept {
  return settings_.properties.has_peers() && other.settings_.properties.has_peers() &&
         vector < settings_.properties.vectors && vector < other.settings_.properties.vectors;
}

void node::set_masked(unsigned vector, bool masked) {
  device_access access(*this, true);
  driver device(access, vectors_of(settings_.properties));
  expect(masked ? device.mask(vector) : device.unmask(vector));
}

void node::set_msix(bool enabled, bool function_masked) {
  device_access access(*this, true);
  driver(access, vectors_of(settings_.properties)).set_msix(enabled, function_masked);
}

void node::set_bus_master(bool on) {
  device_access access(*this, true);
  driver(access, vectors_of(settings_.properties)).set_bus_master(on);
}

}  // namespace ivshmem::sim
