// SPDX-License-Identifier: Apache-2.0
//
// Reports have types that filters can use, and name their module; what is probably a mistake is
// told once; kinds and counters of all parts.
#include <gmock/gmock.h>

#include <sstream>

#include "ivshmem/tlm/flat_device.h"
#include "ivshmem/tlm/in_process_fabric.h"
#include "ivshmem/tlm/pcie/bridge.h"
#include "ivshmem/tlm/pcie/link.h"
#include "ivshmem/tlm/pcie/packet_switch.h"
#include "ivshmem/tlm/report.h"
#include "ivshmem/tlm/statistics.h"
#include "node.h"
#include "told.h"

namespace ivshmem::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Collects the warnings of this library in place of printing them: `<type> <message>`.
class warnings_here {
 public:
  warnings_here() {
    all().clear();
    sc_core::sc_report_handler::set_handler(&take);
  }
  ~warnings_here() {
    sc_core::sc_report_handler::set_handler(&sc_core::sc_report_handler::default_handler);
  }
  static std::vector<std::string>& all() {
    static std::vector<std::string> texts;
    return texts;
  }

 private:
  static void take(const sc_core::sc_report& report, const sc_core::sc_actions& actions) {
    if (report.get_severity() == sc_core::SC_WARNING && (actions & sc_core::SC_DISPLAY) != 0) {
      all().push_back(std::string(report.get_msg_type()) + " " + report.get_msg());
    } else {
      sc_core::sc_report_handler::default_handler(report, actions);
    }
  }
};

struct Reports : testing::Test {
  std::vector<std::uint8_t> shared = std::vector<std::uint8_t>(min_memory_bytes);
  memory_view memory{shared.data(), shared.size()};
  warnings_here warnings;
};

template <class Action>
std::string type_and_message(Action action) {
  try {
    action();
  } catch (const sc_core::sc_report& report) {
    return std::string(report.get_msg_type()) + " " + report.get_msg();
  }
  return "none";
}

TEST_F(Reports, HaveATypeAndNameTheirModule) {
  pcie::link_config wire;
  wire.lanes = 3;
  EXPECT_EQ(type_and_message([&] { pcie::link("link", wire); }),
            "/ivshmem/parameter link: lanes = 3: must be 1, 2, 4, 8 or 16");
  endpoint first("first");
  endpoint second("second");
  EXPECT_EQ(
      type_and_message([&] { first.pcie.bind(second.pcie); }),
      "/ivshmem/binding first.pcie: bound to second.pcie: must be a root complex, link, switch "
      "or bridge, not another endpoint");
}

TEST_F(Reports, AreFilteredByType) {
  sc_core::sc_report_handler::set_actions(report_type::vectors, sc_core::SC_DO_NOTHING);
  in_process_fabric fabric("fabric", memory);
  endpoint quiet("quiet", doorbell_of(4), fabric.join(2));
  EXPECT_THAT(warnings.all(), IsEmpty());
  sc_core::sc_report_handler::set_actions(report_type::vectors, sc_core::SC_DISPLAY);
  endpoint loud("loud", doorbell_of(4), fabric.join(2));
  EXPECT_THAT(
      warnings.all(),
      ElementsAre("/ivshmem/vectors loud: vectors = 4: its seat has 2; only the lower number "
                  "of them can be rung"));
}

using DropWarnings = testing::TestWithParam<timing_mode>;

TEST_P(DropWarnings, ComeOnceForEachCause) {
  const warnings_here warnings;
  std::vector<std::uint8_t> shared(min_memory_bytes);
  in_process_fabric fabric("fabric", {shared.data(), shared.size()});
  pcie::root_complex_config root;
  root.mode = GetParam();
  bench platform(root);
  timing_config timing;
  timing.mode = GetParam();
  endpoint device("device", doorbell_of(2), fabric.join(2), timing);
  platform.root.downstream(0).bind(device.pcie);
  const node cpu(platform, 0);
  platform.run([&] {
    cpu.start();
    for (int i = 0; i < 3; ++i) {
      cpu.ring(7, 0);
      cpu.ring(0, 2);
      cpu.ring(0, 1);  // itself, with MSI-X off
    }
    sc_core::wait(sc_core::sc_time(1, sc_core::SC_US));
  });
  EXPECT_EQ(device.statistics().drops[0], 3U);
  EXPECT_THAT(warnings_here::all(),
              testing::UnorderedElementsAre(
                  std::string("/ivshmem/doorbell device: ") +
                      "doorbell to peer 7, vector 0, dropped: no_such_peer; further "
                      "ones of this cause are only counted",
                  std::string("/ivshmem/doorbell device: ") +
                      "doorbell to peer 0, vector 2, dropped: no_such_vector; "
                      "further "
                      "ones of this cause are only counted",
                  std::string("/ivshmem/doorbell device: ") +
                      "doorbell to peer 0, vector 1, dropped: msix_disabled; further "
                      "ones of this cause are only counted"));
}

INSTANTIATE_TEST_SUITE_P(Modes, DropWarnings,
                         testing::Values(timing_mode::functional, timing_mode::tlm_lt,
                                         timing_mode::tlm_cycle),
                         [](const auto& mode) { return std::string(to_string(mode.param)); });

TEST_F(Reports, TellOfABarOutsideTheWindowsOnce) {
  bench platform;
  endpoint device("device", {}, memory);
  platform.root.downstream(0).bind(device.pcie);
  node cpu(platform, 0);
  platform.run([&] {
    cpu.start();
    EXPECT_THAT(warnings.all(), IsEmpty());
    cpu.bar2 = 0x20'0000'0000;  // where the windows end
    cpu.start();
    cpu.start();
  });
  EXPECT_THAT(warnings.all(), ElementsAre(std::string("/ivshmem/window bench.root: ") +
                                          "BAR2 of device 0 on bus 0 at 0x2000000000: "
                                          "must be in a range of root_complex_config::mmio"));
}

TEST_F(Reports, EachModuleHasAKindOfItsOwn) {
  in_process_fabric fabric("fabric", memory);
  const bus crossbar("bus");
  const ivshmem::memory ram("ram", 0x1000);
  const interrupt_target msi("msi", [](std::uint64_t, std::uint32_t) {});
  const endpoint device("device");
  const flat_device flat("flat", fabric.join(1));
  const pcie::root_complex root("root");
  const pcie::bridge bridge("bridge");
  const pcie::link link("link");
  const pcie::packet_switch tree("tree");
  std::vector<std::string> kinds;
  for (const sc_core::sc_module* one : std::initializer_list<const sc_core::sc_module*>{
           &fabric, &crossbar, &ram, &msi, &device, &flat, &root, &bridge, &link, &tree}) {
    kinds.emplace_back(one->kind());
  }
  EXPECT_THAT(kinds,
              ElementsAre("ivshmem::in_process_fabric", "ivshmem::bus", "ivshmem::memory",
                          "ivshmem::interrupt_target", "ivshmem::endpoint", "ivshmem::flat_device",
                          "ivshmem::pcie::root_complex", "ivshmem::pcie::bridge",
                          "ivshmem::pcie::link", "ivshmem::pcie::packet_switch"));
}

TEST_F(Reports, CountersOfAllPartsComeInOneCall) {
  in_process_fabric fabric("fabric", memory);
  bench platform;
  endpoint device("device", doorbell_of(1), fabric.join(1));
  platform.root.downstream(0).bind(device.pcie);
  const node cpu(platform, 0);
  platform.run([&] {
    cpu.start();
    cpu.ring(0, 0);
    cpu.ring(9, 0);
    platform.read(platform.root.config().mmio[0].base + 0x0fff'0000);  // nobody's
    sc_core::wait(sc_core::sc_time(1, sc_core::SC_US));
  });
  std::ostringstream lines;
  print_statistics(lines, collect_statistics());
  EXPECT_EQ(lines.str(),
            "fabric: rung 1, delivered 1\n"
            "bench.root: unclaimed 1\n"
            "device: doorbells 2, rung 1, notifications 1, drops.no_such_peer 1, "
            "drops.msix_disabled 1, unsupported_requests 1\n");
  const auto below = collect_statistics(&platform);
  ASSERT_EQ(below.size(), 2U) << "root complex and interrupt target";
  EXPECT_EQ(below[0].name, "bench.root");
  EXPECT_EQ(below[0].kind, "ivshmem::pcie::root_complex");
  EXPECT_EQ(below[1].counters.front().name, "received");
}

}  // namespace
}  // namespace ivshmem::test
