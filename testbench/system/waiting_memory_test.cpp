// SPDX-License-Identifier: Apache-2.0
//
// A platform whose memory waits inside the write of a message: what belongs to one process must not
// reach another, and what a device does to itself must still be refused.
#include <gtest/gtest.h>

#include <sstream>

#include "ivshmem/tlm/in_process_fabric.h"
#include "node.h"

namespace ivshmem::test {
namespace {

constexpr std::uint64_t slow_base = 0x8000'0000;
const sc_core::sc_time memory_time(20, sc_core::SC_NS);

struct slow_memory : sc_core::sc_module {
  tlm_utils::simple_target_socket<slow_memory, 64> bus{"bus"};
  unsigned writes = 0;
  explicit slow_memory(const sc_core::sc_module_name& name) : sc_module(name) {
    bus.register_b_transport(this, &slow_memory::b_transport);
  }
  void b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& /*delay*/) {
    wait(memory_time);
    ++writes;
    trans.set_response_status(tlm::TLM_OK_RESPONSE);
  }
};

/// A second program, which starts in the middle of the memory's time.
struct second_program : sc_core::sc_module {
  std::function<void()> body;
  sc_core::sc_event go;
  bool finished = false;
  SC_HAS_PROCESS(second_program);
  explicit second_program(const sc_core::sc_module_name& name) : sc_module(name) { SC_THREAD(run); }
  void run() {
    wait(go);
    wait(memory_time / 2);
    body();
    finished = true;
  }
};

struct WaitingMemory : testing::Test {
  bench platform;
  slow_memory slow{"slow"};
  second_program second{"second"};
  std::vector<std::uint8_t> shared = std::vector<std::uint8_t>(4096);
  in_process_fabric fabric{"fabric", {shared.data(), shared.size()}, {1, sc_core::SC_NS}};
  device_properties properties = [] {
    device_properties of = doorbell_of(2);
    of.master = master_mode::on;
    return of;
  }();
  endpoint dut{"dut", properties, fabric.join(2)};
  node cpu{platform, 0};

  WaitingMemory() {
    platform.root.downstream(0).bind(dut.pcie);
    platform.memory_bus.map({slow_base, 0x1000}, slow.bus);
  }
  /// Vector 0 pending and masked, its message bound for the slow memory.
  void pend() {
    cpu.start();
    cpu.program(0, slow_base, 1, bar1::control_masked);
    cpu.msix();
    cpu.ring(0, 0);
    sc_core::wait(2, sc_core::SC_NS);
    ASSERT_EQ(dut.inserted()->interrupts().pending_count(), 1U);
  }
};

TEST_F(WaitingMemory, AnotherProcessIsNotTakenForAReentry) {
  platform.run([&] {
    pend();
    cpu.set(bar0::intr_mask, 0x1234);
    second.body = [&] {
      EXPECT_EQ(slow.writes, 0U) << "the message is still under way";
      EXPECT_EQ(cpu.get(bar0::intr_mask), 0x1234U);
      cpu.set(bar0::intr_mask, 0x5678);
    };
    second.go.notify();
    cpu.mask(0, false);
    EXPECT_TRUE(second.finished);
    EXPECT_EQ(slow.writes, 1U);
    EXPECT_EQ(cpu.get(bar0::intr_mask), 0x5678U) << "and the first one can go on";
    EXPECT_FALSE(dut.inserted()->inside_access());
  });
}

TEST_F(WaitingMemory, TheDelayOfOneProcessIsNotThatOfAnother) {
  recording_observer seen;
  platform.run([&] {
    pend();
    cpu.program(1, bench::msi_base, 0x77);
    dut.observe(&seen);
    second.body = [&] {
      cpu.set(bar0::doorbell, 1, {7, sc_core::SC_NS});  // 7 ns ahead of the simulation
      EXPECT_EQ(seen.take().back().substr(0, 8), "doorbell");
    };
    second.go.notify();
    const sc_core::sc_time rung = sc_core::sc_time_stamp() + memory_time / 2;
    cpu.mask(0, false);
    sc_core::wait(50, sc_core::SC_NS);
    dut.observe(nullptr);
    ASSERT_EQ(platform.interrupts.size(), 1U);
    EXPECT_EQ(platform.interrupts[0].at, rung + sc_core::sc_time(8, sc_core::SC_NS));
  });
}

TEST_F(WaitingMemory, LoadingASnapshotTakesBackWhatTheProcessorRemembers) {
  platform.run([&] {
    cpu.start();
    std::stringstream saved;
    ASSERT_TRUE(dut.save(saved));
    const node moved(platform, 3);
    const node there{platform, 0};
    platform.configure(there.id, cfg::bar0_reg, moved.bar0);
    EXPECT_EQ(platform.read(moved.bar0 + bar0::iv_position.offset), 0U);
    tlm::tlm_dmi dmi;
    ASSERT_TRUE(platform.direct(cpu.bar2, dmi));
    platform.invalidated.clear();
    ASSERT_TRUE(dut.load(saved));
    EXPECT_FALSE(platform.invalidated.empty());
    cpu.set(bar0::intr_mask, 5);
    EXPECT_EQ(cpu.get(bar0::intr_mask), 5U) << "at the place that was saved";
    EXPECT_EQ(platform.read(moved.bar0), 0xffff'ffffU) << "and no longer at the other one";
  });
}

}  // namespace
}  // namespace ivshmem::test
