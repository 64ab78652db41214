// SPDX-License-Identifier: Apache-2.0
//
// Proof of ivshmem_tlp_merge: no completion passes a message that was there before it. Assumed of
// the sources: what is offered stays until it is taken; a message has one beat; while a completion
// waits, those messages that were under way before it are offered without a gap, and they are as
// many as the device has room for (proof of ivshmem_messages).
`include "reset.svh"
logic past_cpl_q, past_msg_q;
logic [127+DataWidth+Lanes+3:0] cpl, past_cpl_beat_q;
logic [127+DataWidth+Lanes:0]   msg, past_msg_beat_q;
localparam int Lanes = DataWidth / 32;
assign cpl = {tx_cpl_hdr_i, tx_cpl_data_i, tx_cpl_strb_i, tx_cpl_sop_i, tx_cpl_eop_i, tx_cpl_err_i};
assign msg = {tx_msg_hdr_i, tx_msg_data_i, tx_msg_strb_i};
always @(posedge clk_i) begin
  past_cpl_q      <= rst_ni && tx_cpl_valid_i && !tx_cpl_ready_o;
  past_msg_q      <= rst_ni && tx_msg_valid_i && !tx_msg_ready_o;
  past_cpl_beat_q <= cpl;
  past_msg_beat_q <= msg;
end
`IVSHMEM_ASSUME(CompletionStays, !past_cpl_q || (tx_cpl_valid_i && cpl == past_cpl_beat_q))
`IVSHMEM_ASSUME(MessageStays, !past_msg_q || (tx_msg_valid_i && msg == past_msg_beat_q))
`IVSHMEM_ASSUME(MessageIsOneBeat, !tx_msg_valid_i || (tx_msg_sop_i && tx_msg_eop_i))

(* anyseq *) logic [CountBits-1:0] under_way;  // messages when a completion begins to be offered
`IVSHMEM_ASSUME(NoMoreThanTheQueue, under_way <= Queue[CountBits-1:0])
logic                 waiting_q;  // a completion's first beat was offered and not taken
logic [CountBits-1:0] before_q;   // of them still there
logic                 first;      // a completion's first beat is offered
logic [CountBits-1:0] before;
assign first  = tx_cpl_valid_i && !inside_q;
assign before = waiting_q ? before_q : under_way;
`IVSHMEM_ASSUME(WhatIsUnderWayIsOffered, !first || before == '0 || tx_msg_valid_i)
always_ff @(posedge clk_i or negedge rst_ni) begin
  if (!rst_ni) begin
    waiting_q <= 1'b0;
    before_q  <= '0;
  end else begin
    waiting_q <= first && !tx_cpl_ready_o;
    before_q  <= before == '0 ? '0 : before - {{(CountBits-1){1'b0}}, tx_msg_ready_o};
  end
end
`IVSHMEM_ASSERT(NoCompletionPassesAMessage, !(first && tx_cpl_ready_o) || before == '0)
`IVSHMEM_ASSERT(MessagesAreCounted, !waiting_q || before_q == '0 ||
                ({1'b0, before_q} + {1'b0, passed_q} <= {1'b0, Queue[CountBits-1:0]} && !(held_q && !choice_q)))
`IVSHMEM_ASSERT(HeldBelowTheQueue, !(held_q && choice_q) || passed_q != Queue[CountBits-1:0])
`IVSHMEM_ASSERT(HeldIsOffered, !held_q || (choice_q ? past_msg_q : past_cpl_q))
`IVSHMEM_ASSERT(OnlyCompletionsGoOn, !inside_q || !choice_q)
`IVSHMEM_ASSERT(PassedOnlyWhileWaiting, waiting_q || passed_q == '0)
