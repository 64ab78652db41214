// SPDX-License-Identifier: Apache-2.0
//
// What SystemC itself says of a mistake with parts of this library: the table SystemC in
// docs/errors.md. Only its numbers are compared, because the words may change with its version.
#include <gtest/gtest.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <functional>
#include <string>

#include "ivshmem/tlm/endpoint.h"
#include "ivshmem/tlm/memory.h"
#include "ivshmem/tlm/pcie/enumeration.h"
#include "ivshmem/tlm/pcie/root_complex.h"

namespace ivshmem::test {
namespace {

/// `row`: the text on the page, which begins with the number and may end with a port's name.
void expect(const std::string& row, const std::function<void()>& mistake) {
  try {
    mistake();
    ADD_FAILURE() << "nothing was reported, expected: " << row;
  } catch (const sc_core::sc_report& report) {
    EXPECT_EQ("(E" + std::to_string(report.get_id()) + ")", row.substr(0, row.find(' ')))
        << report.what();
    const auto quote = row.find('\'');
    const std::string port = quote == std::string::npos ? "" : row.substr(quote);
    EXPECT_NE(std::string(report.get_msg()).find(port), std::string::npos) << report.what();
  }
}

void elaborate() { sc_core::sc_start(sc_core::SC_ZERO_TIME); }

struct SystemcErrors : testing::Test {
  struct processor : sc_core::sc_module {
    tlm_utils::simple_initiator_socket<processor> bus{"bus"};
    explicit processor(const sc_core::sc_module_name& name) : sc_module(name) {}
  };

  processor cpu{"cpu"};
  memory ram{"ram", 0x1000};

  static pcie::root_complex_config in(timing_mode mode) {
    pcie::root_complex_config config;
    config.mode = mode;
    return config;
  }
};

TEST_F(SystemcErrors, OfASocketThatIsNotBound) {
  pcie::root_complex root("root");
  cpu.bus.bind(root.cpu);
  processor other("other");
  other.bus.bind(ram.bus);
  expect("(E109) complete binding failed: port not bound: port 'root.dma'", elaborate);
}

TEST_F(SystemcErrors, OfASocketThatIsBoundTwice) {
  pcie::root_complex root("root");
  memory second("second", 0x1000);
  cpu.bus.bind(root.cpu);
  root.dma.bind(ram.bus);
  root.dma.bind(second.bus);
  expect("(E109) complete binding failed: 2 binds exceeds maximum of 1 allowed: port 'root.dma'",
         elaborate);
}

TEST_F(SystemcErrors, OfAPairThatIsBoundTwice) {
  pcie::root_complex root("root");
  endpoint device("device");
  cpu.bus.bind(root.cpu);
  root.dma.bind(ram.bus);
  root.downstream(0).bind(device.pcie);
  expect(
      "(E107) bind interface to port failed: interface already bound to port: port "
      "'root.port_0_tx'",
      [&] { root.downstream(0).bind(device.pcie); });
}

TEST_F(SystemcErrors, OfWhatComesAfterTheStart) {
  pcie::root_complex root("root");
  endpoint device("device");
  cpu.bus.bind(root.cpu);
  root.dma.bind(ram.bus);
  elaborate();
  expect("(E107) bind interface to port failed: simulation running: port 'root.port_0_tx'",
         [&] { root.downstream(0).bind(device.pcie); });
  expect("(E529) insert module failed: simulation running", [] { endpoint("late"); });
}

TEST_F(SystemcErrors, OfAWaitOutsideAThread) {
  pcie::root_complex root("root", in(timing_mode::tlm_cycle));
  timing_config timing;
  timing.mode = timing_mode::tlm_cycle;
  endpoint device("device", timing);
  cpu.bus.bind(root.cpu);
  root.dma.bind(ram.bus);
  root.downstream(0).bind(device.pcie);
  elaborate();
  pcie::ecam_access config(*cpu.bus.operator->(), root.config().ecam.base);
  expect("(E519) wait() is only allowed in SC_THREADs and SC_CTHREADs", [&] {
    static_cast<void>(pcie::enumerate(config, {root.config().mmio[0], root.config().mmio[1]}));
  });
}

}  // namespace
}  // namespace ivshmem::test
