// SPDX-License-Identifier: Apache-2.0
//
// PCI Express models of somebody else at our ports, in tlm_cycle: a device under our root complex,
// and our endpoint under a root. docs/pcie.md has the rules that they keep.
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstdio>
#include <cstring>
#include <systemc>

#include "ivshmem/model/regmap.h"
#include "ivshmem/model/shared_memory.h"
#include "ivshmem/tlm/endpoint.h"
#include "ivshmem/tlm/memory.h"
#include "ivshmem/tlm/pcie/payload_pool.h"
#include "ivshmem/tlm/pcie/root_complex.h"

namespace {

using namespace ivshmem;

template <class Module>
using tlp_in = tlm_utils::simple_target_socket<Module, 32, pcie::tlp_protocol>;
template <class Module>
using tlp_out = tlm_utils::simple_initiator_socket<Module, 32, pcie::tlp_protocol>;

/// A device with one register at offset 0x40 of its configuration space. Writing the register makes
/// it write the value to address 0x1000 of the platform's memory.
class other_device final : public sc_core::sc_module {
 public:
  explicit other_device(const sc_core::sc_module_name& name) : sc_module(name) {
    requests_.register_b_transport(this, &other_device::b_transport);       // all modes
    requests_.register_nb_transport_fw(this, &other_device::nb_transport);  // tlm_cycle
    dma_.register_nb_transport_bw(this, &other_device::nb_transport_back);
  }
  void attach(pcie::port& upstream) {
    upstream.tx.bind(requests_);
    dma_.bind(upstream.rx);
  }

 private:
  void b_transport(pcie::payload& trans, sc_core::sc_time& /*delay*/) {
    const pcie::tlp& header = pcie::tlp_of(trans);
    if (!header.is_config() || pcie::config_offset(trans) != 0x40 || trans.get_data_length() != 4) {
      complete(trans, pcie::completion_status::unsupported_request);
      return;
    }
    if (trans.is_read()) {
      std::memcpy(trans.get_data_ptr(), &register_, sizeof register_);
    } else {
      std::memcpy(&register_, trans.get_data_ptr(), sizeof register_);
      write_memory(0x1000);
    }
    complete(trans, pcie::completion_status::successful);
  }

  tlm::tlm_sync_enum nb_transport(pcie::payload& trans, tlm::tlm_phase& phase,
                                  sc_core::sc_time& delay) {
    if (phase == tlm::BEGIN_REQ) {
      b_transport(trans, delay);
    }
    return tlm::TLM_COMPLETED;  // accepted, and completed after `delay`
  }

  void write_memory(std::uint64_t address) {
    pcie::payload& trans = pool_.allocate(sizeof register_);
    trans.set_command(tlm::TLM_WRITE_COMMAND);
    trans.set_address(address);
    pcie::tlp_of(trans).type = pcie::tlp_type::memory_write;
    std::memcpy(trans.get_data_ptr(), &register_, sizeof register_);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay;
    dma_->nb_transport_fw(trans, phase, delay);
  }
  tlm::tlm_sync_enum nb_transport_back(pcie::payload& trans, tlm::tlm_phase& /*phase*/,
                                       sc_core::sc_time& /*delay*/) {
    trans.release();  // END_REQ: a posted request gets nothing else
    return tlm::TLM_ACCEPTED;
  }

  tlp_in<other_device> requests_{"requests"};
  tlp_out<other_device> dma_{"dma"};
  pcie::payload_pool pool_;
  std::uint32_t register_ = 0;
};

/// A root that reads the configuration space of the device below it.
class other_root final : public sc_core::sc_module {
 public:
  explicit other_root(const sc_core::sc_module_name& name) : sc_module(name) {
    requests_.register_nb_transport_bw(this, &other_root::nb_transport_back);
    upstream_.register_nb_transport_fw(this, &other_root::nb_transport);
  }
  void attach(pcie::port& device) {
    requests_.bind(device.rx);
    device.tx.bind(upstream_);
  }

  std::uint32_t read_config(std::uint32_t offset) {
    pcie::payload& trans = pool_.allocate(4);
    trans.set_command(tlm::TLM_READ_COMMAND);
    trans.set_address(offset);  // bus, device and function 0
    pcie::tlp_of(trans).type = pcie::tlp_type::config_read_0;
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay;
    requests_->nb_transport_fw(trans, phase, delay);
    wait(completed_);
    std::uint32_t value = 0;
    std::memcpy(&value, trans.get_data_ptr(), sizeof value);
    trans.release();
    return value;
  }

 private:
  tlm::tlm_sync_enum nb_transport_back(pcie::payload& trans, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) {
    if (phase == tlm::BEGIN_RESP) {  // after END_REQ
      completed_.notify(delay);
      tlm::tlm_phase taken = tlm::END_RESP;
      sc_core::sc_time now;
      requests_->nb_transport_fw(trans, taken, now);
    }
    return tlm::TLM_ACCEPTED;
  }
  /// Messages and MSI-X writes of the device.
  tlm::tlm_sync_enum nb_transport(pcie::payload& trans, tlm::tlm_phase& /*phase*/,
                                  sc_core::sc_time& /*delay*/) {
    complete(trans, pcie::completion_status::successful);
    return tlm::TLM_COMPLETED;
  }

  tlp_out<other_root> requests_{"requests"};
  tlp_in<other_root> upstream_{"upstream"};
  pcie::payload_pool pool_;
  sc_core::sc_event completed_;
};

class platform final : public sc_core::sc_module {
 public:
  platform(const sc_core::sc_module_name& name, memory_view shared)
      : sc_module(name), device_("device", {}, shared, cycle_timing()) {
    cpu_.bind(root_.cpu);
    root_.dma.bind(ram_.bus);
    foreign_device_.attach(root_.downstream(0));
    foreign_root_.attach(device_.pcie);
    SC_HAS_PROCESS(platform);
    SC_THREAD(run);
  }

  bool passed() const noexcept { return passed_; }

 private:
  static pcie::root_complex_config cycle_config() {
    pcie::root_complex_config config;
    config.mode = timing_mode::tlm_cycle;
    return config;
  }
  static timing_config cycle_timing() {
    timing_config timing;
    timing.mode = timing_mode::tlm_cycle;
    return timing;
  }

  void run() {
    std::uint32_t value = 0x1234'5678;
    tlm::tlm_generic_payload trans;
    trans.set_command(tlm::TLM_WRITE_COMMAND);
    trans.set_address(root_.config().ecam.base + 0x40);
    trans.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    trans.set_data_length(sizeof value);
    trans.set_streaming_width(sizeof value);
    sc_core::sc_time delay;
    cpu_->b_transport(trans, delay);
    wait(sc_core::sc_time(1, sc_core::SC_US));
    std::uint32_t in_memory = 0;
    std::memcpy(&in_memory, ram_.data() + 0x1000, sizeof in_memory);
    std::printf("other device: wrote %x to memory\n", in_memory);

    const sc_core::sc_time begin = sc_core::sc_time_stamp();
    const std::uint32_t ids = foreign_root_.read_config(cfg::vendor_id.offset);
    std::printf("other root: our device is %04x:%04x, known after %s\n", ids & 0xffffU, ids >> 16U,
                (sc_core::sc_time_stamp() - begin).to_string().c_str());
    passed_ = in_memory == value && (ids & 0xffffU) == cfg::vendor_id.reset;
  }

  tlm_utils::simple_initiator_socket<platform, 64> cpu_{"cpu"};
  pcie::root_complex root_{"root", cycle_config()};
  memory ram_{"ram", 0x2000};
  other_device foreign_device_{"other_device"};
  endpoint device_;
  other_root foreign_root_{"other_root"};
  bool passed_ = false;
};

}  // namespace

int sc_main(int, char**) {
  shared_memory_config options;
  options.size_bytes = 4096;
  const auto memory = shared_memory::create(options);
  if (!memory) {
    std::fprintf(stderr, "other_pcie: %s\n", to_string(memory.error()).c_str());
    return 1;
  }
  const platform all("platform", {memory->data(), memory->size_bytes()});
  sc_core::sc_start();
  return all.passed() ? 0 : 1;
}
