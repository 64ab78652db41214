// SPDX-License-Identifier: Apache-2.0
//
// Random traffic over trees of switches, several processor threads, in all timing modes.
#include <gmock/gmock.h>

#include <ostream>
#include <string>
#include <vector>

#include "modes.h"
#include "platform.h"
#include "scoreboard.h"

namespace ivshmem::test {
namespace {

/// A tree of `levels` levels of switches with no more than `room` leaves; takes them from it.
shape grow(random& dice, unsigned levels, unsigned& room) {
  shape here;
  if (levels == 0) {
    --room;
    return here;
  }
  const unsigned ports = pick(dice, 1, 4);
  for (unsigned i = 0; i < ports && (room > 0 || i == 0); ++i) {
    here.below.push_back(grow(dice, i == 0 ? levels - 1 : pick(dice, 0, levels - 1), room));
  }
  return here;
}

platform_config draw(random& dice, timing_mode mode, bool non_blocking) {
  platform_config config;
  config.mode = mode;
  config.non_blocking = non_blocking;
  config.vectors = vectors;
  config.slots.clear();
  unsigned room = pick(dice, 4, most_leaves);
  const unsigned levels = pick(dice, 1, 3);
  config.slots.push_back(grow(dice, levels, room));
  do {
    config.slots.push_back(grow(dice, room > 3 ? pick(dice, 0, 1) : 0, room));
  } while (room > 3 && config.slots.size() < 3);
  config.root_ports = pick(dice, 0, 1) == 1;
  config.link.generation = pick(dice, 1, 6);
  config.link.lanes = 1U << pick(dice, 0, 4);
  if (pick(dice, 0, 1) == 1) {
    config.link.credits = {pick(dice, 1, 3), pick(dice, 16, 32), pick(dice, 1, 3)};
    config.root.posted_buffer = pick(dice, 1, 4);
  }
  return config;
}

struct run_parameters {
  timing_mode mode;
  bool non_blocking;
  unsigned seed;
};

// The name is GoogleTest's.
void PrintTo(const run_parameters& run,  // NOLINT(readability-identifier-naming)
             std::ostream* out) {
  *out << "seed " << run.seed;
}

struct RandomTraffic : testing::TestWithParam<run_parameters> {};

TEST_P(RandomTraffic, IsOrderedAndLosesNothing) {
  const run_parameters& how = GetParam();
  tlm_utils::tlm_quantumkeeper::set_global_quantum({1, sc_core::SC_US});
  random dice(how.seed);
  platform bus(draw(dice, how.mode, how.non_blocking));
  traffic board{bus, dice};
  RecordProperty("seed", static_cast<int>(how.seed));
  RecordProperty("devices", static_cast<int>(board.count));
  SCOPED_TRACE("seed " + std::to_string(how.seed));
  bus.run([&] {
    board.set_up();
    std::vector<std::function<void()>> work;
    for (unsigned t = 0; t < threads; ++t) {
      work.emplace_back([&board, t, seed = how.seed + 100 * t] { board.run(t, seed); });
    }
    platform::all(work);
    sc_core::wait(1, sc_core::SC_MS);
    for (unsigned i = 0; i < board.count; ++i) {
      bus.mask(i, 2, false);
    }
    sc_core::wait(1, sc_core::SC_MS);
    board.check_accounts();
  });
  if (how.mode == timing_mode::tlm_cycle) {
    EXPECT_GT(bus.down_order.packets(), threads * operations);
    EXPECT_GT(bus.up_order.packets(), 0U);
  }
}

std::vector<run_parameters> runs() {
  std::vector<run_parameters> all;
  for (unsigned seed = 1; seed <= 12; ++seed) {
    all.push_back({timing_mode::tlm_cycle, seed % 3 == 0, seed});
    if (seed <= 4) {
      all.push_back({timing_mode::functional, seed % 2 == 0, seed});
      all.push_back({timing_mode::tlm_lt, seed % 2 == 0, seed});
    }
  }
  return all;
}

std::string name_of(const testing::TestParamInfo<run_parameters>& info) {
  return mode_name(info.param.mode) + (info.param.non_blocking ? "NonBlocking" : "Blocking") +
         "Seed" + std::to_string(info.param.seed);
}

INSTANTIATE_TEST_SUITE_P(Trees, RandomTraffic, testing::ValuesIn(runs()), name_of);

}  // namespace
}  // namespace ivshmem::test
