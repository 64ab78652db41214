// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <systemc>

#include "ivshmem/tlm/endpoint.h"

namespace ivshmem {

/// One call into the device from outside: its time, and whose it is.
///
/// The device refuses an access that comes back to it through its own message [behaviour 5]. When
/// the platform waits inside that message, accesses of other processes are not such ones.
class endpoint::visit {
 public:
  visit(endpoint& owner, const sc_core::sc_time& delay) : owner_(owner), outer_(owner.delay_) {
    owner_.delay_ = delay;
    const auto& senders = owner_.messengers_;
    other_process_ =
        !senders.empty() && std::find(senders.begin(), senders.end(),
                                      sc_core::sc_get_current_process_b()) == senders.end();
    if (other_process_) {
      owner_.device_->set_inside_access(false);
    }
  }
  ~visit() {
    owner_.delay_ = outer_;
    if (other_process_ && owner_.device_ != nullptr) {
      owner_.device_->set_inside_access(!owner_.messengers_.empty());
    }
  }
  visit(const visit&) = delete;
  visit& operator=(const visit&) = delete;

 private:
  endpoint& owner_;
  sc_core::sc_time outer_;
  bool other_process_ = false;
};

}  // namespace ivshmem
