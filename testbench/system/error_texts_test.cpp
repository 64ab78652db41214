// SPDX-License-Identifier: Apache-2.0
//
// What an integrator is told, word for word: each row of the table Elaboration in docs/errors.md
// that needs no RTL. style.errors compares the page with these texts.
#include <gtest/gtest.h>

#include "ivshmem/tlm/device_view.h"
#include "ivshmem/tlm/flat_device.h"
#include "ivshmem/tlm/in_process_fabric.h"
#include "ivshmem/tlm/pcie/link.h"
#include "ivshmem/tlm/pcie/packet_switch.h"
#include "node.h"
#include "told.h"

namespace ivshmem::test {
namespace {

struct ErrorTexts : testing::Test {
  std::vector<std::uint8_t> shared = std::vector<std::uint8_t>(2 * min_memory_bytes);
  memory_view memory{shared.data(), min_memory_bytes};
  in_process_fabric fabric{"fabric", memory};

  static std::string of(const timing_config& timing) {
    return told([&] { endpoint("device", timing); });
  }
  static std::string of(const pcie::root_complex_config& config) {
    return told([&] { pcie::root_complex("root", config); });
  }
  static std::string of(const pcie::link_config& config) {
    return told([&] { pcie::link("link", config); });
  }
  static std::string of(const device_properties& properties, memory_view memory) {
    return told([&] { endpoint("device", properties, memory); });
  }
  std::string of_member(const device_properties& properties) {
    return told([&] { endpoint("device", properties, fabric.join(1)); });
  }
};

TEST_F(ErrorTexts, OfProperties) {
  EXPECT_EQ(of(device_properties{}, memory), "none");
  EXPECT_EQ(of(device_properties{}, {shared.data(), 5000}),
            "size = 5000: must be a power of two from 4096 (4 KiB) to 8589934592 (8 GiB)");
  device_properties unknown = doorbell_of(1);
  unknown.variant = static_cast<device_variant>(7);
  EXPECT_EQ(of(unknown, memory), "variant = 7: must be plain, doorbell or legacy");
  const std::string vectors =
      "vectors = 0: The number of MSI-X vectors is invalid: must be from 1 to 2048";
  EXPECT_EQ(of_member(doorbell_of(0)), vectors);
  EXPECT_EQ(told([&] { fabric.join(0); }), vectors);
  EXPECT_EQ(told([&] { flat_device("flat", fabric.join(1), 0); }), vectors);

  device_properties legacy = doorbell_of(1);
  legacy.variant = device_variant::legacy;
  legacy.msi = false;
  EXPECT_EQ(of_member(legacy), "ioeventfd = on: ioeventfd/irqfd requires MSI: must be off");
  legacy.ioeventfd = false;
  legacy.irq_path = interrupt_path::irqfd;
  EXPECT_EQ(of_member(legacy),
            "irq_path = irqfd: ioeventfd/irqfd requires MSI: must be event_loop");
}

TEST_F(ErrorTexts, OfAPlace) {
  device_properties master = doorbell_of(1);
  master.master = master_mode::on;
  fabric.join(1);
  EXPECT_EQ(of_member(master),
            "master = on: master must connect to the server before any peers: needs ID 0, this is "
            "ID 1");
  endpoint place("place", device_properties{}, memory);
  const auto second = place.insert(device_properties{}, memory);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().text(), "device = plain: the place must be empty, eject it first");
}

TEST_F(ErrorTexts, OfTheTimingOfADevice) {
  timing_config timing;
  timing.clock_period = sc_core::SC_ZERO_TIME;
  EXPECT_EQ(of(timing), "clock_period = 0: must be above 0");
  timing = {};
  timing.beat_bytes = 12;
  EXPECT_EQ(of(timing), "beat_bytes = 12: must be 8, 16 or 32");
  timing = {};
  timing.memory_latency_cycles = 0;
  EXPECT_EQ(of(timing), "memory_latency_cycles = 0: must be 1 or more");
  timing = {};
  timing.memory_write_latency_cycles = 65;
  EXPECT_EQ(of(timing), "memory_write_latency_cycles = 65: must be from 1 to 64");
  timing = {};
  timing.max_payload_bytes = 100;
  EXPECT_EQ(of(timing), "max_payload_bytes = 100: must be 128, 256, 512, 1024, 2048 or 4096");
}

TEST_F(ErrorTexts, OfARootComplex) {
  pcie::root_complex_config config;
  config.max_payload_bytes = 100;
  EXPECT_EQ(of(config), "max_payload_bytes = 100: must be 128, 256, 512, 1024, 2048 or 4096");
  config = {};
  config.posted_buffer = 0;
  EXPECT_EQ(of(config), "posted_buffer = 0: must be 1 or more");
  config = {};
  config.completion_timeout = sc_core::SC_ZERO_TIME;
  EXPECT_EQ(of(config), "completion_timeout = 0: must be above 0");
  config = {};
  config.ecam.base = 0xb000'0000;
  config.mmio = {config.ecam};
  EXPECT_EQ(of(config),
            "address ranges at 0xb0000000 and 0xb0000000 overlap: ECAM and MMIO ranges must not");
  config = {};
  config.devices = {1, 1};
  EXPECT_EQ(of(config), "devices: must be different device numbers from 0 to 31");
  pcie::root_complex root("root");
  EXPECT_EQ(told([&] { root.downstream(4); }),
            "device 4 has no port: must be a number in root_complex_config::devices");
}

TEST_F(ErrorTexts, OfALink) {
  pcie::link_config config;
  config.generation = 7;
  EXPECT_EQ(of(config), "generation = 7: must be from 1 to 6");
  config = {};
  config.lanes = 3;
  EXPECT_EQ(of(config), "lanes = 3: must be 1, 2, 4, 8 or 16");
  config = {};
  config.max_payload_bytes = 100;
  EXPECT_EQ(of(config), "max_payload_bytes = 100: must be 128, 256, 512, 1024, 2048 or 4096");
  config = {};
  config.max_read_request_bytes = 8192;
  EXPECT_EQ(of(config), "max_read_request_bytes = 8192: must be 128, 256, 512, 1024, 2048 or 4096");
  config = {};
  config.credits.posted_headers = 0;
  EXPECT_EQ(of(config), "posted_headers = 0: must be 1 or more");
  config = {};
  config.credits.non_posted_headers = 0;
  EXPECT_EQ(of(config), "non_posted_headers = 0: must be 1 or more");
  config = {};
  config.credits.posted_data = 8;
  EXPECT_EQ(of(config),
            "posted_data = 8: must be 16 or more, one maximum payload in units of 16 B");
}

TEST_F(ErrorTexts, OfASwitch) {
  pcie::packet_switch_config config;
  config.downstream_ports = 33;
  EXPECT_EQ(told([&] { pcie::packet_switch("wide", config); }),
            "downstream_ports = 33: must be from 1 to 32");
  config.downstream_ports = 2;
  pcie::packet_switch two("two", config);
  EXPECT_EQ(told([&] { two.downstream(2); }), "downstream port 2: must be from 0 to 1");
}

TEST_F(ErrorTexts, OfAViewThatIsNotThere) {
  EXPECT_EQ(told([&] { make_place(device_view::rtl, "place", {}, memory); }),
            "view = rtl: must be functional, tlm-lt or tlm-cycle; rtl::add_views() adds those with "
            "RTL");
}

TEST_F(ErrorTexts, OfAFullFabric) {
  EXPECT_EQ(told([&] {
              for (unsigned i = 0; i <= max_peer_id; ++i) {
                fabric.join(1);
              }
            }),
            "none");
  EXPECT_EQ(told([&] { fabric.join(1); }),
            "no free peer ID: one fabric holds at most 65536 devices");
}

#ifndef IVSHMEM_SANITIZED  // a sanitizer ends the program when so much is asked for
TEST_F(ErrorTexts, OfAHostWithoutMemory) {
  EXPECT_EQ(told([] { ivshmem::memory("ram", 1ULL << 62U); }),
            "size = 4611686018427387904: the host has no memory for it");
}
#endif

}  // namespace
}  // namespace ivshmem::test
