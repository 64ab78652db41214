// SPDX-License-Identifier: Apache-2.0
//
// Each rule of the checker is broken once.
#include "ivshmem/rtl_bridge/axi_checker.h"

#include <gmock/gmock.h>

namespace ivshmem::rtl::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class AxiChecker : public testing::Test {
 protected:
  AxiChecker() {
    in.aw_ready = in.w_ready = in.ar_ready = true;
    out.r_ready = out.b_ready = true;
  }
  void step() {
    checker.step(cycle++, out, in);
    out.aw.valid = out.ar.valid = out.w.valid = in.r.valid = in.b_valid = false;
  }
  static axi_address address(std::uint64_t at, unsigned beats = 1) {
    return {true, static_cast<std::uint8_t>(beats - 1), 3, 1, at};
  }
  void data(bool last) {
    out.w.valid = true;
    out.w.last = last;
    out.w.strobes = 0xff;
  }
  void read_beat(bool last) {
    in.r.valid = true;
    in.r.last = last;
  }
  void expect(const char* rule) { EXPECT_THAT(log.texts(), ElementsAre(HasSubstr(rule))); }

  protocol_log log;
  axi_checker checker{8, log};
  core_outputs out;
  core_inputs in;
  std::uint64_t cycle = 0;
};

TEST_F(AxiChecker, LegalTrafficIsLeftAlone) {
  out.aw = address(0xff8);
  data(true);
  step();
  out.ar = address(0x800, 2);
  in.b_valid = true;
  step();
  read_beat(false);
  step();
  read_beat(true);
  step();
  checker.end(cycle);
  EXPECT_THAT(log.texts(), IsEmpty());
}

TEST_F(AxiChecker, AnAddressMustNotChangeBeforeItIsTaken) {
  in.ar_ready = false;
  out.ar = address(0);
  step();
  out.ar = address(8);
  step();
  expect("cycle 1: ar: an address changed");
}

TEST_F(AxiChecker, AnAddressMustNotBeWithdrawn) {
  in.aw_ready = false;
  out.aw = address(0);
  step();
  step();
  expect("aw: an address changed");
}

TEST_F(AxiChecker, WriteDataMustNotChangeBeforeItIsTaken) {
  in.w_ready = false;
  data(true);
  step();
  data(false);
  step();
  expect("w: data changed");
}

TEST_F(AxiChecker, ReadDataMustNotChangeBeforeItIsTaken) {
  out.ar = address(0);
  step();
  out.r_ready = false;
  read_beat(true);
  step();
  in.r.data[1] = 5;
  read_beat(true);
  step();
  expect("r: data changed");
}

TEST_F(AxiChecker, AResponseMustNotBeWithdrawn) {
  out.aw = address(0);
  data(true);
  step();
  out.b_ready = false;
  in.b_valid = true;
  step();
  step();
  expect("b: a response changed");
}

TEST_F(AxiChecker, ABeatIsAsWideAsTheBus) {
  out.ar = address(0);
  out.ar.size = 2;
  step();
  expect("as wide as the bus");
}

TEST_F(AxiChecker, ABurstIsIncrementing) {
  out.ar = address(0);
  out.ar.burst = 2;
  step();
  expect("not incrementing");
}

TEST_F(AxiChecker, AnAddressIsAligned) {
  out.ar = address(4);
  step();
  expect("not aligned");
}

TEST_F(AxiChecker, ABurstStaysWithin4KiB) {
  out.ar = address(0xff8, 2);
  step();
  expect("crosses 4 KiB");
}

TEST_F(AxiChecker, TheLastBeatOfAWriteIsMarked) {
  out.aw = address(0, 2);
  data(true);
  step();
  expect("w: last is not at the end");
}

TEST_F(AxiChecker, TheLastBeatOfAReadIsMarked) {
  out.ar = address(0);
  step();
  read_beat(false);
  step();
  expect("r: last is not at the end");
}

TEST_F(AxiChecker, NobodyGetsDataUnasked) {
  read_beat(true);
  step();
  expect("nobody asked for");
}

TEST_F(AxiChecker, NoResponseComesBeforeTheData) {
  out.aw = address(0);
  step();
  in.b_valid = true;
  step();
  expect("without its data");
}

TEST_F(AxiChecker, WhatIsMissingAtTheEndIsFound) {
  out.ar = address(0);
  out.aw = address(0, 2);
  data(false);
  step();
  checker.end(cycle);
  EXPECT_THAT(log.texts(),
              ElementsAre(HasSubstr("read data is missing"), HasSubstr("write data is missing")));
}

TEST_F(AxiChecker, AMissingResponseIsFound) {
  out.aw = address(0);
  data(true);
  step();
  checker.end(cycle);
  expect("a response is missing");
}

}  // namespace
}  // namespace ivshmem::rtl::test
