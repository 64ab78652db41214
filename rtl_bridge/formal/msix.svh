// SPDX-License-Identifier: Apache-2.0
//
// Proof of ivshmem_msix, for an arbitrary vector. Assumed, proven in ivshmem_core: one user in a
// cycle (OneUserInACycle), which has the room it needs; MSI-X mask and enable change only between
// them, and the end of the function mask is announced.
`include "reset.svh"
(* anyconst *) logic [10:0] any;
(* anyconst *) logic [11:0] any_vectors;
(* anyconst *) logic [15:0] any_pba;
`IVSHMEM_ASSUME(StrapsStay, vectors_i == any_vectors && pba_offset_i == any_pba)
`IVSHMEM_ASSUME(AnyExists, {1'b0, any} < vectors_i)
`IVSHMEM_ASSUME(TableBeforePending, {4'd0, vectors_i} <= {2'd0, pba_offset_i[15:2]} >> 2)
`IVSHMEM_ASSUME(OneUser, $countones({sweep_q, scan, access_i, notify_i, reset_i}) <= 1)
`IVSHMEM_ASSUME(AccessIsHere, here_i ? !notify_i && !sweep_q : !access_i)
`IVSHMEM_ASSUME(NotificationHasRoom, !notify_i || message_room_i)
`IVSHMEM_ASSUME(MaskedWithoutEnable, msix_enable_i || function_masked_i)
`IVSHMEM_ASSUME(UnmaskIsAlone, !unmask_i ||
                (function_masked_i && !sweep_q && !scan && !access_i && !notify_i && !reset_i))
// The mask bit of the function follows unmask_i, and is still in a step of a scan or of a sweep.
logic past_q, past_unmask_q, past_masked_q, past_enable_q, past_busy_q, past_reset_q;
always @(posedge clk_i) begin
  past_q        <= rst_ni;
  past_unmask_q <= unmask_i;
  past_masked_q <= function_masked_i;
  past_enable_q <= msix_enable_i;
  past_busy_q   <= scan || sweep_q;
  past_reset_q  <= reset_i;
end
`IVSHMEM_ASSUME(ResetMasks, (past_q && !past_reset_q) || (function_masked_i && !msix_enable_i))
`IVSHMEM_ASSUME(UnmaskIsAnnounced, !past_q || past_unmask_q == (past_masked_q && !function_masked_i))
`IVSHMEM_ASSUME(MaskStaysWhileBusy, !past_q || !past_busy_q ||
                (function_masked_i == past_masked_q && msix_enable_i == past_enable_q))

// What a table and a list of pending bits have to be, written down independently.
logic any_pending_q;
logic any_mask_q;
logic any_touched;
assign any_touched = table_write && dword_i[13:2] == {1'b0, any} && dword_i[1:0] == 2'd3;
always_ff @(posedge clk_i or negedge rst_ni) begin
  if (!rst_ni) begin
    any_pending_q <= 1'b0;
    any_mask_q    <= 1'b1;
  end else if (reset_i || sweep_q) begin
    any_pending_q <= 1'b0;
    any_mask_q    <= 1'b1;
  end else begin
    if (any_touched) begin
      any_mask_q <= wdata_i[0];
    end
    if (notify_i && vector_i == any && msix_enable_i && (function_masked_i || any_mask_q)) begin
      any_pending_q <= 1'b1;
    end
    if (any_touched && !wdata_i[0] && !function_masked_i && message_room_i) begin
      any_pending_q <= 1'b0;
    end
    if (released && subject == any) begin
      any_pending_q <= 1'b0;
    end
  end
end
logic released;  // by the scan
assign released = scan && send;

logic [63:0] any_word, any_masks;  // what the memories hold for it
assign any_word  = 64'(pending_mem[any[WordBits+5:6]]);
assign any_masks = 64'(mask_mem[any[WordBits+5:6]]);
logic swept;     // the sweep is past the word
assign swept = !sweep_q || sweep_vector_q > any;
`IVSHMEM_ASSERT(PendingExactlyWhenNotifiedWhileMasked, sweep_q || any_word[any[5:0]] == any_pending_q)
`IVSHMEM_ASSERT(MaskIsWhatWasWritten, sweep_q || any_masks[any[5:0]] == any_mask_q)
`IVSHMEM_ASSERT(SweepClears, !(sweep_q && sweep_vector_q > any) ||
                (!any_word[any[5:0]] && any_masks[any[5:0]]))
`IVSHMEM_ASSERT(SweepWithinVectors, !sweep_q || {1'b0, sweep_vector_q} < vectors_i)
`IVSHMEM_ASSERT(ScanWithinVectors, !scan_on || {1'b0, scan_word, 6'd0} < vectors_i)
`IVSHMEM_ASSERT(ScanOnlyUnmasked, !scan || !function_masked_i)
// A scan that has room comes to its end: each step leaves a word or a pending bit behind.
logic                 past_scan_q;
logic [10-ScanBits:0] past_word_q;
logic [11:0]          past_count_q;
always @(posedge clk_i) begin
  past_scan_q  <= rst_ni && scan;
  past_word_q  <= scan_word;
  past_count_q <= pending_count;
end
`IVSHMEM_ASSERT(ScanAdvances, !past_scan_q || !scan_on || scan_word == past_word_q + 1'b1 ||
                (scan_word == past_word_q && pending_count == past_count_q - 12'd1))
`IVSHMEM_ASSERT(NothingPendsWhileDeliverable, sweep_q || scan_on || function_masked_i ||
                !(any_pending_q && !any_mask_q))
`IVSHMEM_ASSERT(ScanLeavesNothingBehind, !(scan_on && {scan_word, 6'd0} > any) ||
                !(any_pending_q && !any_mask_q))

// Raised, sent, merged: a message of the vector exactly when it is unmasked and due.
logic any_sent;
assign any_sent = send && subject == any;
`IVSHMEM_ASSERT(NoMessageWhileMasked,
                !any_sent || (!function_masked_i && (any_touched ? !wdata_i[0] : !any_mask_q)))
`IVSHMEM_ASSERT(MessageHasACause,
                !any_sent || any_pending_q || (notify_i && vector_i == any && msix_enable_i))
`IVSHMEM_ASSERT(NotifiedIsSentOrPends, !(notify_i && vector_i == any && msix_enable_i) ||
                any_sent || function_masked_i || any_mask_q)
`IVSHMEM_ASSERT(UnmaskedIsSent, !(any_touched && !wdata_i[0] && !function_masked_i &&
                                  any_pending_q && message_room_i) || any_sent)
`IVSHMEM_ASSERT(CauseIsSendByAMaster, cause_o == (send && bus_master_i))

// The count is that of the bits, and there are none but those of vectors.
logic [11:0] bits;
logic        beyond;   // a bit of no vector is set
logic        unswept;  // a word that the sweep has passed is not clear
always_comb begin
  bits    = '0;
  beyond  = 1'b0;
  unswept = 1'b0;
  for (int w = 0; w < Words; w++) begin
    if (64 * w < vectors_i) begin
      for (int i = 0; i < 64; i++) begin
        if (i >= Kept) begin
          // There is no such bit.
        end else if (64 * w + i < vectors_i && 64 * w + i < MaxVectors) begin
          bits = bits + {11'd0, pending_mem[w][i % Kept]};
        end else begin
          beyond = beyond | pending_mem[w][i % Kept];
        end
      end
      unswept = unswept | (64 * w < sweep_vector_q && pending_mem[w] != '0);
    end
  end
end
`IVSHMEM_ASSERT(NoBitBeyondVectors, sweep_q || !beyond)
`IVSHMEM_ASSERT(SweepIsComplete, !(sweep_q && unswept))
`IVSHMEM_ASSERT(NoCountInSweep, !sweep_q || pending_count == 12'd0)
// The sum of many bits is beyond the solver: there only what the scan needs of it is assumed.
if (MaxVectors <= 8) begin : gen_count
  `IVSHMEM_ASSERT(CountIsNumberOfBits, sweep_q || pending_count == bits)
end else begin : gen_no_count
  `IVSHMEM_ASSUME(NoCountNoBit, pending_count != 12'd0 || !any_pending_q)
end
