// SPDX-License-Identifier: Apache-2.0
//
// The root complex behind a platform's bus, at its ECAM and its MMIO ranges, and what a debugger
// and a DMI user see through both.
#include <gtest/gtest.h>

#include "ivshmem/tlm/driver.h"
#include "ivshmem/tlm/pcie/enumeration.h"
#include "node.h"
#include "plain_access.h"
#include "told.h"

namespace ivshmem::test {
namespace {

constexpr std::uint64_t memory_bytes = 0x1'0000;

struct RootOnABus : testing::Test {
  struct processor : sc_core::sc_module {
    tlm_utils::simple_initiator_socket<processor, 64> out{"out"};
    std::vector<bench::range> invalidated;
    std::function<void()> body;
    explicit processor(const sc_core::sc_module_name& name) : sc_module(name) {
      out.register_invalidate_direct_mem_ptr(this, &processor::invalidate);
      SC_HAS_PROCESS(processor);
      SC_THREAD(run);
    }
    void run() { body(); }
    void invalidate(sc_dt::uint64 first, sc_dt::uint64 last) {
      invalidated.push_back({first, last});
    }
  };

  processor cpu{"cpu"};
  bus crossbar{"crossbar"};
  memory ram{"ram", 0x1000};
  pcie::root_complex root{"root"};
  std::vector<std::uint8_t> shared = std::vector<std::uint8_t>(memory_bytes);
  endpoint device{"device", {}, {shared.data(), shared.size()}};
  std::uint64_t bar2 = 0;

  RootOnABus() {
    cpu.out.bind(crossbar.in);
    root.dma.bind(crossbar.in);
    root.downstream(0).bind(device.pcie);
    crossbar.map({0, 0x1000}, ram.bus);
    crossbar.map(root.config().ecam, root.cpu, bus::addresses::absolute);
    for (const pcie::address_range& range : root.config().mmio) {
      crossbar.map(range, root.cpu, bus::addresses::absolute);
    }
  }
  /// Runs `body` when the device has been found through the bus.
  void run(std::function<void()> body) {
    bool finished = false;
    cpu.body = [&] {
      const auto& map = root.config();
      pcie::ecam_access config(*cpu.out.operator->(), map.ecam.base);
      const auto found = find_device(pcie::enumerate(config, {map.mmio[0], map.mmio[1]}));
      ASSERT_TRUE(found) << to_string(found.error());
      bar2 = pci_access(config, *cpu.out.operator->(), *found).address(2);
      cpu.invalidated.clear();
      body();
      finished = true;
    };
    sc_core::sc_start();
    EXPECT_TRUE(finished);
  }
  unsigned debug(tlm::tlm_command command, std::uint64_t address,
                 std::vector<unsigned char>& data) {
    tlm::tlm_generic_payload trans;
    fill(trans, command, address, data.data(), static_cast<unsigned>(data.size()));
    const unsigned bytes = cpu.out->transport_dbg(trans);
    EXPECT_EQ(trans.get_data_length(), data.size()) << "put back";
    return bytes;
  }
};

TEST_F(RootOnABus, AnswersAtAllItsRanges) {
  run([&] {
    shared[5] = 0x5a;
    std::vector<unsigned char> data(1);
    EXPECT_EQ(debug(tlm::TLM_READ_COMMAND, bar2 + 5, data), 1U);
    EXPECT_EQ(data[0], 0x5a);
  });
}

TEST_F(RootOnABus, ADebuggerGetsTheBytesThatExist) {
  run([&] {
    std::vector<unsigned char> data(600, 0x11);
    std::fill(shared.end() - 300, shared.end(), 0x22);
    EXPECT_EQ(debug(tlm::TLM_READ_COMMAND, bar2 + memory_bytes - 300, data), 300U);
    EXPECT_EQ(data[299], 0x22);
    EXPECT_EQ(data[300], 0x11) << "nothing is written beyond";
    EXPECT_EQ(debug(tlm::TLM_WRITE_COMMAND, bar2 + memory_bytes - 2, data), 2U);
    EXPECT_EQ(shared.back(), 0x22);
    EXPECT_EQ(debug(tlm::TLM_READ_COMMAND, bar2 + memory_bytes, data), 0U);
    EXPECT_EQ(debug(tlm::TLM_READ_COMMAND, 0x0f00, data), 0x100U) << "of the memory";
  });
}

TEST_F(RootOnABus, AGrantIsTakenBackWithinTheRangesOfTheBus) {
  run([&] {
    tlm::tlm_generic_payload trans;
    trans.set_address(bar2);
    tlm::tlm_dmi dmi;
    ASSERT_TRUE(cpu.out->get_direct_mem_ptr(trans, dmi));
    device.eject();
    bool covered = false;
    for (const bench::range& one : cpu.invalidated) {
      EXPECT_LE(one.first, one.last);
      EXPECT_TRUE(root.config().mmio[0].contains(one.first) ||
                  root.config().mmio[1].contains(one.first) ||
                  root.config().ecam.contains(one.first));
      covered =
          covered || (one.first <= dmi.get_start_address() && one.last >= dmi.get_end_address());
    }
    EXPECT_TRUE(covered);
  });
}

/// A target that is behind a relative range takes back everything it has.
TEST(BusInvalidation, OfARelativeRangeStaysWithinIt) {
  struct forgetful : sc_core::sc_module {
    tlm_utils::simple_target_socket<forgetful, 64> in{"in"};
    explicit forgetful(const sc_core::sc_module_name& name) : sc_module(name) {
      in.register_b_transport(this, &forgetful::b_transport);
    }
    void b_transport(tlm::tlm_generic_payload& /*trans*/, sc_core::sc_time& /*delay*/) {}
  };
  RootOnABus::processor cpu("cpu");
  bus crossbar("crossbar");
  forgetful target("target");
  cpu.body = [&] { target.in->invalidate_direct_mem_ptr(0, ~std::uint64_t{0}); };
  cpu.out.bind(crossbar.in);
  crossbar.map({0x4000, 0x1000}, target.in);
  sc_core::sc_start();
  ASSERT_EQ(cpu.invalidated.size(), 1U);
  EXPECT_EQ(cpu.invalidated[0], (bench::range{0x4000, 0x4fff}));
}

TEST(BusRanges, MustNotBeEmptyOrWrap) {
  bus crossbar("crossbar");
  memory ram("ram", 0x1000);
  EXPECT_EQ(told([&] {
              crossbar.map({0x1000, 0}, ram.bus);
            }),
            "address range at 0x1000 of 0x0 bytes: must not be empty or end above "
            "0xffffffffffffffff");
  EXPECT_NE(told([&] { crossbar.map({~std::uint64_t{0}, 2}, ram.bus); }), "none");
}

}  // namespace
}  // namespace ivshmem::test
