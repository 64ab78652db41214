// SPDX-License-Identifier: Apache-2.0
//
// Two devices on the interconnect of libsystemctlm-soc, which subtracts the base of each range and
// names the class of its targets' sockets. The first is behind a root complex of this library,
// whose windows are bound by sockets of this module. The second is behind libsystemctlm-soc's root
// port, which carries packets as bytes. They ring each other, and the processor sees the shared
// memory of the first by DMI.
//
// Tried with commit 7aba4f6 (May 2025) of libsystemctlm-soc, and SystemC 2.3.4 and 3.0.2.
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <array>
#include <cassert>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <systemc>
#include <tlm>
#include <vector>

using namespace sc_core;  // these headers want both, and include nothing
using namespace sc_dt;
#include "soc/interconnect/iconnect.h"
#include "soc/pci/core/pcie-root-port.h"

#include "ivshmem/model/shared_memory.h"
#include "ivshmem/tlm/driver.h"
#include "ivshmem/tlm/endpoint.h"
#include "ivshmem/tlm/in_process_fabric.h"
#include "ivshmem/tlm/interrupt_target.h"
#include "ivshmem/tlm/pcie/payload_pool.h"
#include "ivshmem/tlm/pcie/root_complex.h"
#include "ivshmem/tlm/pcie/tlp_codec.h"

namespace {

using namespace ivshmem;

device_properties doorbell() {
  device_properties properties;
  properties.variant = device_variant::doorbell;
  return properties;
}

/// Between packets as bytes and a device at `downstream`: header dwords, high byte first, and then
/// the data. For devices in functional.
class tlp_bytes final : public sc_module, private pcie::component {
 public:
  tlm_utils::simple_target_socket<tlp_bytes> in{"in"};
  tlm_utils::simple_initiator_socket<tlp_bytes> out{"out"};
  pcie::port downstream{"downstream", *this};

  explicit tlp_bytes(const sc_module_name& name) : sc_module(name) {
    in.register_b_transport(this, &tlp_bytes::b_transport);
  }

 private:
  void b_transport(tlm::tlm_generic_payload& bytes, sc_time& delay) {
    bytes.set_response_status(tlm::TLM_OK_RESPONSE);
    std::array<unsigned char, pcie::max_tlp_bytes> data{};
    std::array<unsigned char, 4> enables{};
    pcie::payload_pool::lease trans(pool_);
    trans->set_data_ptr(data.data());
    if (!pcie::decode_request(unpacked(bytes), *trans, enables.data())) {
      return;  // a kind of packet that the device does not know
    }
    const pcie::tlp& header = pcie::tlp_of(*trans);
    // Below a root port there is device 0 only, which answers to any number.
    if (header.is_config() && pcie::device_of(pcie::config_target(*trans)) != 0) {
      complete(*trans, pcie::completion_status::unsupported_request);
    } else {
      downstream.send(*trans, delay);
    }
    if (!header.is_posted()) {
      pcie::raw_tlp completion;
      pcie::encode_completion(*trans, completion);
      send(completion, delay);
    }
  }

  void receive(pcie::port&, pcie::payload& trans, sc_time& delay) override {
    pcie::raw_tlp request;
    pcie::encode_request(trans, request);
    send(request, delay);
    complete(trans, pcie::completion_status::successful);
  }
  unsigned receive_debug(pcie::port&, pcie::payload&) override { return 0; }
  pcie::component_role role() const noexcept override { return pcie::component_role::root; }

  /// Leaves the header in the order of the host: the root port finds its request by that.
  static pcie::raw_tlp unpacked(tlm::tlm_generic_payload& bytes) {
    unsigned char* at = bytes.get_data_ptr();
    const unsigned char* const end = at + bytes.get_data_length();
    pcie::raw_tlp packet;
    const unsigned dwords = (at[0] & 0x20U) != 0 ? 4 : 3;
    for (unsigned i = 0; i < dwords; ++i, at += 4) {
      const std::uint32_t dword = std::uint32_t{at[0]} << 24U | std::uint32_t{at[1]} << 16U |
                                  std::uint32_t{at[2]} << 8U | at[3];
      packet.header.at(i) = dword;
      std::memcpy(at, &dword, sizeof dword);
    }
    for (; end - at >= 4; at += 4) {
      packet.payload.push_back(std::uint32_t{at[3]} << 24U | std::uint32_t{at[2]} << 16U |
                               std::uint32_t{at[1]} << 8U | at[0]);
    }
    return packet;
  }

  void send(const pcie::raw_tlp& packet, sc_time& delay) {
    std::vector<unsigned char> data;
    const unsigned dwords = pcie::has_four_dwords(packet.header) ? 4 : 3;
    for (unsigned i = 0; i < dwords; ++i) {
      for (const unsigned shift : {24U, 16U, 8U, 0U}) {
        data.push_back(static_cast<unsigned char>(packet.header.at(i) >> shift));
      }
    }
    for (const std::uint32_t dword : packet.payload) {
      for (const unsigned shift : {0U, 8U, 16U, 24U}) {
        data.push_back(static_cast<unsigned char>(dword >> shift));
      }
    }
    tlm::tlm_generic_payload bytes;
    bytes.set_command(tlm::TLM_WRITE_COMMAND);
    bytes.set_data_ptr(data.data());
    bytes.set_data_length(static_cast<unsigned>(data.size()));
    bytes.set_streaming_width(static_cast<unsigned>(data.size()));
    out->b_transport(bytes, delay);
  }

  pcie::payload_pool pool_;
};

class platform final : public sc_module {
 public:
  platform(const sc_module_name& name, in_process_fabric& fabric)
      : sc_module(name),
        first_("first", doorbell(), fabric.join(1)),
        second_("second", doorbell(), fabric.join(1)),
        controller_("controller", [this](std::uint64_t offset, std::uint32_t vector) {
          (offset < second_page ? of_first_ : of_second_).raise(vector);
        }) {
    cpu_.bind(*interconnect_.t_sk[0]);
    cpu_.register_invalidate_direct_mem_ptr(this, &platform::invalidate);
    messages_.bind(controller_.bus);
    const pcie::root_complex_config& map = root_.config();

    ecam_.bind(root_.ecam);
    low_.bind(root_.mmio[0]);
    high_.bind(root_.mmio[1]);
    // The interconnect counts the byte behind a range to it, so what follows comes first.
    add(map.mmio[0], low_, ADDRMODE_RELATIVE);
    add(map.mmio[1], high_, ADDRMODE_RELATIVE);
    add(map.ecam, ecam_, ADDRMODE_RELATIVE);
    root_.dma.bind(*interconnect_.t_sk[1]);
    root_.downstream(0).bind(first_.pcie);

    config_.bind(root_port_.config);
    memory_.bind(root_port_.bar[0]);
    add(port_memory, memory_, ADDRMODE_ABSOLUTE);
    add(port_config, config_, ADDRMODE_RELATIVE);
    root_port_.dma.bind(*interconnect_.t_sk[2]);
    root_port_.ats_req.bind(root_port_.ats_inv);  // not used
    root_port_.init_socket.bind(slot_.in);
    slot_.out.bind(root_port_.tgt_socket);
    slot_.downstream.bind(second_.pcie);

    add(map.msi, messages_, ADDRMODE_RELATIVE);
    SC_HAS_PROCESS(platform);
    SC_THREAD(run);
  }

  bool is_done() const noexcept { return done_; }

 private:
  static constexpr pcie::address_range port_config{0x7000'0000, 1U << 20U};
  static constexpr pcie::address_range port_memory{0x8000'0000, 1U << 28U};
  static constexpr std::uint64_t second_page = 0x1000;  // of the messages

  void add(const pcie::address_range& range, tlm::tlm_target_socket<>& socket, addrmode mode) {
    interconnect_.memmap(range.base, range.bytes, mode, -1, socket);
  }

  void run() {
    const pcie::root_complex_config& map = root_.config();
    tlm::tlm_blocking_transport_if<>& cpu = *cpu_.operator->();
    pcie::ecam_access of_root(cpu, map.ecam.base);
    pcie::ecam_access of_port(cpu, port_config.base);
    const auto first = find_device(pcie::enumerate(of_root, {map.mmio[0], map.mmio[1]}));
    const auto second = find_device(pcie::enumerate(of_port, {port_memory, {}}));
    if (!first || !second) {
      SC_REPORT_ERROR(name(), to_string((first ? second : first).error()).c_str());
      return;
    }
    pci_access first_access(of_root, cpu, *first);
    pci_access second_access(of_port, cpu, *second);
    driver first_driver(first_access, first->msix_vectors);
    driver second_driver(second_access, second->msix_vectors);
    first_driver.set_up_vectors(map.msi.base);
    second_driver.set_up_vectors(map.msi.base + second_page);

    first_driver.ring(second_driver.read_id(), 0);
    of_second_.wait(0);
    std::printf("%s: the second device was rung\n", sc_time_stamp().to_string().c_str());
    second_driver.ring(first_driver.read_id(), 0);
    of_first_.wait(0);
    std::printf("%s: the first device was rung\n", sc_time_stamp().to_string().c_str());

    tlm::tlm_generic_payload request;
    request.set_command(tlm::TLM_READ_COMMAND);
    request.set_address(first_access.address(2) + 0x100);
    tlm::tlm_dmi dmi;
    sc_assert(cpu_->get_direct_mem_ptr(request, dmi));
    sc_assert(dmi.get_start_address() == first_access.address(2));
    dmi.get_dmi_ptr()[0] = 0x5a;
    const std::uint32_t seen = second_access.read32(2, 0);
    first_.eject();
    sc_assert(taken_back_ == dmi.get_start_address());
    std::printf("shared memory at 0x%" PRIx64 " and at 0x%" PRIx64 ", the first taken back\n",
                first_access.address(2), second_access.address(2));
    done_ = seen == 0x5a && of_first_.raised(0) == 1 && of_second_.raised(0) == 1;
  }

  void invalidate(sc_dt::uint64 first, sc_dt::uint64 /*last*/) { taken_back_ = first; }

  tlm_utils::simple_initiator_socket<platform> cpu_{"cpu"};
  iconnect<3, 6> interconnect_{"interconnect"};
  // What memmap() takes; each leads to a socket of any width.
  tlm::tlm_target_socket<> ecam_{"ecam"};
  tlm::tlm_target_socket<> low_{"low"};
  tlm::tlm_target_socket<> high_{"high"};
  tlm::tlm_target_socket<> config_{"config"};
  tlm::tlm_target_socket<> memory_{"memory"};
  tlm::tlm_target_socket<> messages_{"messages"};

  pcie::root_complex root_{"root"};
  endpoint first_;
  pcie_root_port root_port_{"root_port"};
  tlp_bytes slot_{"slot"};
  endpoint second_;

  interrupt_target controller_;
  interrupt_counter of_first_;
  interrupt_counter of_second_;
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
  const platform all("platform", fabric);
  sc_start();
  return all.is_done() && memory->data()[0] == 0x5a ? 0 : 1;
}
