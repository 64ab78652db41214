// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "ivshmem/tlm/device_view.h"

namespace ivshmem::qtest {

/// QEMU's log of device-level accesses (`-D FILE -trace memory_region_ops_*`), one line each.
class callback_trace {
 public:
  /// Empty `path`: nothing is written. Throws user_error.
  explicit callback_trace(const std::string& path);

  bool is_on() const noexcept { return file_ != nullptr; }
  void line(bool write, std::uint64_t address, std::uint32_t value, const char* region);

 private:
  struct close {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, close> file_;
};

/// What the program tells about one device: its accesses, and once per run the warning that one
/// was refused.
class device_reporter final : public endpoint_observer {
 public:
  device_reporter(const std::string& program, callback_trace& trace, const device_place& place)
      : program_(program), trace_(trace), place_(place) {}

  void on_register_access(unsigned bar, bool write, std::uint32_t offset,
                          std::uint32_t value) override;
  void on_blocked_reentry(unsigned bar, std::uint32_t offset) override;

 private:
  /// QEMU's name of the region at `offset`, which becomes relative to it.
  const char* region(unsigned bar, std::uint32_t& offset) const;

  const std::string& program_;
  callback_trace& trace_;
  const device_place& place_;
};

}  // namespace ivshmem::qtest
