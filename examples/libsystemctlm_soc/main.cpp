// SPDX-License-Identifier: Apache-2.0
//
// The device behind the interconnect of libsystemctlm-soc, which subtracts the base of each range
// and names the class of its targets' sockets: the windows of the root complex, by sockets of this
// module. A processor finds the device, rings it, and sees the shared memory by DMI.
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <cassert>
#include <cinttypes>
#include <cstdio>
#include <systemc>
#include <tlm>

using namespace sc_core;  // iconnect.h wants it, and includes nothing
#include "soc/interconnect/iconnect.h"

#include "ivshmem/model/shared_memory.h"
#include "ivshmem/tlm/driver.h"
#include "ivshmem/tlm/endpoint.h"
#include "ivshmem/tlm/in_process_fabric.h"
#include "ivshmem/tlm/interrupt_target.h"
#include "ivshmem/tlm/pcie/root_complex.h"

namespace {

using namespace ivshmem;

device_properties doorbell() {
  device_properties properties;
  properties.variant = device_variant::doorbell;
  return properties;
}

class platform final : public sc_module {
 public:
  platform(const sc_module_name& name, fabric_seat& seat)
      : sc_module(name),
        device_("device", doorbell(), seat),
        controller_("controller",
                    [this](std::uint64_t, std::uint32_t data) { interrupts_.raise(data); }) {
    ecam_.bind(root_.ecam);
    low_.bind(root_.mmio[0]);
    high_.bind(root_.mmio[1]);
    messages_.bind(controller_.bus);
    const pcie::root_complex_config& map = root_.config();
    // The interconnect counts the byte behind a range to it, so what follows comes first.
    add(map.mmio[0], low_);
    add(map.mmio[1], high_);
    add(map.ecam, ecam_);
    add(map.msi, messages_);
    cpu_.bind(*interconnect_.t_sk[0]);
    root_.dma.bind(*interconnect_.t_sk[1]);
    root_.downstream(0).bind(device_.pcie);
    cpu_.register_invalidate_direct_mem_ptr(this, &platform::invalidate);
    SC_HAS_PROCESS(platform);
    SC_THREAD(run);
  }

  bool is_done() const noexcept { return done_; }

 private:
  void add(const pcie::address_range& range, tlm::tlm_target_socket<>& socket) {
    interconnect_.memmap(range.base, range.bytes, ADDRMODE_RELATIVE, -1, socket);
  }

  void run() {
    const pcie::root_complex_config& map = root_.config();
    pcie::ecam_access config(*cpu_.operator->(), map.ecam.base);
    const auto function = find_device(pcie::enumerate(config, {map.mmio[0], map.mmio[1]}));
    if (!function) {
      SC_REPORT_ERROR(name(), to_string(function.error()).c_str());
      return;
    }
    pci_access access(config, *cpu_.operator->(), *function);
    driver device(access, function->msix_vectors);
    device.set_up_vectors(map.msi.base);
    device.ring(device.read_id(), 0);  // itself
    interrupts_.wait(0);
    std::printf("%s: interrupt of vector 0\n", sc_time_stamp().to_string().c_str());

    tlm::tlm_generic_payload request;
    request.set_command(tlm::TLM_READ_COMMAND);
    request.set_address(access.address(2) + 0x100);
    tlm::tlm_dmi dmi;
    sc_assert(cpu_->get_direct_mem_ptr(request, dmi));
    sc_assert(dmi.get_start_address() == access.address(2));
    dmi.get_dmi_ptr()[0] = 0x5a;
    device_.eject();
    sc_assert(taken_back_ == dmi.get_start_address());
    std::printf("%s: shared memory at 0x%" PRIx64 ", taken back with the device\n",
                sc_time_stamp().to_string().c_str(), dmi.get_start_address());
    done_ = true;
  }

  void invalidate(sc_dt::uint64 first, sc_dt::uint64 /*last*/) { taken_back_ = first; }

  tlm_utils::simple_initiator_socket<platform> cpu_{"cpu"};
  iconnect<2, 4> interconnect_{"interconnect"};
  pcie::root_complex root_{"root"};
  // What memmap() takes; each leads to a socket of any width.
  tlm::tlm_target_socket<> ecam_{"ecam"};
  tlm::tlm_target_socket<> low_{"low"};
  tlm::tlm_target_socket<> high_{"high"};
  tlm::tlm_target_socket<> messages_{"messages"};
  endpoint device_;
  interrupt_target controller_;
  interrupt_counter interrupts_;
  std::uint64_t taken_back_ = 0;
  bool done_ = false;
};

}  // namespace

int sc_main(int, char**) {
  shared_memory_config options;
  options.size_bytes = 1U << 20U;
  const auto memory = shared_memory::create(options);
  if (!memory) {
    std::fprintf(stderr, "libsystemctlm_soc: %s\n", to_string(memory.error()).c_str());
    return 1;
  }
  in_process_fabric fabric("fabric", {memory->data(), memory->size_bytes()}, sc_time(1, SC_US));
  const platform all("platform", fabric.join(1));
  sc_start();
  return all.is_done() && memory->data()[0] == 0x5a ? 0 : 1;
}
