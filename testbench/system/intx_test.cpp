// SPDX-License-Identifier: Apache-2.0
//
// INTx of several legacy devices on the four lines of the root complex.
#include <gtest/gtest.h>

#include <array>
#include <memory>

#include "ivshmem/tlm/in_process_fabric.h"
#include "node.h"

namespace ivshmem::test {
namespace {

device_properties intx_device() {
  device_properties properties;
  properties.variant = device_variant::legacy;
  properties.msi = properties.ioeventfd = false;
  return properties;
}

/// Devices 0 to 4, each with pin A: device n drives line n modulo 4.
struct Intx : testing::Test {
  static constexpr unsigned count = 5;
  bench platform{five_devices()};
  sc_core::sc_vector<sc_core::sc_signal<bool>> lines{"lines", 4};
  std::vector<std::uint8_t> shared = std::vector<std::uint8_t>(min_memory_bytes);
  in_process_fabric fabric{"fabric", {shared.data(), shared.size()}};
  std::vector<std::unique_ptr<endpoint>> devices;
  std::vector<node> nodes;

  Intx() {
    for (unsigned i = 0; i < count; ++i) {
      devices.push_back(std::make_unique<endpoint>(("dev" + std::to_string(i)).c_str(),
                                                   intx_device(), fabric.join(1)));
      platform.root.downstream(i).bind(devices[i]->pcie);
      nodes.emplace_back(platform, i);
    }
    platform.root.intx.bind(lines);
  }
  static pcie::root_complex_config five_devices() {
    pcie::root_complex_config config;
    config.devices = {0, 1, 2, 3, 4};
    return config;
  }
  void run(const std::function<void()>& body) {
    platform.run([&] {
      for (const node& each : nodes) {
        each.start();
        each.set(bar0::intr_mask, 1);
      }
      body();
    });
  }
  /// Rings device `to`, by way of device 0, and lets everything settle.
  void ring(unsigned to) {
    nodes[0].ring(to, 0);
    sc_core::wait(1, sc_core::SC_NS);
  }
  void settle() { sc_core::wait(1, sc_core::SC_NS); }
  std::array<bool, 4> levels() {
    return {lines[0].read(), lines[1].read(), lines[2].read(), lines[3].read()};
  }
};

using levels_t = std::array<bool, 4>;
constexpr levels_t none{false, false, false, false};

TEST_F(Intx, EveryDeviceDrivesTheLineOfItsNumber) {
  run([&] {
    EXPECT_EQ(levels(), none);
    for (unsigned device = 1; device < 4; ++device) {
      ring(device);
      levels_t expected = none;
      expected[device] = true;
      EXPECT_EQ(levels(), expected);
      EXPECT_EQ(nodes[device].get(bar0::intr_status), 1U);
      settle();
      EXPECT_EQ(levels(), none) << "the read cleared it";
    }
  });
}

TEST_F(Intx, ASharedLineStaysHighUntilItsLastDeviceLetsGo) {
  run([&] {
    ring(0);
    ring(4);
    nodes[0].get(bar0::intr_status);
    settle();
    EXPECT_TRUE(lines[0].read()) << "device 4 still asserts it";
    nodes[4].get(bar0::intr_status);
    settle();
    EXPECT_FALSE(lines[0].read());
  });
}

TEST_F(Intx, TheProcessorAndThePeersMayBothChangeTheLine) {
  run([&] {
    nodes[1].set(bar0::intr_status, 1);
    settle();
    EXPECT_TRUE(lines[1].read()) << "from inside a processor access";
    nodes[1].get(bar0::intr_status);
    ring(1);
    EXPECT_TRUE(lines[1].read()) << "from the fabric";
    nodes[1].set(bar0::intr_mask, 0);
    settle();
    EXPECT_FALSE(lines[1].read());
  });
}

TEST_F(Intx, ADeviceThatIsTakenOutLetsGo) {
  run([&] {
    ring(2);
    devices[2]->eject();
    settle();
    EXPECT_EQ(levels(), none);
  });
}

TEST_F(Intx, AResetLetsGo) {
  run([&] {
    ring(1);
    ring(3);
    platform.root.reset_bus();
    settle();
    EXPECT_EQ(levels(), none);
  });
}

TEST_F(Intx, IntxDisableGatesTheLine) {
  run([&] {
    ring(3);
    platform.configure(nodes[3].id, cfg::command, cfg::command_memory | cfg::command_intx_disable);
    settle();
    EXPECT_EQ(levels(), none);
    EXPECT_TRUE(platform.config(nodes[3].id, cfg::status) & cfg::status_interrupt);
  });
}

TEST(IntxLines, MayStayUnbound) {
  std::vector<std::uint8_t> shared(min_memory_bytes);
  bench platform;
  endpoint dut("dut", intx_device(), {shared.data(), shared.size()});
  platform.root.downstream(0).bind(dut.pcie);
  const node cpu(platform, 0);
  platform.run([&] {
    cpu.start();
    cpu.set(bar0::intr_mask, 1);
    cpu.set(bar0::intr_status, 1);
    EXPECT_TRUE(dut.inserted()->intx());
  });
}

}  // namespace
}  // namespace ivshmem::test
