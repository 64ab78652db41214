// SPDX-License-Identifier: Apache-2.0
//
// Whom a doorbell write rings.
#include "ivshmem/model/doorbell.h"

namespace ivshmem {

doorbell_target resolve_doorbell(std::uint32_t value, bool whole_word, const peer_table& peers,
                                 const device_properties& properties) noexcept {
  doorbell_target to;
  to.peer = static_cast<peer_id>(value >> 16U);
  const unsigned vectors = peers.vectors(to.peer);
  // The value registered for an ID from 32,768 on is sign-extended and never matches, except in
  // the hypervisor's kernel [behaviour 4].
  const bool in_kernel = properties.irq_path == interrupt_path::irqfd;
  const std::uint32_t whole = value & 0xffffU;
  if (whole_word && properties.ioeventfd && ((value >> 31U) == 0 || in_kernel) && whole < vectors) {
    to.vector = static_cast<vector_index>(whole);
    to.by_ioeventfd = true;
    to.rings = true;
    return to;
  }
  // The specification gives the vector 16 bits; the device uses 8 [ivshmem.c:ivshmem_io_write].
  to.vector = static_cast<vector_index>(value & 0xffU);
  to.rings = to_int(to.vector) < vectors;
  if (!properties.has_peers()) {
    to.cause = drop_cause::no_interrupts;
  } else if (vectors != 0) {
    to.cause = drop_cause::no_such_vector;
  } else {
    to.cause = peers.has_left(to.peer) ? drop_cause::peer_left : drop_cause::no_such_peer;
  }
  return to;
}

}  // namespace ivshmem
