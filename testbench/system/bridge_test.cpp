// SPDX-License-Identifier: Apache-2.0
//
// A root port between the root complex and an endpoint: bus 1 behind device 2 of bus 0.
#include "ivshmem/tlm/pcie/bridge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ivshmem/tlm/in_process_fabric.h"
#include "node.h"

namespace ivshmem::test {
namespace {

// Fields of a type 1 header [PCIe 7.5.1.3].
constexpr std::uint32_t bus_numbers = 0x18;
constexpr std::uint32_t memory_window = 0x20;
constexpr std::uint32_t prefetch_window = 0x24;
constexpr std::uint32_t prefetch_high_base = 0x28;
constexpr std::uint32_t prefetch_high_limit = 0x2c;
constexpr std::uint32_t bridge_control = 0x3e;
constexpr std::uint32_t secondary_bus_reset = 0x40;

struct Bridge : testing::Test {
  bench platform{one_port()};
  std::vector<std::uint8_t> shared = std::vector<std::uint8_t>(1U << 20U);
  in_process_fabric fabric{"fabric", {shared.data(), shared.size()}};
  pcie::bridge port{"port"};
  endpoint dut{"dut", doorbell_of(2), fabric.join(2)};
  sc_core::sc_vector<sc_core::sc_signal<bool>> lines{"lines", 4};
  pcie::bdf id = pcie::make_bdf(0, 2, 0);
  node cpu{platform, 0, 1};

  Bridge() {
    platform.root.downstream(2).bind(port.upstream);
    port.downstream.bind(dut.pcie);
    platform.root.intx.bind(lines);
  }
  static pcie::root_complex_config one_port() {
    pcie::root_complex_config config;
    config.devices = {2};
    return config;
  }
  std::uint64_t get(std::uint32_t offset, unsigned bytes = 4) {
    return platform.read(platform.ecam(id, offset), bytes);
  }
  void set(std::uint32_t offset, std::uint64_t value, unsigned bytes = 4) {
    platform.write(platform.ecam(id, offset), value, bytes);
  }
  void open() {
    set(bus_numbers, 0x01'01'00);
    const auto unit = [](std::uint64_t address) { return (address >> 16U) & 0xfff0U; };
    set(memory_window, unit(cpu.bar0) | unit(cpu.bar0 + 0xf'ffff) << 16U);
    set(prefetch_window, unit(cpu.bar2) | unit(cpu.bar2 + 0xf'ffff) << 16U);
    set(prefetch_high_base, cpu.bar2 >> 32U);
    set(prefetch_high_limit, cpu.bar2 >> 32U);
    set(cfg::command.offset, cfg::command_memory | cfg::command_master, 2);
  }
  void run(const std::function<void()>& body) {
    platform.run([&] {
      open();
      cpu.start();
      body();
    });
  }
};

TEST_F(Bridge, HasAType1HeaderAndAnExpressCapability) {
  platform.run([&] {
    EXPECT_EQ(get(0), 0x000c'1b36U);
    EXPECT_EQ(get(0x0a, 2), 0x0604U) << "PCI-to-PCI bridge";
    EXPECT_EQ(get(0x0e, 1), 1U);
    const auto capability = static_cast<std::uint32_t>(get(0x34, 1));
    EXPECT_EQ(get(capability, 1), cfg::express_capability_id);
    EXPECT_EQ((get(capability + 2, 2) >> 4U) & 0xfU, 4U) << "root port";
    EXPECT_EQ(get(bus_numbers), 0U);
  });
}

TEST_F(Bridge, LeadsNowhereUntilItIsProgrammed) {
  platform.run([&] {
    EXPECT_EQ(platform.config(cpu.id, cfg::vendor_id), 0xffffU);
    EXPECT_EQ(platform.read(cpu.bar0), 0xffff'ffffU);
  });
}

TEST_F(Bridge, TurnsType1IntoType0ForItsSecondaryBus) {
  run([&] {
    EXPECT_EQ(platform.config(cpu.id, cfg::vendor_id), 0x1af4U);
    EXPECT_EQ(platform.config(pcie::make_bdf(1, 1, 0), cfg::vendor_id), 0xffffU)
        << "a link has one device";
    EXPECT_EQ(platform.config(pcie::make_bdf(2, 0, 0), cfg::vendor_id), 0xffffU);
  });
}

TEST_F(Bridge, ForwardsWhatIsInItsWindows) {
  run([&] {
    cpu.set(bar0::intr_mask, 0x55);
    EXPECT_EQ(cpu.get(bar0::intr_mask), 0x55U);
    platform.write(cpu.bar2, 0x77, 1);
    EXPECT_EQ(shared[0], 0x77U);
    set(memory_window, 0x0000'fff0);
    EXPECT_EQ(platform.read(cpu.bar0), 0xffff'ffffU) << "the window is closed";
    EXPECT_EQ(platform.read(cpu.bar2, 1), 0x77U) << "the other one is open";
    set(cfg::command.offset, cfg::command_master, 2);
    EXPECT_EQ(platform.read(cpu.bar2, 1), 0xffU);
  });
}

TEST_F(Bridge, DebugAndDirectAccessPass) {
  run([&] {
    std::uint64_t value = 0;
    EXPECT_EQ(platform.debug(tlm::TLM_READ_COMMAND, cpu.bar0 + bar0::iv_position.offset, value, 4),
              4U);
    EXPECT_EQ(platform.debug(tlm::TLM_READ_COMMAND, platform.ecam(cpu.id, 0), value, 4), 4U);
    EXPECT_EQ(value, 0x1110'1af4U);
    tlm::tlm_dmi dmi;
    ASSERT_TRUE(platform.direct(cpu.bar2, dmi));
    EXPECT_EQ(dmi.get_dmi_ptr(), shared.data());
  });
}

TEST_F(Bridge, ItsOwnWindowsTakeBackDirectAccess) {
  run([&] {
    tlm::tlm_dmi dmi;
    for (const std::uint32_t offset : {prefetch_window, cfg::command.offset}) {
      ASSERT_TRUE(platform.direct(cpu.bar2, dmi));
      platform.invalidated.clear();
      set(offset, offset == prefetch_window ? 0x0000'fff0 : 0, 2);
      ASSERT_EQ(platform.invalidated.size(), 1U) << offset;
      EXPECT_EQ(platform.invalidated[0],
                (bench::range{dmi.get_start_address(), dmi.get_end_address()}));
      EXPECT_FALSE(platform.direct(cpu.bar2, dmi)) << offset;
      platform.invalidated.clear();
      open();
      EXPECT_TRUE(platform.invalidated.empty()) << "nothing was given: " << offset;
    }
  });
}

TEST_F(Bridge, BusMasteringOffBlocksWhatComesFromBelow) {
  run([&] {
    cpu.program(0, bench::msi_base, 0x40);
    cpu.msix();
    set(cfg::command.offset, cfg::command_memory, 2);
    dut.inserted()->notify(vector_index{0});
    EXPECT_TRUE(platform.interrupts.empty());
    set(cfg::command.offset, cfg::command_memory | cfg::command_master, 2);
    dut.inserted()->notify(vector_index{0});
    EXPECT_EQ(platform.interrupts.size(), 1U);
  });
}

TEST_F(Bridge, AMessageToADeviceOnItsOwnBusComesBackDown) {
  run([&] {
    cpu.program(0, cpu.bar0 + bar0::intr_mask.offset, 0x99);
    cpu.msix();
    dut.inserted()->notify(vector_index{0});
    EXPECT_EQ(cpu.get(bar0::intr_mask), 0x99U);
  });
}

TEST_F(Bridge, SecondaryBusResetResetsWhatIsBelowAndHoldsIt) {
  run([&] {
    cpu.set(bar0::intr_mask, 0x55);
    set(bridge_control, secondary_bus_reset, 2);
    EXPECT_EQ(platform.config(cpu.id, cfg::vendor_id), 0xffffU) << "in reset";
    EXPECT_EQ(platform.read(cpu.bar0), 0xffff'ffffU);
    set(bridge_control, 0, 2);
    EXPECT_EQ(platform.config(cpu.id, cfg::command), 0U);
    EXPECT_EQ(get(bus_numbers), 0x01'01'00U) << "the bridge itself is not reset";
    cpu.start();
    EXPECT_EQ(cpu.get(bar0::intr_mask), 0U);
    EXPECT_EQ(cpu.get(bar0::iv_position), 0U);
  });
}

TEST_F(Bridge, AResetOfTheBusResetsBridgeAndDevice) {
  run([&] {
    platform.root.reset_bus();
    EXPECT_EQ(get(bus_numbers), 0U);
    open();
    EXPECT_EQ(platform.config(cpu.id, cfg::command), 0U);
  });
}

TEST_F(Bridge, IntxPassesWithTheNumberOfThePort) {
  dut.eject();
  device_properties legacy;
  legacy.variant = device_variant::legacy;
  legacy.msi = legacy.ioeventfd = false;
  ASSERT_TRUE(dut.insert(legacy, fabric.join(1)));
  run([&] {
    cpu.set(bar0::intr_mask, 1);
    cpu.set(bar0::intr_status, 1);
    sc_core::wait(1, sc_core::SC_NS);
    EXPECT_TRUE(lines[2].read()) << "pin A of device 0 behind device 2";
    set(bridge_control, secondary_bus_reset, 2);
    sc_core::wait(1, sc_core::SC_NS);
    EXPECT_FALSE(lines[2].read());
  });
}

TEST(NestedBridges, PassRequestsForTheBusesBehindThem) {
  std::vector<std::uint8_t> shared(min_memory_bytes);
  bench platform;
  pcie::bridge outer("outer");
  pcie::bridge inner("inner");
  endpoint dut("dut", device_properties{}, {shared.data(), shared.size()});
  platform.root.downstream(0).bind(outer.upstream);
  outer.downstream.bind(inner.upstream);
  inner.downstream.bind(dut.pcie);
  const pcie::bdf below = pcie::make_bdf(2, 0, 0);
  platform.run([&] {
    platform.write(platform.ecam(pcie::make_bdf(0, 0, 0), bus_numbers), 0x01'01'00);
    platform.write(platform.ecam(pcie::make_bdf(1, 0, 0), bus_numbers), 0x02'02'01);
    EXPECT_EQ(platform.config(below, cfg::vendor_id), 0xffffU) << "subordinate bus is 1";
    platform.write(platform.ecam(pcie::make_bdf(0, 0, 0), bus_numbers), 0x02'01'00);
    EXPECT_EQ(platform.config(below, cfg::vendor_id), 0x1af4U);
    EXPECT_EQ(platform.config(pcie::make_bdf(3, 0, 0), cfg::vendor_id), 0xffffU);
  });
}

}  // namespace
}  // namespace ivshmem::test
