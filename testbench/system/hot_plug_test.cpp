// SPDX-License-Identifier: Apache-2.0
//
// Devices that come and go while the simulation runs, and those that must not come at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ivshmem/tlm/in_process_fabric.h"
#include "node.h"

namespace ivshmem::test {
namespace {

struct HotPlug : testing::Test {
  bench platform;
  std::vector<std::uint8_t> shared = std::vector<std::uint8_t>(min_memory_bytes);
  memory_view memory{shared.data(), shared.size()};
  endpoint place{"place"};
  node cpu{platform, 0};

  HotPlug() { platform.root.downstream(0).bind(place.pcie); }
};

template <class Action>
std::string report_of(Action action) {
  try {
    action();
  } catch (const sc_core::sc_report& report) {
    return report.get_msg();
  }
  return "accepted";
}

TEST_F(HotPlug, AnEmptyPlaceAnswersNothing) {
  platform.run([&] {
    EXPECT_EQ(platform.config(cpu.id, cfg::vendor_id), 0xffffU);
    EXPECT_EQ(platform.read(cpu.bar0), 0xffff'ffffU);
    std::uint64_t value = 0;
    EXPECT_EQ(platform.debug(tlm::TLM_READ_COMMAND, cpu.bar0, value, 4), 0U);
    EXPECT_EQ(place.inserted(), nullptr);
    place.reset();
    place.eject();
    platform.root.reset_bus();
  });
}

TEST_F(HotPlug, ADeviceMayComeWhileTheSimulationRuns) {
  platform.run([&] {
    sc_core::wait(1, sc_core::SC_US);
    device_properties properties = doorbell_of(2);
    properties.hot_plugged = true;
    ASSERT_TRUE(place.insert(properties, memory));
    EXPECT_EQ(platform.config(cpu.id, cfg::command), cfg::command_io | cfg::command_memory);
    cpu.start();
    platform.write(cpu.bar2, 0x42, 1);
    EXPECT_EQ(shared[0], 0x42U);
    place.reset();
    EXPECT_EQ(platform.config(cpu.id, cfg::command), 0U);
  });
}

TEST_F(HotPlug, AnotherDeviceMayTakeThePlace) {
  platform.run([&] {
    ASSERT_TRUE(place.insert(doorbell_of(2), memory));
    cpu.start();
    cpu.set(bar0::intr_mask, 7);
    place.eject();
    EXPECT_EQ(platform.read(cpu.bar0), 0xffff'ffffU);
    ASSERT_TRUE(place.insert(device_properties{}, memory));
    EXPECT_EQ(platform.config(cpu.id, cfg::command), 0U);
    EXPECT_EQ(platform.read(cpu.bar0), 0xffff'ffffU) << "not where the old one was";
    cpu.start();
    EXPECT_EQ(cpu.get(bar0::intr_mask), 0U);
  });
}

TEST_F(HotPlug, ARefusedDeviceLeavesThePlaceEmpty) {
  const auto vectors = place.insert(doorbell_of(0), memory);
  ASSERT_FALSE(vectors);
  EXPECT_EQ(vectors.error().text(),
            "vectors = 0: The number of MSI-X vectors is invalid: must be from 1 to 2048");
  EXPECT_EQ(place.inserted(), nullptr);
  const auto size = place.insert(device_properties{}, {shared.data(), 3000});
  ASSERT_FALSE(size);
  EXPECT_EQ(size.error().property, "size");
  EXPECT_EQ(place.inserted(), nullptr);
}

TEST_F(HotPlug, AnOccupiedPlaceRefusesASecondDevice) {
  ASSERT_TRUE(place.insert(device_properties{}, memory));
  const device* first = place.inserted();
  in_process_fabric fabric("fabric", memory);
  for (const auto& inserted :
       {place.insert(device_properties{}, memory), place.insert(doorbell_of(1), fabric.join(1))}) {
    ASSERT_FALSE(inserted);
    EXPECT_EQ(inserted.error().text(), "device = plain: the place must be empty, eject it first");
  }
  EXPECT_EQ(place.inserted(), first);
  EXPECT_EQ(fabric.connected(), 0U);
}

TEST_F(HotPlug, AnUnbootableDeviceIsAnElaborationErrorWithNameAndRange) {
  EXPECT_EQ(report_of([&] { endpoint("bad", doorbell_of(3000), memory); }),
            "bad: vectors = 3000: The number of MSI-X vectors is invalid: must be from 1 to 2048");
  device_properties master = doorbell_of(1);
  master.master = master_mode::on;
  in_process_fabric fabric("fabric", memory);
  fabric.join(1);
  EXPECT_EQ(report_of([&] { endpoint("late", master, fabric.join(1)); }),
            "late: master = on: master must connect to the server before any peers: needs ID 0, "
            "this is ID 1");
}

TEST_F(HotPlug, AnEjectTellsThePeersAndASecondOneIsHarmless) {
  in_process_fabric fabric("fabric", memory);
  endpoint other("other", doorbell_of(1), fabric.join(1));
  fabric_seat& seat = fabric.join(1);
  ASSERT_TRUE(place.insert(doorbell_of(1), seat));
  EXPECT_EQ(other.inserted()->peers().vectors(peer_id{1}), 1U);
  place.eject();
  place.eject();
  EXPECT_TRUE(other.inserted()->peers().has_left(peer_id{1}));
  EXPECT_EQ(fabric.connected(), 1U);
}

TEST_F(HotPlug, TheEndOfAnEndpointTellsThePeers) {
  in_process_fabric fabric("fabric", memory);
  endpoint other("other", doorbell_of(1), fabric.join(1));
  {
    endpoint brief("brief", doorbell_of(1), fabric.join(1));
    EXPECT_EQ(fabric.connected(), 2U);
  }
  EXPECT_EQ(fabric.connected(), 1U);
  EXPECT_TRUE(other.inserted()->peers().has_left(peer_id{1}));
}

TEST(UnboundEndpoint, IsALinkThatIsDown) {
  std::vector<std::uint8_t> shared(min_memory_bytes);
  bench platform;
  in_process_fabric fabric("fabric", {shared.data(), shared.size()});
  endpoint alone("alone", doorbell_of(1), fabric.join(1));
  platform.run([&] {
    device& dut = *alone.inserted();
    dut.config_write(cfg::command.offset, 2, cfg::command_master);
    dut.config_write(cfg::msix_control.offset, 2, cfg::msix_enable);
    const std::uint32_t unmasked = 0;
    dut.write(1, bar1::entry_control, reinterpret_cast<const std::uint8_t*>(&unmasked), 4);
    dut.notify(vector_index{0});
    EXPECT_EQ(dut.statistics().messages, 1U) << "sent, and nobody took it";
    EXPECT_EQ(platform.config(pcie::make_bdf(0, 0, 0), cfg::vendor_id), 0xffffU);
  });
}

}  // namespace
}  // namespace ivshmem::test
