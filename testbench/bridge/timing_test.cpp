// SPDX-License-Identifier: Apache-2.0
//
// Every row of docs/timing.md, measured at the pins of the RTL. endpoint_timing_test measures the
// same rows on the model.
#include <gtest/gtest.h>

#include <functional>
#include <utility>
#include <vector>

#include "../system/timing_row.h"
#include "ivshmem/model/regmap.h"
#include "ivshmem/rtl_bridge/core_driver.h"

namespace ivshmem::rtl::test {
namespace {

using ivshmem::test::row;

constexpr std::uint32_t bar0_at = 0xfe00'0000;
constexpr std::uint32_t bar1_at = 0xfe00'1000;
constexpr std::uint32_t bar2_at = 0xfd00'0000;
constexpr std::uint32_t masked = 0xc000'0000;  // MSI-X enabled, function mask set
constexpr std::uint32_t enabled = 0x8000'0000;

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
    config(cfg::bar0_reg.offset, bar0_at);
    config(cfg::bar1_reg.offset, bar1_at);
    config(cfg::bar2_reg.offset, bar2_at);
    config(cfg::command.offset, cfg::command_memory | cfg::command_master);
    config(cfg::msix_capability, enabled);
    run();
  }
  void TearDown() override {
    driver_.check_end();
    EXPECT_EQ(driver_.violations().count(), 0U);
  }

  void config(std::uint32_t offset, std::uint32_t value) {
    send({0x4400'0001, 0x0000'000f, 0x0100'0000U | offset, 0}, {value});
  }
  void write(std::uint32_t address, std::uint32_t value) {
    send({0x4000'0001, 0x0000'000f, address, 0}, {value});
  }
  void read(std::uint32_t address) { send({0x0000'0001, 0x0000'000f, address, 0}, {}); }
  void set_control(unsigned vector, std::uint32_t value) {
    write(bar1_at + bar1::entry_bytes * vector + bar1::entry_control, value);
  }
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
  static core_driver_config chosen() {
    core_driver_config chosen;
    chosen.core.vectors = 4;
    return chosen;
  }
  void send(const header_words& header, std::vector<std::uint32_t> payload) {
    driver_.requests().push({header, std::move(payload)}, 0);
  }

  std::vector<std::uint8_t> memory_;
  view_memory view_;
  core_driver driver_;
};

TEST_F(RtlTiming, CompletionsLeaveAsTheTableSays) {
  config(cfg::interrupt_line.offset, 1);
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
  write(bar0_at + bar0::doorbell.offset, 0x0001'0000);
  EXPECT_EQ(from_request([](const sample& s) { return s.out.doorbell.valid; }),
            row("doorbell write"));
}

TEST_F(RtlTiming, ANotificationBecomesAMessageAsTheTableSays) {
  set_control(0, 0);
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
  set_control(1, 0);
  EXPECT_EQ(from_request(message), row("unmask of a pending vector"));
}

TEST_F(RtlTiming, PendingVectorsAreSentAfterAFunctionUnmaskAsTheTableSays) {
  for (unsigned vector = 0; vector < 2; ++vector) {
    set_control(vector, 0);
  }
  config(cfg::msix_capability, masked);
  run();
  notify(0);
  notify(1);
  run();
  config(cfg::msix_capability, enabled);
  const samples seen = run();
  const unsigned sent = first(seen, message);
  EXPECT_EQ(sent - first(seen, requested), row("function unmask, pending vectors in the first 64"));
  EXPECT_TRUE(message(seen[sent + row("next message of the same cause")]));
}

}  // namespace
}  // namespace ivshmem::rtl::test
