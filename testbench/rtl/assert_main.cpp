// SPDX-License-Identifier: Apache-2.0
//
// Drives assert_tb.sv, and says in which cycles an assertion failed. See assert_check.
#include <Vassert_tb.h>
#include <verilated.h>

#include <cstdio>

namespace {

struct cycle {
  bool reset;
  bool holds;
  bool valid;
  bool ready;
  unsigned char payload;
  int failures;
};

constexpr cycle cycles[] = {
    {true, false, true, false, 1, 0},   // in reset nothing is asked for
    {false, true, false, false, 2, 0},  // what was offered there need not stay
    {false, false, false, false, 0, 1},
    {false, true, false, false, 0, 0},  // of this cycle, not of the one before
    {false, true, true, false, 3, 0},
    {false, true, true, false, 3, 0},  // stays
    {false, true, true, true, 3, 0},   // and is taken
    {false, true, true, true, 4, 0},
    {false, true, true, false, 5, 0},   // the next ones
    {false, true, true, false, 6, 1},   // changes
    {false, true, false, false, 6, 1},  // goes away
    {false, true, false, false, 7, 0},
    {false, true, true, false, 8, 0},
    {true, true, false, false, 9, 0},  // a reset takes it back
    {false, true, false, false, 9, 0},
};

}  // namespace

int main() {
  VerilatedContext context;
  context.fatalOnError(false);
  context.assertOn(true);
  Vassert_tb pins(&context);
  int number = 0;
  int wrong = 0;
  for (const cycle& now : cycles) {
    const int before = context.errorCount();
    pins.rst_ni = !now.reset;
    pins.eval();  // asynchronous: it is there before the edge
    pins.holds_i = now.holds;
    pins.valid_i = now.valid;
    pins.ready_i = now.ready;
    pins.payload_i = now.payload;
    pins.clk_i = 1;
    pins.eval();
    pins.clk_i = 0;
    pins.eval();
    if (context.errorCount() - before != now.failures) {
      std::printf("cycle %d: %d assertions failed, must be %d\n", number,
                  context.errorCount() - before, now.failures);
      ++wrong;
    }
    ++number;
  }
  pins.final();
  return wrong == 0 ? 0 : 1;
}
