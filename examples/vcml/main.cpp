// SPDX-License-Identifier: Apache-2.0
//
// Two devices in a system of VCML, on one bus with one processor and one memory: the first in a
// slot of VCML's PCI host, the second behind a root complex of this library. They ring each other;
// their messages arrive at a target of VCML.
//
// Tried with VCML 2026.08.13, mwr 2026.06.18 and SystemC 2.3.4.
#include <vcml.h>

#include <array>
#include <cinttypes>
#include <cstdio>
#include <cstring>

#include "ivshmem/model/regmap.h"
#include "ivshmem/model/shared_memory.h"
#include "ivshmem/tlm/driver.h"
#include "ivshmem/tlm/endpoint.h"
#include "ivshmem/tlm/in_process_fabric.h"
#include "ivshmem/tlm/pcie/payload_pool.h"
#include "ivshmem/tlm/pcie/root_complex.h"

namespace {

using namespace ivshmem;

/// What VCML's PCI host calls, for one device at `downstream`: makes packets of its calls, and
/// calls of the device's packets. For devices in functional.
class pci_slot final : public sc_core::sc_module, public vcml::pci_target, private pcie::component {
 public:
  vcml::pci_target_socket pci_in{"pci_in"};
  pcie::port downstream{"downstream", *this};

  explicit pci_slot(const sc_core::sc_module_name& name) : sc_module(name) {}

 private:
  struct window {
    vcml::pci_bar bar;
    bool is_mapped;  // as far as the host knows
  };

  // ---- From the host to the device.

  void pci_transport(const vcml::pci_target_socket&, vcml::pci_payload& tx) override {
    const bool done =
        tx.is_cfg() ? config(tx.is_write(), tx.addr, tx.size, &tx.data)
                    : send(memory_request(tx), tx.is_write(), address_of(tx), tx.size, &tx.data);
    tx.response = done ? vcml::PCI_RESP_SUCCESS : vcml::PCI_RESP_ADDRESS_ERROR;
    if (done && tx.is_cfg() && tx.is_write()) {
      map_bars();
    }
  }

  bool pci_get_dmi_ptr(const vcml::pci_target_socket&, const vcml::pci_payload& tx,
                       tlm::tlm_dmi& dmi) override {
    pcie::payload_pool::lease trans(pool_);
    pcie::tlp_of(*trans).type = memory_request(tx);
    trans->set_command(tx.is_write() ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    trans->set_address(address_of(tx));
    trans->set_data_length(tx.size);
    if (!downstream.send_dmi(*trans, dmi)) {
      return false;
    }
    const std::uint64_t base = address_of(tx) - tx.addr;
    dmi.set_start_address(dmi.get_start_address() - base);
    dmi.set_end_address(dmi.get_end_address() - base);
    return true;
  }

  static pcie::tlp_type memory_request(const vcml::pci_payload& tx) {
    return tx.is_write() ? pcie::tlp_type::memory_write : pcie::tlp_type::memory_read;
  }
  std::uint64_t address_of(const vcml::pci_payload& tx) const {
    return windows_.at(tx.space - vcml::PCI_AS_BAR0).bar.addr + tx.addr;
  }
  bool config(bool write, std::uint64_t offset, unsigned bytes, void* data) {
    return send(write ? pcie::tlp_type::config_write_0 : pcie::tlp_type::config_read_0, write,
                offset, bytes, data);
  }

  /// Sends a request, and returns with its completion. False: the device did not take it.
  bool send(pcie::tlp_type type, bool write, std::uint64_t address, unsigned bytes, void* data) {
    pcie::payload_pool::lease trans(pool_);
    pcie::tlp_of(*trans).type = type;
    trans->set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    trans->set_address(address);
    trans->set_data_ptr(static_cast<unsigned char*>(data));
    trans->set_data_length(bytes);
    trans->set_streaming_width(bytes);
    sc_core::sc_time delay;
    downstream.send(*trans, delay);
    return pcie::is_good(*trans, pcie::tlp_of(*trans));
  }

  // ---- Where the device's BARs are: the host is told.

  std::uint32_t read_config(std::uint32_t offset) {
    std::uint32_t value = 0;
    config(false, offset, 4, &value);
    return value;
  }
  /// What is left of all ones.
  std::uint32_t probe(std::uint32_t offset) {
    std::uint32_t value = ~0U;
    config(true, offset, 4, &value);
    const std::uint32_t mask = read_config(offset);
    value = 0;
    config(true, offset, 4, &value);
    return mask;
  }

  void start_of_simulation() override {
    for (unsigned i = 0; i < cfg::device_bars; ++i) {
      const std::uint32_t offset = cfg::first_bar + 4 * i;
      const std::uint32_t low = probe(offset);
      vcml::pci_bar& bar = windows_.at(i).bar;
      bar.barno = static_cast<int>(i);
      bar.is_64bit = (low & cfg::bar_type) == cfg::bar_type_64;
      bar.is_prefetch = (low & cfg::bar_prefetchable) != 0;
      const std::uint64_t high = bar.is_64bit ? probe(offset + 4) : ~0U;
      bar.size = low == 0 ? 0 : 1 + ~(high << 32U | (low & ~cfg::bar_flags));
      i += bar.is_64bit ? 1 : 0;
    }
  }

  void map_bars() {
    const bool decodes = (read_config(cfg::command.offset) & cfg::command_memory) != 0;
    for (window& one : windows_) {
      if (one.is_mapped && !decodes) {
        pci_bar_unmap(one.bar.barno);
      } else if (one.bar.size != 0 && decodes) {
        const std::uint32_t offset = cfg::first_bar + 4 * static_cast<unsigned>(one.bar.barno);
        one.bar.addr_lo = read_config(offset) & ~cfg::bar_flags;
        one.bar.addr_hi = one.bar.is_64bit ? read_config(offset + 4) : 0;
        pci_bar_map(one.bar);
      }
      one.is_mapped = one.bar.size != 0 && decodes;
    }
  }

  void dmi_invalidated(pcie::port&, std::uint64_t first, std::uint64_t last) override {
    for (const window& one : windows_) {
      if (one.is_mapped && first <= one.bar.addr + one.bar.size - 1 && last >= one.bar.addr) {
        pci_in->pci_dmi_invalidate(one.bar.barno, 0, one.bar.size - 1);
      }
    }
  }

  // ---- From the device to the host.

  void receive(pcie::port&, pcie::payload& trans, sc_core::sc_time&) override {
    const pcie::tlp& header = pcie::tlp_of(trans);
    bool done = true;
    if (header.type == pcie::tlp_type::message) {
      const bool asserts = header.code < pcie::message_code::deassert_inta;
      const auto pin = static_cast<unsigned>(header.code) % 4;
      pci_interrupt(static_cast<vcml::pci_irq>(vcml::PCI_IRQ_A + pin), asserts);
    } else {  // an MSI-X message: it reads nothing
      done = pci_dma_write(trans.get_address(), trans.get_data_length(), trans.get_data_ptr());
    }
    complete(trans, done ? pcie::completion_status::successful
                         : pcie::completion_status::unsupported_request);
  }
  unsigned receive_debug(pcie::port&, pcie::payload&) override { return 0; }
  pcie::component_role role() const noexcept override { return pcie::component_role::root; }

  pcie::payload_pool pool_;
  std::array<window, cfg::device_bars> windows_{};
};

device_properties doorbell() {
  device_properties properties;
  properties.variant = device_variant::doorbell;
  return properties;
}

class platform final : public vcml::component {
 public:
  platform(const sc_core::sc_module_name& name, in_process_fabric& fabric,
           const unsigned char* shared)
      : component(name),
        first_("first", doorbell(), fabric.join(1)),
        second_("second", doorbell(), fabric.join(1)),
        shared_(shared) {
    bus_.bind(cpu_);
    bus_.bind(memory_, 0);

    // The first device: in the PCI host, at its device 0.
    bus_.bind(host_.dma_out);
    bus_.bind(host_.cfg_in, to_vcml(host_ecam));
    bus_.bind(host_.mmio_in[0], to_vcml(host_low), host_low.base);
    bus_.bind(host_.mmio_in[0], to_vcml(host_high), host_high.base);
    host_.pci_out[0].bind(slot_.pci_in);
    slot_.downstream.bind(first_.pcie);
    host_.irq_a.stub();
    host_.irq_b.stub();
    host_.irq_c.stub();
    host_.irq_d.stub();

    // The second: behind a root complex, whose windows have a socket each.
    const pcie::root_complex_config& map = root_.config();
    ecam_.bind(root_.ecam);
    low_.bind(root_.mmio[0]);
    high_.bind(root_.mmio[1]);
    root_.dma.bind(dma_);
    bus_.bind(ecam_, to_vcml(map.ecam));
    bus_.bind(low_, to_vcml(map.mmio[0]));
    bus_.bind(high_, to_vcml(map.mmio[1]));
    bus_.bind(dma_);
    root_.downstream(0).bind(second_.pcie);

    bus_.bind(messages_, to_vcml(map.msi));
    for (vcml::component* one :
         {static_cast<vcml::component*>(this), static_cast<vcml::component*>(&bus_),
          static_cast<vcml::component*>(&memory_), static_cast<vcml::component*>(&host_)}) {
      clock_.clk.bind(one->clk);
      reset_.rst.bind(one->rst);
    }
    SC_HAS_PROCESS(platform);
    SC_THREAD(run);
  }

  bool is_done() const noexcept { return done_; }

 private:
  static constexpr pcie::address_range host_ecam{0x7000'0000, 1U << 20U};
  static constexpr pcie::address_range host_low{0x8000'0000, 1U << 28U};
  static constexpr pcie::address_range host_high{0x20'0000'0000, std::uint64_t{1} << 36U};
  static constexpr std::uint64_t second_page = 0x1000;  // of the messages

  static vcml::range to_vcml(const pcie::address_range& range) {
    return {range.base, range.base + range.bytes - 1};
  }

  /// A message: its page says whose, its data is the vector.
  unsigned transport(tlm::tlm_generic_payload& tx, const vcml::tlm_sbi&,
                     vcml::address_space) override {
    std::uint32_t vector = 0;
    std::memcpy(&vector, tx.get_data_ptr(), sizeof vector);
    (tx.get_address() < second_page ? of_first_ : of_second_).raise(vector);
    tx.set_response_status(tlm::TLM_OK_RESPONSE);
    return tx.get_data_length();
  }

  void run() {
    const pcie::root_complex_config& map = root_.config();
    tlm::tlm_blocking_transport_if<>& cpu = *cpu_.operator->();
    pcie::ecam_access of_host(cpu, host_ecam.base);
    pcie::ecam_access of_root(cpu, map.ecam.base);
    const auto first = find_device(pcie::enumerate(of_host, {host_low, host_high}));
    const auto second = find_device(pcie::enumerate(of_root, {map.mmio[0], map.mmio[1]}));
    if (!first || !second) {
      SC_REPORT_ERROR(name(), to_string((first ? second : first).error()).c_str());
      return;
    }
    pci_access first_access(of_host, cpu, *first);
    pci_access second_access(of_root, cpu, *second);
    driver first_driver(first_access, first->msix_vectors);
    driver second_driver(second_access, second->msix_vectors);
    first_driver.set_up_vectors(map.msi.base);
    second_driver.set_up_vectors(map.msi.base + second_page);

    first_driver.ring(second_driver.read_id(), 0);
    of_second_.wait(0);
    std::printf("%s: the second device was rung\n", sc_core::sc_time_stamp().to_string().c_str());
    second_driver.ring(first_driver.read_id(), 0);
    of_first_.wait(0);
    std::printf("%s: the first device was rung\n", sc_core::sc_time_stamp().to_string().c_str());

    const bool same_memory =
        is_shared(first_access.address(2)) && is_shared(second_access.address(2));
    first_.eject();
    const bool taken_back = cpu_.lookup_dmi_ptr(first_access.address(2), 8) == nullptr;
    std::printf("shared memory at 0x%" PRIx64 " and at 0x%" PRIx64 "%s\n", first_access.address(2),
                second_access.address(2),
                taken_back ? ", the first taken back with its device" : "");
    done_ = same_memory && taken_back && of_first_.raised(0) == 1 && of_second_.raised(0) == 1;
  }

  /// Whether the processor sees the shared memory there, by an access and directly.
  bool is_shared(std::uint64_t address) {
    std::uint64_t value = address;
    const bool written = vcml::success(cpu_.write(address + 8, &value, sizeof value));
    value = 0;
    std::memcpy(&value, shared_ + 8, sizeof value);
    return written && value == address &&
           cpu_.lookup_dmi_ptr(address, 8, vcml::VCML_ACCESS_READ_WRITE) == shared_;
  }

  vcml::generic::clock clock_{"clock", 100 * vcml::MHz};
  vcml::generic::reset reset_{"reset"};
  vcml::generic::bus bus_{"bus"};
  vcml::generic::memory memory_{"memory", 1U << 20U};
  vcml::tlm_initiator_socket cpu_{"cpu"};
  vcml::tlm_target_socket messages_{"messages"};

  vcml::pci::host host_{"host", true};
  pci_slot slot_{"slot"};
  endpoint first_;

  pcie::root_complex root_{"root"};
  endpoint second_;
  // What VCML's bus binds to; each leads to a socket of any width.
  tlm::tlm_target_socket<> ecam_{"ecam"};
  tlm::tlm_target_socket<> low_{"low"};
  tlm::tlm_target_socket<> high_{"high"};
  tlm::tlm_initiator_socket<> dma_{"dma"};

  interrupt_counter of_first_;
  interrupt_counter of_second_;
  const unsigned char* shared_;
  bool done_ = false;
};

}  // namespace

int sc_main(int, char**) {
  shared_memory_config options;
  options.size_bytes = 1U << 20U;
  const auto memory = shared_memory::create(options);
  if (!memory) {
    std::fprintf(stderr, "vcml: %s\n", to_string(memory.error()).c_str());
    return 1;
  }
  in_process_fabric fabric("fabric", {memory->data(), memory->size_bytes()},
                           sc_core::sc_time(1, sc_core::SC_US));
  const platform all("platform", fabric, memory->data());
  sc_core::sc_start();
  return all.is_done() ? 0 : 1;
}
