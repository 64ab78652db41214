// SPDX-License-Identifier: Apache-2.0
//
// The device on a platform without PCI: two processors, each with BARs at a plain socket and an
// interrupt line. The first writes a text into the shared memory and rings, the second reads it.
#include <tlm_utils/simple_initiator_socket.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <systemc>

#include "ivshmem/model/shared_memory.h"
#include "ivshmem/tlm/driver.h"
#include "ivshmem/tlm/flat_device.h"
#include "ivshmem/tlm/in_process_fabric.h"

namespace {

using namespace ivshmem;

constexpr std::array<char, 6> message{"hello"};

class processor final : public sc_core::sc_module {
 public:
  processor(const sc_core::sc_module_name& name, fabric_seat& seat)
      : sc_module(name), device_("device", seat) {
    registers_.bind(device_.registers);
    msix_.bind(device_.msix);
    memory_.bind(device_.memory);
    device_.irq.bind(irq_);
    SC_HAS_PROCESS(processor);
    SC_THREAD(run);
  }

  bool received() const noexcept { return received_; }

 private:
  void run() {
    flat_access access(*registers_.operator->(), *msix_.operator->());
    driver device(access, 0);
    device.write(bar0::intr_mask, 1);  // let IntrStatus through to the line
    if (device.read_id() == peer_id{0}) {
      auto text = message;
      transfer(tlm::TLM_WRITE_COMMAND, text.data(), text.size());
      device.ring(peer_id{1}, 0);
      return;
    }
    const std::uint32_t status = wait_for_intx(device, irq_);
    std::array<char, message.size()> text{};
    transfer(tlm::TLM_READ_COMMAND, text.data(), text.size());
    wait(irq_.negedge_event());  // reading IntrStatus cleared it
    std::printf("%s: IntrStatus %u, \"%s\"\n", sc_core::sc_time_stamp().to_string().c_str(), status,
                text.data());
    received_ = text == message;
  }

  using socket = tlm_utils::simple_initiator_socket<processor, 64>;

  /// From or to the start of the shared memory.
  void transfer(tlm::tlm_command command, void* data, std::size_t bytes) {
    tlm::tlm_generic_payload trans;
    trans.set_command(command);
    trans.set_address(0);
    trans.set_data_ptr(static_cast<unsigned char*>(data));
    trans.set_data_length(static_cast<unsigned>(bytes));
    trans.set_streaming_width(static_cast<unsigned>(bytes));
    sc_core::sc_time delay;
    memory_->b_transport(trans, delay);
    sc_assert(trans.is_response_ok());
  }

  socket registers_{"registers"};
  socket msix_{"msix"};
  socket memory_{"memory"};
  sc_core::sc_signal<bool> irq_{"irq"};
  flat_device device_;
  bool received_ = false;
};

}  // namespace

int sc_main(int, char**) {
  shared_memory_config options;
  options.size_bytes = 4096;
  const auto memory = shared_memory::create(options);
  if (!memory) {
    std::fprintf(stderr, "flat: %s\n", to_string(memory.error()).c_str());
    return 1;
  }
  in_process_fabric fabric("fabric", {memory->data(), memory->size_bytes()},
                           sc_core::sc_time(1, sc_core::SC_US));
  const processor first("first", fabric.join(1));
  const processor second("second", fabric.join(1));
  sc_core::sc_start();
  return second.received() ? 0 : 1;
}
