// SPDX-License-Identifier: Apache-2.0
//
// What an integrator may get wrong: refused where it is done, and survived where reports are only
// displayed.
#include <gmock/gmock.h>

#include <sstream>

#include "ivshmem/tlm/flat_device.h"
#include "ivshmem/tlm/in_process_fabric.h"
#include "ivshmem/tlm/pcie/bridge.h"
#include "ivshmem/tlm/pcie/link.h"
#include "ivshmem/tlm/pcie/packet_switch.h"
#include "ivshmem/tlm/vcd_trace.h"
#include "node.h"
#include "told.h"

namespace ivshmem::test {
namespace {

using testing::HasSubstr;

/// Counts errors and goes on, as a platform may have set it.
struct displayed_only {
  displayed_only() {
    sc_core::sc_report_handler::set_actions(sc_core::SC_ERROR, sc_core::SC_DO_NOTHING);
  }
  ~displayed_only() {
    sc_core::sc_report_handler::set_actions(sc_core::SC_ERROR, sc_core::SC_DEFAULT_ERROR_ACTIONS);
  }
};

struct Misuse : testing::Test {
  std::vector<std::uint8_t> shared = std::vector<std::uint8_t>(min_memory_bytes);
  memory_view memory{shared.data(), shared.size()};
  in_process_fabric fabric{"fabric", memory};

  static timing_config in(timing_mode mode) {
    timing_config timing;
    timing.mode = mode;
    return timing;
  }
};

TEST_F(Misuse, OfAnEmptyPlaceIsHarmless) {
  endpoint empty("empty");
  EXPECT_EQ(empty.statistics().rung, 0U);
  EXPECT_EQ(empty.peers().vectors(peer_id{0}), 0U);
  EXPECT_EQ(empty.peek_config(0, 2), 0xffffU);
  std::uint8_t bytes[4] = {};
  empty.peek(2, 0, bytes, sizeof bytes);
  EXPECT_EQ(bytes[3], 0xff);
  std::stringstream snapshot;
  const auto saved = empty.save(snapshot);
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().text(), "no device is inserted");
  const auto loaded = empty.load(snapshot);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().text(), "no device is inserted");
}

TEST_F(Misuse, OfMemoryThatIsNotThereIsRefused) {
  endpoint place("place");
  const auto inserted = place.insert({}, memory_view{nullptr, min_memory_bytes});
  ASSERT_FALSE(inserted);
  EXPECT_EQ(inserted.error().text(), "memory = nullptr: must be there");
  in_process_fabric nowhere("nowhere", memory_view{nullptr, min_memory_bytes});
  EXPECT_EQ(told([&] { flat_device("flat", nowhere.join(1)); }), "memory = nullptr: must be there");
}

TEST_F(Misuse, OfOneSeatForTwoDevicesIsRefused) {
  fabric_seat& seat = fabric.join(1);
  endpoint first("first", doorbell_of(1), seat);
  endpoint second("second");
  const auto inserted = second.insert(doorbell_of(1), seat);
  ASSERT_FALSE(inserted);
  EXPECT_EQ(inserted.error().text(), "seat = 0: must be free: one device a seat");
  EXPECT_EQ(told([&] { flat_device("flat", seat); }), "seat = 0: must be free: one device a seat");
}

TEST_F(Misuse, OfVectorsThatDifferFromTheSeatsWarns) {
  sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_THROW);
  fabric_seat& seat = fabric.join(2);
  EXPECT_EQ(told([&] { endpoint("device", doorbell_of(4), seat); }),
            "vectors = 4: its seat has 2; only the lower number of them can be rung");
  sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_DEFAULT_WARNING_ACTIONS);
}

TEST_F(Misuse, OfModesThatDifferIsRefusedWhereTheyAreBound) {
  pcie::root_complex_config config;
  config.mode = timing_mode::tlm_lt;
  pcie::root_complex root("root", config);
  endpoint exact("exact", in(timing_mode::tlm_cycle));
  EXPECT_EQ(told([&] { root.downstream(0).bind(exact.pcie); }),
            "bound to exact.pcie, which works in tlm_cycle: must be tlm_lt as here");
  pcie::link wire("wire");
  EXPECT_THAT(told([&] { root.downstream(0).bind(wire.upstream); }), HasSubstr("functional"));
  EXPECT_THAT(told([&] { wire.downstream.bind(exact.pcie); }), HasSubstr("tlm_cycle"));
  pcie::packet_switch tree("tree");
  EXPECT_THAT(told([&] { root.downstream(0).bind(tree.upstream); }), HasSubstr("functional"));
  pcie::bridge bridge("bridge", {}, timing_mode::tlm_cycle);
  EXPECT_THAT(told([&] { root.downstream(0).bind(bridge.upstream); }), HasSubstr("tlm_cycle"));
}

TEST_F(Misuse, OfTwoEndsOfOneKindIsRefused) {
  endpoint first("first");
  endpoint second("second");
  EXPECT_EQ(told([&] { first.pcie.bind(second.pcie); }),
            "bound to second.pcie: must be a root complex, link, switch or bridge, not another "
            "endpoint");
  pcie::root_complex root("root");
  pcie::root_complex other("other");
  EXPECT_EQ(told([&] { root.downstream(0).bind(other.downstream(0)); }),
            "bound to other.port_0: must be an endpoint, link, switch or bridge, not another root "
            "complex");
}

TEST_F(Misuse, OfAddressRangesIsRefused) {
  const auto of = [](const pcie::root_complex_config& config) {
    return told([&] { pcie::root_complex("root", config); });
  };
  pcie::root_complex_config config;
  config.ecam.bytes = 4096;
  EXPECT_EQ(of(config),
            "ecam = 0x1000 bytes at 0xb0000000: must be a multiple of 1 MiB, up to 256 MiB, below "
            "the end of the addresses");
  config = {};
  config.mmio = {{0xc000'0000, 0}};
  EXPECT_EQ(of(config),
            "mmio = 0x0 bytes at 0xc0000000: must not be empty or end above the last address");
  config.mmio = {{~std::uint64_t{0} - 0xfff, 0x2000}};
  EXPECT_THAT(of(config), HasSubstr("must not be empty or end above the last address"));
  config.mmio = {{~std::uint64_t{0} - 0xfff, 0x1000}};
  EXPECT_EQ(of(config), "none") << "up to the last address";
}

TEST_F(Misuse, OfAWaveformIsRefusedOrMadeGood) {
  std::ostringstream text;
  vcd_trace trace(text);
  EXPECT_EQ(told([&] { trace.add_node("two words"); }),
            "node \"two words\": must be one word of printable ASCII characters");
  trace.add_node("node");
  trace.finish();
  EXPECT_THAT(text.str(), HasSubstr("$enddefinitions")) << "start() was forgotten";
  EXPECT_EQ(told([&] { trace.add_node("late"); }), "node \"late\": must be added before start()");
}

TEST_F(Misuse, IsSurvivedWhereReportsAreOnlyDisplayed) {
  const displayed_only handler;
  pcie::root_complex_config config;
  config.max_payload_bytes = 0;
  config.posted_buffer = 0;
  config.devices = {};
  config.mmio = {{0xc000'0000, 0}};
  pcie::root_complex root("root", config);
  EXPECT_EQ(root.config().max_payload_bytes, 256U);
  root.downstream(7);
  pcie::packet_switch_config ports;
  ports.downstream_ports = 0;
  pcie::packet_switch tree("tree", ports);
  tree.downstream(12);
  pcie::link_config wire;
  wire.generation = 9;
  wire.lanes = 0;
  wire.max_payload_bytes = 0;
  wire.credits.posted_headers = 0;
  pcie::link link("link", wire);
  timing_config timing;
  timing.clock_period = sc_core::SC_ZERO_TIME;
  timing.beat_bytes = 0;
  timing.memory_latency_cycles = 0;
  timing.max_payload_bytes = 0;
  timing.mode = timing_mode::tlm_lt;
  endpoint device("device", {}, memory, timing);
  fabric.join(0);
  fabric.join(max_vectors + 1);
}

}  // namespace
}  // namespace ivshmem::test
