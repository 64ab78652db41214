// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "ivshmem/model/device.h"
#include "ivshmem/model/driver.h"

namespace ivshmem::test {

/// A driver's accesses to a device that has no bus in between.
class direct_access final : public driver_access {
 public:
  explicit direct_access(device& dut) : dut_(dut) {}

  std::uint32_t read_config(std::uint32_t offset, unsigned bytes) override {
    return dut_.config_read(offset, bytes);
  }
  void write_config(std::uint32_t offset, unsigned bytes, std::uint32_t value) override {
    dut_.config_write(offset, bytes, value);
  }
  std::uint32_t read32(unsigned bar, std::uint64_t offset) override {
    std::uint32_t value = 0;
    dut_.read(bar, offset, reinterpret_cast<std::uint8_t*>(&value), sizeof value);
    return value;
  }
  void write32(unsigned bar, std::uint64_t offset, std::uint32_t value) override {
    dut_.write(bar, offset, reinterpret_cast<const std::uint8_t*>(&value), sizeof value);
  }

 private:
  device& dut_;
};

}  // namespace ivshmem::test
