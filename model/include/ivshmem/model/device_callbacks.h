// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "ivshmem/model/msix.h"
#include "ivshmem/model/types.h"

namespace ivshmem {

/// What the device asks of whoever holds it. Calls come from inside an access or a notification.
class device_callbacks {
 public:
  /// Rings `vector` of `peer`: both are connected [ivshmem.c:event_notifier_set].
  virtual void ring(peer_id peer, vector_index vector) = 0;
  /// Writes an MSI-X message upstream. `injected`: the hypervisor delivers it to the interrupt
  /// controller itself, no memory write happens [behaviour 5, irqfd].
  virtual void send_message(vector_index vector, const msix_message& message, bool injected) = 0;
  /// Asked when an access has unmasked vectors that are pending: whether their messages may be sent
  /// inside it. If not, they are owed: device::next_owed().
  virtual bool may_release() { return true; }
  /// A notification waits, because its vector is masked; `merged`: one waited already.
  virtual void held_back(vector_index /*vector*/, bool /*merged*/) {}
  /// Level of INTx pin A, called on changes only.
  virtual void set_intx(bool asserted) = 0;
  /// A doorbell or notification was dropped; already counted.
  virtual void dropped(drop_cause cause, peer_id peer, vector_index vector) = 0;
  /// An access reached the device while it was inside another one, by way of its own message, and
  /// was refused at `offset` of `bar` [behaviour 5].
  virtual void blocked_reentry(unsigned bar, std::uint32_t offset) = 0;
  /// One 32-bit access of registers, MSI-X table or pending bits ran: what the real device's own
  /// callbacks see. Called only while device::trace_registers() is on.
  virtual void register_access(unsigned bar, bool write, std::uint32_t offset,
                               std::uint32_t value) = 0;

 protected:
  ~device_callbacks() = default;
};

}  // namespace ivshmem
