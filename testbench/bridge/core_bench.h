// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>

#include <array>
#include <cstdint>
#include <vector>

#include "core_access.h"
#include "ivshmem/model/driver.h"
#include "ivshmem/rtl_bridge/core_driver.h"
#include "requests.h"

namespace ivshmem::rtl::test {

/// A core with its memory; collects what comes out.
class core_bench {
 public:
  explicit core_bench(core_config configuration, const stall_pattern* stalls = nullptr,
                      unsigned write_latency = 2)
      : driver({configuration, 8, write_latency, stalls, stalls, true}, backing) {}

  void push(const raw_tlp& tlp) { driver.requests().push(tlp, driver.cycle()); }
  void run() {
    do {
      const driver_outputs& seen = driver.look();
      if (seen.completion != nullptr) {
        completions.push_back(*seen.completion);
        at.push_back(driver.cycle());
      }
      if (seen.message != nullptr) {
        messages.push_back(*seen.message);
      }
      if (seen.doorbell.valid) {
        doorbells.push_back(seen.doorbell);
      }
      done += seen.request_done ? 1 : 0;
      driver.finish();
    } while (!driver.idle());
    driver.check_end();
    EXPECT_THAT(driver.violations().texts(), testing::IsEmpty());
  }
  std::uint32_t read_config(std::uint32_t offset) {
    push(config_read(offset));
    run();
    return completions.back().payload.at(0);
  }
  /// BAR0 at 64 KiB, BAR1 at 128 KiB, BAR2 at 1 MiB.
  void place() {
    core_access access([this](const raw_tlp& tlp) { push(tlp); }, {0x1'0000, 0x2'0000});
    ivshmem::driver device(access, 0);
    device.place_bar(0, 0x1'0000);
    device.place_bar(1, 0x2'0000);
    device.place_bar(2, 0x10'0000);
    device.enable();
    run();
    completions.clear();
    at.clear();
    done = 0;
  }

  std::array<std::uint8_t, 4096> bytes{};
  view_memory backing{{bytes.data(), bytes.size()}};
  core_driver driver;
  std::vector<raw_tlp> completions;
  std::vector<std::uint64_t> at;
  std::vector<raw_tlp> messages;
  std::vector<doorbell_pins> doorbells;
  unsigned done = 0;
};

inline core_config doorbell_core(unsigned width = 64, unsigned vectors = 4) {
  core_config made;
  made.data_width = width;
  made.vectors = vectors;
  made.iv_position = 7;
  return made;
}

}  // namespace ivshmem::rtl::test
