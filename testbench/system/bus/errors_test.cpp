// SPDX-License-Identifier: Apache-2.0
//
// Errors as PCIe has them, on a processor's side, in all timing modes [PCIe 2.8, 6.2].
#include <gmock/gmock.h>

#include <array>
#include <vector>

#include "modes.h"
#include "platform.h"

namespace ivshmem::test {
namespace {

constexpr std::uint32_t ones = 0xffff'ffff;
constexpr std::uint32_t bridge_command = 0x04;
constexpr std::uint32_t bridge_control = 0x3e;
constexpr std::uint32_t secondary_bus_reset = 0x40;

/// Two devices below a switch behind a root port, and one at a port of its own.
platform_config usual(timing_mode mode) {
  platform_config config;
  config.mode = mode;
  config.root_ports = true;
  config.slots = {{{{}, {}}}, {}};
  return config;
}

struct BusErrors : ModeTest {
  /// Accesses that nobody answered are counted at the processor when they have a completion, and
  /// where they ended when they are posted.
  bool timed() const { return GetParam() == timing_mode::tlm_cycle; }
};

TEST_P(BusErrors, AReadOfAnAddressWithoutBarGivesOnesAndIsCounted) {
  platform bus(usual(GetParam()));
  bus.run([&] {
    const std::uint64_t nowhere = bus.root.config().mmio[0].base + (64ULL << 20U);
    EXPECT_EQ(bus.read(nowhere), ones);
    EXPECT_EQ(bus.root.statistics().unclaimed, 1U);
    EXPECT_EQ(bus.read(bus.leaves[0].bar[0] + bar0::iv_position.offset), 0U) << "and goes on";
  });
}

TEST_P(BusErrors, AReadThatNobodyAnswersIsAnAddressErrorWhereThePlatformWantsIt) {
  platform_config config = usual(GetParam());
  config.root.unclaimed = pcie::unclaimed_access::error;
  platform bus(config);
  bus.run([&] {
    std::uint32_t value = 7;
    sc_core::sc_time delay;
    for (const std::uint64_t nowhere :
         {bus.root.config().mmio[0].base + std::uint64_t{64U << 20U}, std::uint64_t{0x1000}}) {
      EXPECT_EQ(bus.access(tlm::TLM_READ_COMMAND, nowhere, &value, 4, delay),
                tlm::TLM_ADDRESS_ERROR_RESPONSE);
      EXPECT_EQ(value, 7U);
    }
  });
}

TEST_P(BusErrors, MemorySpaceOffMakesEveryAccessUnsupported) {
  platform bus(usual(GetParam()));
  bus.run([&] {
    for (const platform::leaf& leaf : bus.leaves) {
      bus.configure(leaf.id, cfg::command, cfg::command_master);
      EXPECT_EQ(bus.read(leaf.bar[0] + bar0::iv_position.offset), ones);
      bus.write(leaf.bar[0] + bar0::intr_mask.offset, 5);
      bus.configure(leaf.id, cfg::command, cfg::command_master | cfg::command_memory);
      EXPECT_EQ(bus.read(leaf.bar[0] + bar0::intr_mask.offset), 0U) << "the write was dropped";
    }
    std::uint64_t at_devices = 0;
    for (const platform::leaf& leaf : bus.leaves) {
      at_devices += leaf.device->unsupported_requests();
    }
    EXPECT_EQ(at_devices, 6U);
  });
}

TEST_P(BusErrors, OnlyFunction0AndExistingDevicesAnswerConfigurationRequests) {
  platform bus(usual(GetParam()));
  bus.run([&] {
    const pcie::bdf leaf = bus.leaves[1].id;
    const auto function = pcie::make_bdf(pcie::bus_of(leaf), 0, 1);
    const auto device = pcie::make_bdf(pcie::bus_of(leaf), 1, 0);
    const auto other_bus = pcie::make_bdf(200, 0, 0);
    const auto no_slot = pcie::make_bdf(0, 9, 0);
    const auto bridge_function = pcie::make_bdf(0, 0, 1);
    const auto switch_function = pcie::make_bdf(1, 0, 1);
    const auto between = pcie::make_bdf(2, 7, 0);
    for (const pcie::bdf id :
         {function, device, other_bus, no_slot, bridge_function, switch_function, between}) {
      bus.write(bus.ecam(id, cfg::command.offset), 0, 2);
      EXPECT_EQ(bus.read(bus.ecam(id, 0)), ones) << std::hex << pcie::to_int(id);
    }
    EXPECT_EQ(bus.read(bus.ecam(leaf, cfg::command.offset), 2),
              std::uint64_t{cfg::command_memory | cfg::command_master});
    EXPECT_EQ(bus.root.statistics().unclaimed, 0U) << "configuration space is probed by design";
  });
}

TEST_P(BusErrors, ALostCompletionEndsTheReadAndNoOther) {
  platform_config config = usual(GetParam());
  config.root.completion_timeout = {50, sc_core::SC_US};
  platform bus(config);
  bus.expect_idle = false;  // the lost one stays outstanding below
  bus.run([&] {
    const std::uint64_t position = bus.leaves[1].bar[0] + bar0::iv_position.offset;
    bus.leaves[1].link->lose_completions(1);
    const sc_core::sc_time start = sc_core::sc_time_stamp();
    EXPECT_EQ(bus.read(position), ones);
    if (timed()) {
      EXPECT_EQ(sc_core::sc_time_stamp() - start, config.root.completion_timeout);
    }
    EXPECT_EQ(bus.root.statistics().completion_timeouts, timed() ? 1U : 0U);
    EXPECT_EQ(bus.root.statistics().unclaimed, 1U);
    EXPECT_EQ(bus.leaves[1].link->statistics().lost_completions, 1U);
    EXPECT_EQ(bus.read(position), 1U);
    bus.leaves[1].link->lose_completions(1);
    bus.write(bus.ecam(bus.leaves[1].id, cfg::cache_line.offset), 4, 1);
    EXPECT_EQ(bus.read(bus.ecam(bus.leaves[1].id, cfg::cache_line.offset), 1), 4U)
        << "only the completion was lost";
  });
}

TEST_P(BusErrors, APoisonedWriteChangesNothingAndIsCounted) {
  platform bus(usual(GetParam()));
  bus.run([&] {
    platform::leaf& leaf = bus.leaves[0];
    leaf.link->poison_writes(3);
    bus.write(leaf.bar[2] + 64, 0x1111, 4);
    bus.write(leaf.bar[0] + bar0::intr_mask.offset, 0x2222);
    bus.ring(0, 1, 0);
    bus.write(leaf.bar[2] + 72, 0x3333, 4);
    EXPECT_EQ(bus.read(leaf.bar[2] + 64), 0U);
    EXPECT_EQ(bus.read(leaf.bar[0] + bar0::intr_mask.offset), 0U);
    EXPECT_EQ(bus.read(leaf.bar[2] + 72), 0x3333U);
    EXPECT_EQ(leaf.device->inserted()->statistics().doorbells, 0U);
    EXPECT_EQ(leaf.link->statistics().poisoned, 3U);
    EXPECT_EQ(leaf.device->unsupported_requests(), 3U);
  });
}

TEST_P(BusErrors, AFaultHitsOnlyWhatGoesThroughItsLink) {
  platform_config config;
  config.mode = GetParam();
  config.slots = {{}, {}};
  platform bus(config);
  bus.run([&] {
    EXPECT_EQ(bus.read(bus.leaves[0].bar[2]), 0U) << "the first port answered last";
    bus.leaves[0].link->poison_writes(1);
    bus.write(bus.leaves[1].bar[2] + 64, 0x1111);
    EXPECT_EQ(bus.read(bus.leaves[1].bar[2] + 64), 0x1111U);
    EXPECT_EQ(bus.leaves[0].link->statistics().poisoned, 0U);
    EXPECT_EQ(bus.read(bus.leaves[0].bar[2]), 0U);
    bus.leaves[0].link->set_up(false);
    bus.write(bus.leaves[1].bar[2] + 64, 0x2222);
    EXPECT_EQ(bus.read(bus.leaves[1].bar[2] + 64), 0x2222U);
    EXPECT_EQ(bus.leaves[0].link->statistics().lost_posted, 0U);
  });
}

TEST_P(BusErrors, APoisonedMessageDoesNotReachMemory) {
  platform bus(usual(GetParam()));
  bus.run([&] {
    bus.program(0, 0, 0x1000, 0x5555);
    bus.leaves[0].link->poison_writes(1);
    bus.ring(1, 0, 0);
    sc_core::wait(100, sc_core::SC_US);
    EXPECT_EQ(bus.ram[0x1000], 0U);
    EXPECT_EQ(bus.root.statistics().poisoned, 1U);
    bus.ring(1, 0, 0);
    sc_core::wait(100, sc_core::SC_US);
    EXPECT_EQ(bus.ram[0x1000], 0x55U);
  });
}

TEST_P(BusErrors, WithoutBusMasteringNoMessagePassesABridgeOrLeavesADevice) {
  platform bus(usual(GetParam()));
  bus.run([&] {
    bus.program(0, 0, platform::msi_base, 1);
    const auto ring = [&] {
      bus.ring(1, 0, 0);
      sc_core::wait(100, sc_core::SC_US);
    };
    const std::uint64_t probed = bus.switches[0]->statistics().unrouted;  // by the enumeration
    const std::uint64_t probed_above = bus.bridges[0]->statistics().unrouted;
    const pcie::bdf root_port = pcie::make_bdf(0, 0, 0);
    const pcie::bdf upstream = pcie::make_bdf(1, 0, 0);
    const pcie::bdf downstream = pcie::make_bdf(2, 0, 0);
    for (const pcie::bdf bridge : {root_port, upstream, downstream}) {
      bus.write(bus.ecam(bridge, bridge_command), cfg::command_memory, 2);
      ring();
      EXPECT_EQ(bus.messages.size(), 0U) << std::hex << pcie::to_int(bridge);
      bus.write(bus.ecam(bridge, bridge_command), cfg::command_memory | cfg::command_master, 2);
    }
    EXPECT_EQ(bus.bridges[0]->statistics().unrouted - probed_above, 1U);
    EXPECT_EQ(bus.switches[0]->statistics().unrouted - probed, 2U);
    bus.configure(bus.leaves[0].id, cfg::command, cfg::command_memory);
    ring();
    EXPECT_EQ(bus.messages.size(), 0U);
    const auto& drops = bus.leaves[0].device->inserted()->statistics().drops;
    EXPECT_EQ(drops[static_cast<std::size_t>(drop_cause::bus_master_off)], 1U);
    bus.configure(bus.leaves[0].id, cfg::command, cfg::command_memory | cfg::command_master);
    ring();
    EXPECT_EQ(bus.messages.size(), 1U);
  });
}

TEST_P(BusErrors, SecondaryBusResetCutsOffWhatIsBelowUntilItIsSetUpAgain) {
  platform bus(usual(GetParam()));
  bus.run([&] {
    platform::leaf& leaf = bus.leaves[0];
    const pcie::bdf root_port = pcie::make_bdf(0, 0, 0);
    bus.write(leaf.bar[0] + bar0::intr_mask.offset, 7);
    bus.write(bus.ecam(root_port, bridge_control), secondary_bus_reset, 2);
    EXPECT_EQ(bus.read(bus.ecam(leaf.id, 0)), ones);
    EXPECT_EQ(bus.read(leaf.bar[0]), ones);
    EXPECT_EQ(bus.read(bus.leaves[2].bar[0] + bar0::iv_position.offset), 2U)
        << "the other root port goes on";
    bus.write(bus.ecam(root_port, bridge_control), 0, 2);
    EXPECT_EQ(bus.read(leaf.bar[0]), ones);
    bus.boot();
    EXPECT_EQ(bus.read(bus.leaves[0].bar[0] + bar0::intr_mask.offset), 0U);
  });
}

TEST_P(BusErrors, NoDirectAccessGoesRoundAFaultThatWaits) {
  platform bus(usual(GetParam()));
  bus.run([&] {
    tlm::tlm_generic_payload trans;
    trans.set_command(tlm::TLM_WRITE_COMMAND);
    trans.set_address(bus.leaves[0].bar[2]);
    tlm::tlm_dmi dmi;
    EXPECT_EQ(bus.cpu->get_direct_mem_ptr(trans, dmi), !timed());
    bus.leaves[0].link->poison_writes(1);
    EXPECT_FALSE(bus.cpu->get_direct_mem_ptr(trans, dmi));
    bus.write(bus.leaves[0].bar[2], 1);
    EXPECT_EQ(bus.cpu->get_direct_mem_ptr(trans, dmi), !timed());
    bus.leaves[0].link->set_up(false);
    EXPECT_FALSE(bus.cpu->get_direct_mem_ptr(trans, dmi));
  });
}

INSTANTIATE_MODES(BusErrors);

}  // namespace
}  // namespace ivshmem::test
