// SPDX-License-Identifier: Apache-2.0
//
// The public driver on a platform without PCI, and waiting for interrupts.
#include <gtest/gtest.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <functional>
#include <vector>

#include "ivshmem/tlm/driver.h"
#include "ivshmem/tlm/flat_device.h"
#include "ivshmem/tlm/in_process_fabric.h"

namespace ivshmem::test {
namespace {

const sc_core::sc_time us(1, sc_core::SC_US);

/// Two processors' worth of sockets at two devices without PCI that share one interrupt line.
struct FlatDriver : testing::Test {
  struct machine : sc_core::sc_module {
    tlm_utils::simple_initiator_socket<machine, 64> registers{"registers"};
    tlm_utils::simple_initiator_socket<machine, 64> msix{"msix"};
    tlm_utils::simple_initiator_socket<machine, 64> memory{"memory"};
    flat_device device;
    sc_core::sc_signal<bool> irq{"irq"};

    machine(const sc_core::sc_module_name& name, fabric_seat& seat)
        : sc_module(name), device("device", seat) {
      registers.bind(device.registers);
      msix.bind(device.msix);
      memory.bind(device.memory);
      device.irq.bind(irq);
    }
    flat_access access() { return {*registers.operator->(), *msix.operator->()}; }
  };

  std::vector<std::uint8_t> shared = std::vector<std::uint8_t>(min_memory_bytes);
  in_process_fabric fabric{"fabric", {shared.data(), shared.size()}, us};
  machine first{"first", fabric.join(1)};
  machine second{"second", fabric.join(1)};

  static void run(std::function<void()> body) {
    bool finished = false;
    sc_core::sc_spawn([&] {
      body();
      finished = true;
    });
    sc_core::sc_start();
    EXPECT_TRUE(finished) << "simulation starved before the test body returned";
  }
};

TEST_F(FlatDriver, RingsAndWaitsWithoutPci) {
  run([&] {
    flat_access from = first.access();
    flat_access to = second.access();
    driver sender(from, 0);
    driver receiver(to, 0);
    EXPECT_EQ(sender.read_id(), peer_id{0});
    EXPECT_EQ(receiver.read_id(), peer_id{1});
    receiver.write(bar0::intr_mask, 1);
    sender.ring(receiver.read_id(), 0);
    EXPECT_EQ(wait_for_intx(receiver, second.irq), 1U);
    EXPECT_EQ(sc_core::sc_time_stamp(), us);
    EXPECT_EQ(from.failed() + to.failed(), 0U);
  });
}

TEST_F(FlatDriver, HasNoConfigurationSpaceAndNoVectors) {
  run([&] {
    flat_access access = first.access();
    driver device(access, driver::read_vectors(access));
    EXPECT_EQ(device.vectors(), 0U);
    EXPECT_FALSE(device.is_present());
    EXPECT_EQ(access.read_config(cfg::vendor_id.offset, 2), 0xffffU);
    device.enable();
    EXPECT_FALSE(device.mask(0));
    EXPECT_EQ(access.read32(1, bar1::entry_control), 0xffff'ffffU) << "BAR1 is empty";
    access.write32(1, bar1::entry_control, 0);
    EXPECT_EQ(access.failed(), 2U);
  });
}

// The line of the first device stands for one that both drive: the second has to be asked.
TEST_F(FlatDriver, OnASharedLineTheInterruptOfAnotherDeviceIsPassedOver) {
  run([&] {
    flat_access from = first.access();
    flat_access to = second.access();
    driver holder(from, 0);
    driver receiver(to, 0);
    holder.write(bar0::intr_mask, 1);
    holder.ring(peer_id{0}, 0);
    sc_core::wait(10 * us);
    EXPECT_TRUE(first.irq.read()) << "nobody serves it";
    receiver.ring(peer_id{1}, 0);
    const sc_core::sc_time begin = sc_core::sc_time_stamp();
    const sc_core::sc_time poll(300, sc_core::SC_NS);
    EXPECT_EQ(wait_for_intx(receiver, first.irq, poll), 1U);
    EXPECT_EQ(sc_core::sc_time_stamp() - begin, 4 * poll) << "asked until it came, after 1 us";
    EXPECT_EQ(holder.take_status(), 1U) << "left to its own driver";
  });
}

TEST(InterruptCounter, MissesNoInterruptThatComesBeforeTheWait) {
  interrupt_counter arrived(2);
  arrived.raise(1);
  arrived.raise(1);
  arrived.raise(2);
  bool finished = false;
  sc_core::sc_spawn([&] {
    arrived.wait(1);
    EXPECT_TRUE(arrived.wait(1, us));
    EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::SC_ZERO_TIME);
    EXPECT_FALSE(arrived.wait(1, us)) << "both are taken";
    EXPECT_EQ(sc_core::sc_time_stamp(), us);
    EXPECT_FALSE(arrived.wait(0, sc_core::SC_ZERO_TIME));
    finished = true;
  });
  sc_core::sc_start();
  EXPECT_TRUE(finished);
  EXPECT_EQ(arrived.raised(1), 2U);
  EXPECT_EQ(arrived.raised(0), 0U);
  EXPECT_EQ(arrived.stray(), 1U);
}

TEST(InterruptCounter, AnInterruptOfAnotherVectorDoesNotEndTheWait) {
  interrupt_counter arrived(2);
  bool finished = false;
  sc_core::sc_spawn([&] {
    arrived.wait(0);
    EXPECT_EQ(sc_core::sc_time_stamp(), 3 * us);
    finished = true;
  });
  sc_core::sc_spawn([&] {
    sc_core::wait(2 * us);
    arrived.raise(1);
    sc_core::wait(us);
    arrived.raise(0);
  });
  sc_core::sc_start();
  EXPECT_TRUE(finished);
}

}  // namespace
}  // namespace ivshmem::test
