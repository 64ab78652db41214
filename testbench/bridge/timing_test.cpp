// SPDX-License-Identifier: Apache-2.0
//
// Every row of docs/timing.md, measured at the pins of the RTL. endpoint_timing_test measures the
// same rows on the model.
#include <gtest/gtest.h>

#include <functional>
#include <utility>
#include <vector>

#include "../system/timing_row.h"
#include "core_access.h"
#include "ivshmem/model/driver.h"
#include "ivshmem/model/regmap.h"
#include "ivshmem/rtl_bridge/core_driver.h"

namespace ivshmem::rtl::test {
namespace {

using ivshmem::test::row;

constexpr std::uint32_t bar0_at = 0xfe00'0000;
constexpr std::uint32_t bar1_at = 0xfe00'1000;
constexpr std::uint32_t bar2_at = 0xfd00'0000;
constexpr unsigned vectors = 4;

/// Pins of one cycle, and what IntrMask held in it.
struct sample {
  core_outputs out;
  core_inputs in;
  std::uint32_t intr_mask = 0;
};
using samples = std::vector<sample>;
using condition = std::function<bool(const sample&)>;

class RtlTiming : public testing::Test {
 protected:
  RtlTiming() : memory_(4096), view_({memory_.data(), memory_.size()}), driver_(chosen(), view_) {
    device.place_bar(0, bar0_at);
    device.place_bar(1, bar1_at);
    device.place_bar(2, bar2_at);
    device.enable();
    device.set_msix(true);
    run();
  }
  void TearDown() override {
    driver_.check_end();
    EXPECT_EQ(driver_.violations().count(), 0U);
  }

  void send(const raw_tlp& tlp) { driver_.requests().push(tlp, 0); }
  void write(std::uint32_t address, std::uint32_t value) { send(memory_write(address, {value})); }
  void read(std::uint32_t address) { send(memory_read(address, 1)); }
  void notify(std::uint16_t vector) { driver_.notify(vector, driver_.cycle()); }

  samples run() {
    samples seen;
    do {
      driver_.look();
      sample one{driver_.core().out(), {}, driver_.core().peek_register(0)};
      driver_.finish();
      one.in = driver_.core().in;
      seen.push_back(one);
    } while (!driver_.idle() || driver_.due() != never);
    return seen;
  }

  static unsigned first(const samples& seen, const condition& holds) {
    for (unsigned i = 0; i < seen.size(); ++i) {
      if (holds(seen[i])) {
        return i;
      }
    }
    ADD_FAILURE() << "never";
    return 0;
  }
  static bool requested(const sample& s) { return s.in.request.valid && s.out.request_ready; }
  static bool completed(const sample& s) { return s.out.completion.valid; }
  static bool message(const sample& s) { return s.out.message.valid; }

  /// Cycles from the only request to `what`.
  unsigned from_request(const condition& what) {
    const samples seen = run();
    return first(seen, what) - first(seen, requested);
  }

 private:
  core_access access_{[this](const raw_tlp& tlp) { send(tlp); }, {bar0_at, bar1_at}};

 protected:
  ivshmem::driver device{access_, vectors};

 private:
  static core_driver_config chosen() {
    core_driver_config chosen;
    chosen.core.vectors = vectors;
    return chosen;
  }

  std::vector<std::uint8_t> memory_;
  view_memory view_;
  core_driver driver_;
};

TEST_F(RtlTiming, CompletionsLeaveAsTheTableSays) {
  send(config_write(cfg::interrupt_line.offset, 1));
  EXPECT_EQ(from_request(completed), row("configuration read or write"));
  read(bar0_at);
  EXPECT_EQ(from_request(completed), row("BAR0 read"));
  read(bar1_at);
  EXPECT_EQ(from_request(completed), row("BAR1 read (MSI-X table, pending bits)"));
  read(0x1000);
  EXPECT_EQ(from_request(completed), row("request that ends as UR or CA"));
  read(bar2_at);
  EXPECT_EQ(from_request(completed), row("BAR2 read, memory latency 8"));
}

TEST_F(RtlTiming, AWriteChangesARegisterAndReturnsItsCreditsAsTheTableSays) {
  write(bar0_at, 0x5a);
  const samples seen = run();
  const unsigned request = first(seen, requested);
  // What a cycle changes is seen in the next.
  EXPECT_EQ(first(seen, [](const sample& s) { return s.intr_mask == 0x5a; }) - 1 - request,
            row("any write, each dword"));
  EXPECT_EQ(first(seen, [](const sample& s) { return s.out.request_done; }) - request,
            row("any request, nothing in its way"));
}

TEST_F(RtlTiming, AWriteReachesTheMemoryAndIsConfirmedAsTheTableSays) {
  write(bar2_at, 1);
  const samples seen = run();
  const unsigned request = first(seen, requested);
  EXPECT_EQ(first(seen, [](const sample& s) { return s.out.aw.valid && s.out.w.valid; }) - request,
            row("BAR2 write, each beat"));
  EXPECT_EQ(first(seen, [](const sample& s) { return s.in.b_valid; }) - request,
            row("BAR2 write, memory write latency 2"));
}

TEST_F(RtlTiming, ADoorbellLeavesAsTheTableSays) {
  device.ring(peer_id{1}, 0);
  EXPECT_EQ(from_request([](const sample& s) { return s.out.doorbell.valid; }),
            row("doorbell write"));
}

TEST_F(RtlTiming, ANotificationBecomesAMessageAsTheTableSays) {
  ASSERT_TRUE(device.unmask(0));
  run();
  notify(0);
  const samples seen = run();
  EXPECT_EQ(first(seen, message) -
                first(seen, [](const sample& s) { return s.in.notify && s.out.notify_ready; }),
            row("notification, unmasked"));
}

TEST_F(RtlTiming, APendingVectorIsSentAfterAnUnmaskAsTheTableSays) {
  notify(1);
  run();
  ASSERT_TRUE(device.unmask(1));
  EXPECT_EQ(from_request(message), row("unmask of a pending vector"));
}

TEST_F(RtlTiming, PendingVectorsAreSentAfterAFunctionUnmaskAsTheTableSays) {
  for (unsigned vector = 0; vector < 2; ++vector) {
    ASSERT_TRUE(device.unmask(vector));
  }
  device.set_msix(true, true);
  run();
  notify(0);
  notify(1);
  run();
  device.set_msix(true);
  const samples seen = run();
  const unsigned sent = first(seen, message);
  EXPECT_EQ(sent - first(seen, requested), row("function unmask, pending vectors in the first 64"));
  EXPECT_TRUE(message(seen[sent + row("next message of the same cause")]));
}

}  // namespace
}  // namespace ivshmem::rtl::test
