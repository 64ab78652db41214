// SPDX-License-Identifier: Apache-2.0
//
// rtl_device where an access turns the clock on the spot.
#include <gmock/gmock.h>

#include <array>

#include "rtl_device_bench.h"

namespace ivshmem::rtl::test {
namespace {

using testing::ElementsAre;

class RtlDevice : public testing::Test {
 protected:
  static void insert(rtl_device_bench& bench, const device_properties& properties,
                     memory_view memory) {
    const auto inserted = bench.device.insert(properties, memory);
    ASSERT_TRUE(inserted) << inserted.error().text();
  }

  std::array<std::uint8_t, 8192> bytes{};
  memory_view memory{bytes.data(), bytes.size()};
};

TEST_F(RtlDevice, AnEmptyPlaceAnswersAsUnsupported) {
  rtl_device_bench bench(timing_mode::functional);
  std::uint32_t value = 0;
  sc_core::sc_time delay;
  EXPECT_FALSE(bench.access(pcie::tlp_type::config_read_0, 0, &value, 4, delay));
  EXPECT_EQ(bench.device.unsupported_requests(), 1U);
}

TEST_F(RtlDevice, AnEmptyPlaceShowsOnesAndNobody) {
  const rtl_device empty("empty");
  EXPECT_EQ(empty.statistics().rung, 0U);
  EXPECT_EQ(empty.peers().vectors(peer_id{0}), 0U);
  EXPECT_EQ(empty.peek_config(0, 4), 0xffff'ffffU);
  std::uint8_t byte = 0;
  empty.peek(1, 0, &byte, 1);
  EXPECT_EQ(byte, 0xff);
}

TEST_F(RtlDevice, RegistersAndMemoryAnswerAtOnceInAFunctionalPlatform) {
  rtl_device_bench bench(timing_mode::functional);
  insert(bench, doorbell(), memory);
  bench.place();
  bench.write(rtl_device_bench::bar0_base, 0x1234);
  EXPECT_EQ(bench.read(rtl_device_bench::bar0_base), 0x1234U);
  bench.write(rtl_device_bench::bar2_base + 0x101, 0xa1b2c3d4);
  EXPECT_EQ(bench.read(rtl_device_bench::bar2_base + 0x101), 0xa1b2c3d4U);
  EXPECT_EQ(bytes[0x101], 0xd4);
  EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::SC_ZERO_TIME);
}

TEST_F(RtlDevice, TlmLtCountsTheCyclesOfAnAccess) {
  rtl_device_bench bench(timing_mode::tlm_lt);
  insert(bench, doorbell(), memory);
  bench.place();
  std::uint32_t value = 0;
  sc_core::sc_time delay(1, sc_core::SC_NS);
  bench.access(pcie::tlp_type::memory_read, rtl_device_bench::bar0_base + 8, &value, 4, delay);
  EXPECT_EQ(delay, sc_core::sc_time(4 + 4 * timing::register_cycles, sc_core::SC_NS));
}

TEST_F(RtlDevice, TlmLtAddsNothingToTheEndOfTime) {
  rtl_device_bench bench(timing_mode::tlm_lt);
  insert(bench, doorbell(), memory);
  bench.place();
  std::uint32_t value = 0;
  sc_core::sc_time delay = sc_core::sc_max_time();
  bench.access(pcie::tlp_type::memory_read, rtl_device_bench::bar0_base + 8, &value, 4, delay);
  EXPECT_EQ(delay, sc_core::sc_max_time());
}

TEST_F(RtlDevice, TlmLtCountsTheCyclesOfARequestThatIsNeverCompleted) {
  rtl_device_bench bench(timing_mode::tlm_lt);
  insert(bench, doorbell(), memory);
  bench.place();
  std::uint64_t value = 0;
  sc_core::sc_time delay(4, sc_core::SC_NS);
  // Malformed: it crosses 4 KiB.
  EXPECT_FALSE(bench.access(pcie::tlp_type::memory_read, rtl_device_bench::bar2_base + 4092, &value,
                            8, delay));
  EXPECT_GT(delay, sc_core::sc_time(4, sc_core::SC_NS));
  EXPECT_LT(delay, sc_core::sc_time(1, sc_core::SC_US));
}

TEST_F(RtlDevice, InTlmLtAResetSpeaksNowAndNotAfterTheAccessBefore) {
  struct : endpoint_observer {
    void on_intx(bool asserted, const sc_core::sc_time& delay) override {
      last = asserted ? sc_core::sc_max_time() : delay;
    }
    sc_core::sc_time last = sc_core::sc_max_time();
  } seen;
  rtl_device_bench bench(timing_mode::tlm_lt);
  device_properties properties;
  properties.variant = device_variant::legacy;
  properties.msi = false;
  properties.ioeventfd = false;
  insert(bench, properties, memory);
  bench.device.observe(&seen);
  bench.place();
  bench.write(rtl_device_bench::bar0_base + bar0::intr_mask.offset, 1);
  bench.write(rtl_device_bench::bar0_base + bar0::intr_status.offset, 1);
  std::array<std::uint8_t, 4096> block{};
  sc_core::sc_time delay;
  bench.access(pcie::tlp_type::memory_read, rtl_device_bench::bar2_base, block.data(), 4096, delay);
  ASSERT_GT(delay, sc_core::sc_time(1, sc_core::SC_US));
  bench.device.reset();
  EXPECT_LT(seen.last, sc_core::sc_time(1, sc_core::SC_US));
  bench.device.observe(nullptr);
}

TEST_F(RtlDevice, WhatTheRtlDoesNotHaveIsRefusedWithItsName) {
  rtl_device_bench bench(timing_mode::functional);
  device_properties properties = doorbell();
  properties.irq_path = interrupt_path::irqfd;
  const auto inserted = bench.device.insert(properties, memory);
  ASSERT_FALSE(inserted);
  EXPECT_EQ(inserted.error().text(),
            "irq_path = irqfd: the RTL has no hypervisor around it: must be event_loop");
  EXPECT_TRUE(bench.device.is_empty());
}

TEST_F(RtlDevice, NeedsACycleToLookAhead) {
  rtl_device_config config;
  config.batch_cycles = 0;
  try {
    const rtl_device blind("blind", {}, config);
    ADD_FAILURE() << "no report";
  } catch (const sc_core::sc_report& report) {
    EXPECT_EQ(report.get_msg(), std::string("blind: ") + "batch_cycles = 0: must be 1 or more");
  }
}

TEST_F(RtlDevice, ASecondDeviceInOnePlaceIsRefused) {
  rtl_device_bench bench(timing_mode::functional);
  insert(bench, doorbell(), memory);
  EXPECT_FALSE(bench.device.insert(doorbell(), memory));
  bench.device.eject();
  EXPECT_TRUE(bench.device.insert(doorbell(), memory));
}

TEST_F(RtlDevice, AHotPluggedDeviceStartsWithCommandThree) {
  rtl_device_bench bench(timing_mode::functional);
  device_properties properties = doorbell();
  insert(bench, properties, memory);
  EXPECT_EQ(bench.device.peek_config(cfg::command.offset, 2), 0U);
  bench.device.eject();
  properties.hot_plugged = true;
  insert(bench, properties, memory);
  EXPECT_EQ(bench.device.peek_config(cfg::command.offset, 2), 3U);
  bench.device.reset();
  EXPECT_EQ(bench.device.peek_config(cfg::command.offset, 2), 0U);
}

TEST_F(RtlDevice, DebugTransportHasNoSideEffect) {
  rtl_device_bench bench(timing_mode::functional);
  insert(bench, doorbell(), memory);
  bench.place();
  bench.write(rtl_device_bench::bar0_base + 4, 7);
  for (int i = 0; i < 2; ++i) {
    std::uint32_t status = 0;
    bench.device.peek(0, 4, reinterpret_cast<std::uint8_t*>(&status), 4);
    EXPECT_EQ(status, 7U);
  }
  EXPECT_EQ(bench.read(rtl_device_bench::bar0_base + 4), 7U);
  EXPECT_EQ(bench.read(rtl_device_bench::bar0_base + 4), 0U);
}

TEST_F(RtlDevice, DirectMemoryIsGrantedAndTakenBackWithTheWindow) {
  rtl_device_bench bench(timing_mode::functional);
  insert(bench, doorbell(), memory);
  bench.place();
  pcie::payload_pool pool;
  const pcie::payload_pool::lease trans(pool);
  trans->set_command(tlm::TLM_READ_COMMAND);
  trans->set_address(rtl_device_bench::bar2_base + 16);
  tlm::tlm_dmi dmi;
  ASSERT_TRUE(bench.port.send_dmi(*trans, dmi));
  EXPECT_EQ(dmi.get_dmi_ptr(), bytes.data());
  EXPECT_EQ(dmi.get_start_address(), rtl_device_bench::bar2_base);
  bench.configure(cfg::command.offset, 0, 2);
  EXPECT_FALSE(bench.port.send_dmi(*trans, dmi));
}

TEST_F(RtlDevice, DoorbellsResolveAndDropsAreCountedAsInTheModel) {
  in_process_fabric fabric("fabric", memory, sc_core::SC_ZERO_TIME);
  rtl_device_bench bench(timing_mode::functional);
  fabric_seat& seat = fabric.join(2);
  ASSERT_TRUE(bench.device.insert(doorbell(2), seat));
  bench.place();
  bench.unmask(0x42);
  bench.run([&] {
    const auto doorbell_at = rtl_device_bench::bar0_base + bar0::doorbell.offset;
    bench.write(doorbell_at, 0x0000'0000);
    bench.write(doorbell_at, 0x0000'0007);
    bench.write(doorbell_at, 0x0005'0000);
  });
  const device_statistics& seen = bench.device.statistics();
  EXPECT_EQ(seen.doorbells, 3U);
  EXPECT_EQ(seen.rung, 1U);
  EXPECT_EQ(seen.drops[static_cast<std::size_t>(drop_cause::no_such_vector)], 1U);
  EXPECT_EQ(seen.drops[static_cast<std::size_t>(drop_cause::no_such_peer)], 1U);
  EXPECT_EQ(seen.messages, 1U);
  EXPECT_THAT(bench.messages, ElementsAre(0x42U));
}

TEST_F(RtlDevice, AnAccessThroughItsOwnMessageIsRefused) {
  in_process_fabric fabric("fabric", memory, sc_core::SC_ZERO_TIME);
  rtl_device_bench bench(timing_mode::functional);
  ASSERT_TRUE(bench.device.insert(doorbell(1), fabric.join(1)));
  bench.place();
  bench.write(rtl_device_bench::bar1_base, 0xfee0'0000);
  bench.configure(cfg::msix_control.offset, cfg::msix_enable, 2);
  bench.on_message = [&] { bench.write(rtl_device_bench::bar0_base, 0x55); };
  bench.run([&] {
    bench.write(rtl_device_bench::bar0_base + bar0::doorbell.offset, 0);
    sc_core::wait(1, sc_core::SC_NS);
    bench.write(rtl_device_bench::bar1_base + 12, 0);  // unmasks: the message is part of the access
  });
  EXPECT_EQ(bench.messages.size(), 1U);
  EXPECT_EQ(bench.read(rtl_device_bench::bar0_base), 0U);
}

}  // namespace
}  // namespace ivshmem::rtl::test
