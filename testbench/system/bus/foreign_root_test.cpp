// SPDX-License-Identifier: Apache-2.0
//
// Endpoints in tlm_cycle below a root complex of somebody else that knows b_transport only.
#include <gmock/gmock.h>

#include <functional>

#include "ivshmem/tlm/endpoint.h"
#include "ivshmem/tlm/in_process_fabric.h"
#include "requester.h"

namespace ivshmem::test {
namespace {

using pcie::tlp_type;

constexpr std::uint64_t window = 0x8000'0000;
constexpr std::uint64_t message_address = 0xfee0'0000;
const sc_core::sc_time latency(5, sc_core::SC_US);

/// The doorbells that an endpoint rings, and when.
struct doorbell_log : endpoint_observer {
  std::vector<sc_core::sc_time> rung;
  void on_doorbell(peer_id /*peer*/, vector_index /*vector*/,
                   const sc_core::sc_time& delay) override {
    rung.push_back(sc_core::sc_time_stamp() + delay);
  }
};

/// A root complex that runs ahead of the simulation, and calls b_transport.
struct foreign_root : sc_core::sc_module {
  requester host{"host"};
  endpoint device;
  std::function<void()> body;

  foreign_root(const sc_core::sc_module_name& name, fabric_seat& seat)
      : sc_module(name), device("device", properties(), seat, timing()) {
    host.pcie.bind(device.pcie);
    SC_HAS_PROCESS(foreign_root);
    SC_THREAD(run);
  }
  static device_properties properties() {
    device_properties one;
    one.variant = device_variant::doorbell;
    return one;
  }
  static timing_config timing() {
    timing_config one;
    one.mode = timing_mode::tlm_cycle;
    return one;
  }
  void run() {
    write(tlp_type::config_write_0, cfg::bar0_reg.offset, window);
    write(tlp_type::config_write_0, cfg::bar1_reg.offset, window + 0x1000);
    write(tlp_type::config_write_0, cfg::command.offset, cfg::command_memory | cfg::command_master);
    write(tlp_type::config_write_0, cfg::msix_control.offset & ~3U, 0x8000'0000);
    write(tlp_type::memory_write, window + 0x1000, message_address);
    write(tlp_type::memory_write, window + 0x100c, 0);
    if (body) {
      body();
    }
  }
  void write(tlp_type type, std::uint64_t address, std::uint32_t value,
             sc_core::sc_time delay = sc_core::SC_ZERO_TIME) {
    pcie::payload& trans = host.make(type, address, 4);
    std::memcpy(trans.get_data_ptr(), &value, 4);
    host.pcie.send(trans, delay);
    EXPECT_EQ(delay, sc_core::SC_ZERO_TIME) << "an exact endpoint waits";
  }
};

TEST(ForeignRoot, ADoorbellTakesTheFabricsLatency) {
  std::vector<std::uint8_t> memory(1U << 20U);
  in_process_fabric fabric("fabric", {memory.data(), memory.size()}, latency);
  foreign_root from("from", fabric.join(1));
  foreign_root to("to", fabric.join(1));
  doorbell_log log;
  from.device.observe(&log);
  sc_core::sc_time called;
  from.body = [&] {
    sc_core::wait(10, sc_core::SC_US);
    called = sc_core::sc_time_stamp() + sc_core::sc_time(100, sc_core::SC_NS);
    from.write(tlp_type::memory_write, window + bar0::doorbell.offset, 1U << 16U,
               sc_core::sc_time(100, sc_core::SC_NS));
  };
  sc_core::sc_start(1, sc_core::SC_MS);
  const sc_core::sc_time cycle(4, sc_core::SC_NS);
  ASSERT_EQ(log.rung.size(), 1U);
  EXPECT_EQ(log.rung[0], called + (timing::execute_cycles + timing::doorbell_cycles) * cycle);
  ASSERT_EQ(to.host.requests.size(), 1U);
  EXPECT_EQ(to.host.requests[0].at, log.rung[0] + latency + timing::message_cycles * cycle);
}

}  // namespace
}  // namespace ivshmem::test
