// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <iosfwd>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "machine.h"

namespace ivshmem::conformance {

/// How a trace file was reproduced.
struct replay_result {
  unsigned operations = 0;
  unsigned differences = 0;
};

/// What answers.
struct replayed_program {
  std::string path;
  std::vector<std::string> options;  ///< before all others
  bool calls = true;  ///< it logs device-level callbacks; if not, the recorded ones do not count
  /// Version that it is to follow if it is no QEMU; empty: that of the recording.
  std::string qemu;
};

/// The QEMU that a program other than QEMU follows to answer like `version`, which is part of the
/// text, such as `Debian 1:7.2+dfsg`; the default if there is none.
std::string followed_qemu(const std::string& version);

/// Runs the recorded operations of `file` on `program` and compares every answer, MSI-X message,
/// doorbell, error line and, where recorded, device-level callback. The first differences go to
/// `report` with the operations before them. Throws bench_error.
replay_result replay_file(const replayed_program& program, const std::string& file,
                          std::ostream& report);

/// One recorded session: a machine and its operations.
class session {
 public:
  /// `firmware`: an image at the end of 4 GiB; empty: the installed one.
  session(const replayed_program& program, const json& header, const std::string& firmware = {});

  /// Carries out `operation` and returns it with what was seen now.
  json run(const json& operation);
  /// The program's version, or the one that it follows.
  const std::string& version() const noexcept { return machine_->version(); }

 private:
  struct bar_window {
    unsigned device;
    unsigned bar;
    std::uint64_t base;
    std::uint64_t bytes;
  };

  void act(json& operation);
  void batch(json& operation);
  void serve(const json& operation);
  void observe(json& operation);
  unsigned slot(const json& operation) const;
  void note_window(unsigned device, unsigned bar, std::uint64_t base);
  void follow(const json& operation);
  void note_config_write(const json& operation);
  json named_callbacks();

  std::vector<json> devices_;
  int monitor_device_ = -1;
  std::vector<std::pair<unsigned, unsigned>> ghosts_;  // peers without a device: ID, vectors
  std::vector<bar_window> windows_;                    // for the names in callbacks
  std::unique_ptr<machine> machine_;
};

}  // namespace ivshmem::conformance
