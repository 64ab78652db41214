// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "ivshmem/model/interrupt_event.h"
#include "ivshmem/model/msix.h"
#include "ivshmem/model/types.h"
#include "ivshmem/tlm/pcie/tlp.h"

namespace ivshmem {

/// Every cycle in which a tlm_cycle endpoint does something at a port of its own.
///
/// All numbers of cycles are handshakes in the device clock: cycle n is at n clock periods of
/// simulation time. Calls of one function come in the order of their cycles, but ahead of them:
/// when the model knows. References are good during the call; an observer changes nothing.
class cycle_observer {
 public:
  /// One completion TLP. The rest of its header is in the request's tlp_of().
  struct completion {
    const pcie::payload& request;    ///< with the data that the completion brings
    pcie::completion_status status;  ///< of this piece
    unsigned first_byte;             ///< of the request's data that this piece begins with
    unsigned bytes;                  ///< of the request's data in this piece
    unsigned dwords;                 ///< payload; 0: completion without data
    unsigned byte_count;             ///< header field, 4096 as 4096
    unsigned lower_address;          ///< header field
    std::uint64_t first_beat;        ///< cycle at tx_cpl
    std::uint64_t last_beat;
  };
  /// One message TLP.
  struct message {
    bool is_intx;
    bool asserted;         ///< INTx: Assert_INTA or Deassert_INTA
    vector_index vector;   ///< MSI-X
    msix_message content;  ///< MSI-X
    pcie::bdf requester;
    std::uint64_t cycle;  ///< at tx_msg
  };
  /// A doorbell that leaves the device.
  struct doorbell {
    peer_id peer;         ///< upper half of what was written
    std::uint16_t value;  ///< lower half, whatever vector that means
    bool is_word;         ///< one write of four bytes
    std::uint64_t cycle;
  };
  /// One burst at the shared memory.
  struct memory_write {
    const pcie::payload& request;  ///< data and byte enables
    unsigned first_byte;           ///< of the request's data that this burst begins with
    unsigned bytes;
    unsigned written;      ///< of them; fewer: the rest of a packet that went wrong
    std::uint64_t offset;  ///< in BAR2, of `first_byte`
    std::uint64_t aw;      ///< cycle of the address
    std::uint64_t last_w;  ///< cycle of the last data beat
  };
  /// One read burst at the shared memory.
  struct memory_read {
    std::uint64_t offset;  ///< in BAR2, bytes
    unsigned bytes;        ///< wanted: from `offset` on, whole beats are read
    std::uint64_t ar;      ///< cycle of the address
  };

  virtual ~cycle_observer() = default;
  virtual void on_completion(const completion& /*piece*/) {}
  virtual void on_message(const message& /*one*/) {}
  virtual void on_doorbell(const doorbell& /*one*/) {}
  virtual void on_memory_write(const memory_write& /*burst*/) {}
  virtual void on_memory_read(const memory_read& /*burst*/) {}
  /// A request left the request buffer: rx_done_o.
  virtual void on_credit(const pcie::payload& /*request*/, std::uint64_t /*cycle*/) {}
  /// `cycle` is the one in which evt_valid_o tells, the one after the cause.
  virtual void on_interrupt(interrupt_event /*kind*/, vector_index /*vector*/,
                            std::uint64_t /*cycle*/) {}
  /// A request is malformed; `cycle` is its last in execution, or if the device has begun with it,
  /// that of its first beat that is not as the header says.
  virtual void on_malformed(const pcie::payload& /*request*/, std::uint64_t /*cycle*/) {}
  /// A notification was accepted at ntf.
  virtual void on_notification(vector_index /*vector*/, std::uint64_t /*cycle*/) {}
  /// A function reset was accepted at frst.
  virtual void on_function_reset(std::uint64_t /*cycle*/) {}
};

}  // namespace ivshmem
