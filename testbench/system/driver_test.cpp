// SPDX-License-Identifier: Apache-2.0
//
// The public driver on every kind of platform, and what it refuses.
#include "ivshmem/tlm/driver.h"

#include <gmock/gmock.h>

#include <memory>
#include <optional>

#include "bus/modes.h"
#include "ivshmem/model/timing.h"
#include "ivshmem/tlm/in_process_fabric.h"
#include "node.h"

namespace ivshmem::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const sc_core::sc_time us(1, sc_core::SC_US);

pcie::root_complex_config root_in(timing_mode mode) {
  pcie::root_complex_config config;
  config.mode = mode;
  return config;
}
timing_config timing_in(timing_mode mode) {
  timing_config timing;
  timing.mode = mode;
  return timing;
}
device_properties with_intx() {
  device_properties properties;
  properties.variant = device_variant::legacy;
  properties.msi = properties.ioeventfd = false;
  return properties;
}

/// One place on bus 0, its driver, and an interrupt controller that counts what arrives.
struct driver_platform {
  bench machine;
  std::vector<std::uint8_t> shared = std::vector<std::uint8_t>(1U << 16U);
  in_process_fabric fabric{"fabric", {shared.data(), shared.size()}};
  endpoint place;
  sc_core::sc_vector<sc_core::sc_signal<bool>> lines{"lines", 4};
  recording_observer observer;
  interrupt_counter arrived{4};
  std::optional<pcie::ecam_access> config;
  std::optional<pci_access> access;
  std::optional<driver> device;

  explicit driver_platform(timing_mode mode = timing_mode::functional)
      : machine(root_in(mode)), place("place", timing_in(mode)) {
    machine.root.downstream(0).bind(place.pcie);
    machine.root.intx.bind(lines);
    machine.on_interrupt = [this](std::uint32_t data) { arrived.raise(data); };
  }
  auto enumerate() {
    config.emplace(*machine.cpu.operator->(), machine.root.config().ecam.base);
    return pcie::enumerate(*config, {machine.root.config().mmio[0], machine.root.config().mmio[1]});
  }
  void find(annotated_delay delay = annotated_delay::waited_for) {
    const auto function = find_device(enumerate());
    ASSERT_TRUE(function) << to_string(function.error());
    access.emplace(*config, *machine.cpu.operator->(), *function, delay);
    device.emplace(*access, function->msix_vectors);
  }
  void run(const device_properties& properties, const std::function<void()>& body) {
    ASSERT_TRUE(place.insert(properties, fabric.join(properties.vectors)));
    machine.run([&] {
      find();
      body();
    });
  }
};

template <class T>
std::string text_of(const result<T>& refused) {
  return refused ? "accepted" : to_string(refused.error());
}

class Driver : public ModeTest {
 protected:
  driver_platform platform{GetParam()};
};
INSTANTIATE_MODES(Driver);

TEST_P(Driver, SetsADeviceUpRingsItAndWaitsForItsInterrupts) {
  platform.run(doorbell_of(4), [&] {
    driver& device = *platform.device;
    EXPECT_TRUE(device.is_present());
    EXPECT_EQ(device.vectors(), 4U);
    EXPECT_EQ(driver::read_vectors(*platform.access), 4U);
    device.set_up_vectors(bench::msi_base);
    const peer_id self = device.read_id();
    device.ring(self, 3);
    platform.arrived.wait(3);
    EXPECT_TRUE(device.mask(3));
    device.ring(self, 3);
    EXPECT_FALSE(platform.arrived.wait(3, 10 * us)) << "masked";
    EXPECT_TRUE(device.unmask(3));
    EXPECT_TRUE(platform.arrived.wait(3, 10 * us)) << "pending until now";
    device.set_msix(true, true);
    device.ring(self, 0);
    EXPECT_FALSE(platform.arrived.wait(0, 10 * us)) << "the function is masked";
    device.set_msix(true);
    EXPECT_TRUE(platform.arrived.wait(0, 10 * us));
    device.set_bus_master(false);
    device.ring(self, 1);
    EXPECT_FALSE(platform.arrived.wait(1, 10 * us)) << "may not leave the device";
    device.set_bus_master(true);
    device.ring(self, 1);
    EXPECT_TRUE(platform.arrived.wait(1, 10 * us));
    EXPECT_EQ(platform.access->failed(), 0U);
  });
}

TEST_P(Driver, KnowsWhereTheSharedMemoryIs) {
  platform.run(doorbell_of(1), [&] {
    platform.shared[0x123] = 0x5a;
    EXPECT_EQ(platform.machine.read(platform.access->address(2, 0x123), 1), 0x5aU);
    EXPECT_EQ(platform.device->read_bar(2), platform.access->address(2));
    EXPECT_EQ(platform.device->read_bar(1), platform.access->address(1));
  });
}

TEST_P(Driver, BringsADeviceBackAfterAReset) {
  platform.run(doorbell_of(1), [&] {
    driver& device = *platform.device;
    device.write(bar0::intr_mask, 7);
    platform.place.reset();
    sc_core::wait(us);
    EXPECT_EQ(device.read(bar0::intr_mask), 0xffff'ffffU) << "not decoded";
    EXPECT_TRUE(device.is_present());
    platform.access->place_bars();
    device.enable();
    EXPECT_EQ(device.read(bar0::intr_mask), 0U);
    device.write(bar0::intr_mask, 8);
    EXPECT_EQ(device.read(bar0::intr_mask), 8U);
    platform.place.eject();
    EXPECT_FALSE(device.is_present());
  });
}

TEST_P(Driver, TakesTheInterruptOfAPinAndItsStatus) {
  platform.run(with_intx(), [&] {
    driver& device = *platform.device;
    EXPECT_EQ(device.vectors(), 0U);
    device.write(bar0::intr_mask, 1);
    for (int i = 0; i < 3; ++i) {
      device.ring(device.read_id(), 0);
      EXPECT_EQ(wait_for_intx(device, platform.lines[0]), 1U);
    }
    sc_core::wait(10 * us);
    EXPECT_FALSE(platform.lines[0].read());
    EXPECT_EQ(device.take_status(), 0U);
  });
}

TEST_P(Driver, ReadsThatAPlainDeviceHasNeitherVectorsNorPeers) {
  device_properties plain;
  platform.run(plain, [&] {
    driver& device = *platform.device;
    // Where another variant has its capability, this one has storage.
    platform.access->write_config(cfg::msix_capability, 1, cfg::msix_capability_id);
    EXPECT_EQ(driver::read_vectors(*platform.access), 0U);
    EXPECT_EQ(device.read_id(), peer_id{0});
    EXPECT_EQ(text_of(device.unmask(0)),
              "vector 0 is not in the MSI-X table: the device has no MSI-X");
    const std::uint64_t memory = platform.access->address(2);
    platform.machine.write(memory, 0x77, 1);
    EXPECT_EQ(platform.machine.read(memory, 1), 0x77U);
    EXPECT_EQ(platform.shared[0], 0x77);
  });
}

TEST(DriverRefusal, AVectorThatTheDeviceDoesNotHaveIsNotWritten) {
  driver_platform platform;
  platform.place.observe(&platform.observer);
  platform.run(doorbell_of(4), [&] {
    driver& device = *platform.device;
    platform.observer.take();
    const std::string text = "vector 4 is not in the MSI-X table: must be from 0 to 3";
    EXPECT_EQ(text_of(device.program(4, {bench::msi_base, 0})), text);
    EXPECT_EQ(text_of(device.mask(4)), text);
    EXPECT_EQ(text_of(device.unmask(4)), text);
    EXPECT_THAT(platform.observer.take(), IsEmpty());
    EXPECT_EQ(text_of(device.mask(3)), "accepted");
    EXPECT_THAT(platform.observer.take(), ElementsAre("write 1+60,4"));
  });
}

TEST(DriverRefusal, ADeviceThatIsNotThereIsNamedWithThoseThatAre) {
  driver_platform platform;
  platform.machine.run([&] {
    EXPECT_EQ(text_of(find_device(platform.enumerate())),
              "ivshmem device 0 is not on the bus: no ivshmem device was found");
    ASSERT_TRUE(platform.place.insert(doorbell_of(1), platform.fabric.join(1)));
    const auto found = platform.enumerate();
    EXPECT_EQ(text_of(find_device(found, 0)), "accepted");
    EXPECT_EQ(text_of(find_device(found, 1)),
              "ivshmem device 1 is not on the bus: must be from 0 to 0");
  });
}

TEST(DriverRefusal, ABarThatDoesNotFitIntoItsWindowIsNamed) {
  driver_platform platform;
  ASSERT_TRUE(platform.place.insert(device_properties{}, platform.fabric.join(1)));
  platform.machine.run([&] {
    ASSERT_TRUE(platform.enumerate());
    const auto found = pcie::enumerate(*platform.config, {{0xc000'0000, 0x2000}, {}});
    const auto function = find_device(found);
    ASSERT_FALSE(function);
    EXPECT_EQ(function.error().code, host_errc::driver_room);
    EXPECT_EQ(to_string(function.error()),
              "BAR2 of device 0 on bus 0 wants 65536 bytes: no room in the window");
  });
}

TEST(DriverTime, AccessesLastAsLongAsTheyAnnotateUnlessThatIsIgnored) {
  driver_platform platform{timing_mode::tlm_lt};
  platform.run(doorbell_of(1), [&] {
    const sc_core::sc_time cycle = timing_config{}.clock_period;
    const sc_core::sc_time begin = sc_core::sc_time_stamp();
    platform.device->read_id();
    EXPECT_EQ(sc_core::sc_time_stamp() - begin, timing::register_cycles * cycle);
    platform.find(annotated_delay::ignored);
    const sc_core::sc_time again = sc_core::sc_time_stamp();
    platform.device->read_id();
    platform.device->set_up_vectors(bench::msi_base);
    EXPECT_EQ(sc_core::sc_time_stamp(), again);
  });
}

}  // namespace
}  // namespace ivshmem::test
