// SPDX-License-Identifier: Apache-2.0
//
// Proof of ivshmem_messages: what is caused is under way or was sent, nothing else is.
// Assumed, proven in ivshmem_core: a cause has room, and there is one in a cycle.
`include "reset.svh"
`IVSHMEM_ASSUME(CauseHasRoom, !cause || room_o)
`IVSHMEM_ASSUME(OneCauseInACycle, !(msix_cause_i && intx_cause_i))

(* keep *) logic [CountBits-1:0] queued;  // connected to u_queue.count_q
`IVSHMEM_ASSERT(CountIsWhatIsUnderWay,
                count_q == queued + {{(CountBits-1){1'b0}}, second_q})
`IVSHMEM_ASSERT(RoomNeverNegative, count_q + {{(CountBits-1){1'b0}}, first_q} <= Queue[CountBits-1:0])
