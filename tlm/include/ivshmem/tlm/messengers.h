// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <systemc>
#include <vector>

namespace ivshmem {

/// The processes whose message waits upstream, sent from inside an access.
///
/// A device refuses an access that comes back to it through its own message [behaviour 5]. When the
/// platform waits inside that message, accesses of other processes are not such ones.
class messengers {
 public:
  bool empty() const noexcept { return processes_.empty(); }
  /// Whether the running process is one of them.
  bool has_this_process() const {
    return !empty() &&
           std::find(processes_.begin(), processes_.end(), this_process()) != processes_.end();
  }
  /// Before the running process sends its message, and when it is back.
  void add_this_process() { processes_.push_back(this_process()); }
  void remove_this_process() {
    processes_.erase(std::find(processes_.begin(), processes_.end(), this_process()));
  }
  /// Nobody is under way for this device: another one is in its place.
  void clear() noexcept { processes_.clear(); }

 private:
  static const void* this_process() { return sc_core::sc_get_current_process_b(); }

  std::vector<const void*> processes_;
};

}  // namespace ivshmem
