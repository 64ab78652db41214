// SPDX-License-Identifier: Apache-2.0
//
// Proof of what ivshmem_core puts between its modules: that each is used as its own proof assumes.
// Rooms of completions and memory may come and go at will; so may what the request buffer holds,
// but for the framing of packets (proof of ivshmem_fifo) and what the proof of ivshmem_request says.
`include "reset.svh"
(* anyconst *) logic [11:0] vectors;
(* anyconst *) logic [5:0]  memory_log2;
(* anyconst *) logic [3:0]  payload_log2;
(* anyconst *) logic        legacy, express, with_intx;
`IVSHMEM_ASSUME(StrapsStay, cfg_vectors_i == vectors && cfg_memory_log2_i == memory_log2 &&
                cfg_max_payload_log2_i == payload_log2 && cfg_legacy_i == legacy &&
                cfg_express_i == express && cfg_intx_i == with_intx)
`IVSHMEM_ASSUME(Straps, {20'd0, vectors} <= MaxVectors && memory_log2 >= 6'd12 &&
                memory_log2 <= 6'd33 && payload_log2 >= 4'd7 && payload_log2 <= 4'd12 &&
                (!with_intx || (legacy && vectors == 12'd0)))
`IVSHMEM_ASSUME(ResetStaysAsked, !past_asked_q || frst_valid_i)
logic past_asked_q;

// Connected to next_valid, next_sop, next_eop and load of u_request.
(* keep *) logic next_valid, next_sop, next_eop, load;
logic inside_q;
always_ff @(posedge clk_i or negedge rst_ni) begin
  if (!rst_ni) begin
    inside_q <= 1'b0;
  end else if (load) begin
    inside_q <= !next_eop;
  end
end
`IVSHMEM_ASSUME(PacketsAreFramed, !next_valid || next_sop == !inside_q)
`IVSHMEM_ASSERT(RequestIsFramed, inside_q == (present && !(beat && eop)))

// As the proof of ivshmem_execute has it, of packets that are as long as the request knows.
`IVSHMEM_ASSUME(LastBeatIsDone, done == (take && eop))
`IVSHMEM_ASSUME(KnownAtTheEnd, !done || known)

// Doorbells: what was rung and not sent stands in the queue. Connected to u_doorbells.count_q.
(* keep *) logic [$clog2(ivshmem_timing_pkg::DoorbellQueue):0] doorbells;
logic [$clog2(ivshmem_timing_pkg::DoorbellQueue):0] owed_q;
always_ff @(posedge clk_i or negedge rst_ni) begin
  if (!rst_ni) begin
    owed_q <= '0;
  end else begin
    owed_q <= owed_q + (ring ? 1'b1 : 1'b0) - (db_valid_o && db_ready_i ? 1'b1 : 1'b0);
  end
end
`IVSHMEM_ASSERT(NoDoorbellLostOrInvented, owed_q == doorbells)

// INTx: the wire is what the registers say, as soon as there is room to tell it. Connected to
// u_registers.wire_q and u_config.intx_disable_q.
(* keep *) logic wire_level, intx_disable;
logic past_room_q;
always @(posedge clk_i) begin
  past_room_q <= !rst_ni || message_room;
end
`IVSHMEM_ASSERT(WireFollowsRegisters, !past_room_q || wire_level == (intx_level && !intx_disable))
`IVSHMEM_ASSERT(NoMsixWithoutVectors, vectors != 12'd0 || !msix_enable)
`IVSHMEM_ASSERT(IntxOnlyWhereItIs, cfg_intx_i || !wire_level)

// As the proof of ivshmem_msix assumes.
logic past_q, past_unmask_q, past_masked_q, past_enable_q, past_busy_q, past_reset_q;
logic unmasks;
assign unmasks = config_step && write_step && unmask;
always @(posedge clk_i) begin
  past_asked_q  <= rst_ni && frst_valid_i && !frst_ready_o;
  past_q        <= rst_ni;
  past_unmask_q <= unmasks;
  past_masked_q <= function_masked;
  past_enable_q <= msix_enable;
  past_busy_q   <= scan || sweep;
  past_reset_q  <= function_reset;
end
`IVSHMEM_ASSERT(OneUser, $countones({sweep, scan, bar1_step, notify, function_reset}) <= 1)
`IVSHMEM_ASSERT(AccessIsHere, bar1_here ? !notify && !sweep : !bar1_step)
`IVSHMEM_ASSERT(NotificationHasRoom, !notify || message_room)
`IVSHMEM_ASSERT(MaskedWithoutEnable, msix_enable || function_masked)
`IVSHMEM_ASSERT(UnmaskIsAlone, !unmasks ||
                (function_masked && !sweep && !scan && !bar1_step && !notify && !function_reset))
`IVSHMEM_ASSERT(ResetMasks, (past_q && !past_reset_q) || (function_masked && !msix_enable))
`IVSHMEM_ASSERT(UnmaskIsAnnounced, !past_q || past_unmask_q == (past_masked_q && !function_masked))
`IVSHMEM_ASSERT(MaskStaysWhileBusy, !past_q || !past_busy_q ||
                (function_masked == past_masked_q && msix_enable == past_enable_q))
`IVSHMEM_ASSERT(SweepStartsMasked, !sweep || (function_masked && !msix_enable))
`IVSHMEM_ASSERT(TableBeforePending, {4'd0, vectors} <= {2'd0, pba_offset[15:2]} >> 2)

// As the proofs of ivshmem_execute and ivshmem_request assume.
logic past_present_q;
logic [213:0] windows, past_windows_q;
assign windows = {bar0_on, bar0, bar1_on, bar1, bar1_mask, bar2_on, bar2, bar2_mask,
                  max_payload_log2};
always @(posedge clk_i) begin
  past_present_q <= rst_ni && ((present && !done && !config_step) || begins);
  past_windows_q <= windows;
end
`IVSHMEM_ASSERT(WindowsStay, !past_present_q || windows == past_windows_q)
`IVSHMEM_ASSERT(PayloadInRange, max_payload_log2 >= 4'd7 && max_payload_log2 <= payload_log2)

// Nothing larger than Device Control and the strap allow is sent, or reaches anything [PCIe 2.2.2].
// Connected to u_config.device_control_q.
(* keep *) logic [14:0] device_control;
logic [12:0] allowed_dwords;
assign allowed_dwords = express && {1'b0, device_control[7:5]} + 4'd7 < payload_log2
                      ? 13'd32 << device_control[7:5] : 13'd1 << (payload_log2 - 4'd2);
`IVSHMEM_ASSERT(CompletionsObeyDeviceControl,
                !((present && to_read) || (piece && piece_memory)) ||
                {2'b00, piece_dwords} <= allowed_dwords)
`IVSHMEM_ASSERT(TooLargeWritesReachNothing, !(present && is_write && {3'd0, last} >= allowed_dwords) ||
                (is_malformed && !(mem_write || bar0_step || bar1_step)))
`IVSHMEM_ASSERT(WindowsAreAligned, (bar2 & ~bar2_mask) == '0 && (bar1 & ~bar1_mask) == '0)

// A write that is here and has all that is not a TLP goes on, though no message ever leaves: only a
// step of a scan, which needs room itself, holds it up [PCIe 2.4.1]. Connected to u_execute.step.
(* keep *) logic step;
`IVSHMEM_ASSERT(WritesWaitForNoMessage,
                !(beat && is_write && !is_non_posted && known && confirmed && doorbell_room &&
                  write_room && burst_room && !message_room) || step || take)
`IVSHMEM_ASSERT(ResetWaitsForNoMessage, !(frst_valid_i && frst_q && !present && !sweep && !message_room) ||
                function_reset)

// A sweep runs alone: nothing executes in it.
`IVSHMEM_ASSERT(NothingExecutesInASweep, !sweep || !present)

// As the proof of ivshmem_request has it.
`IVSHMEM_ASSERT(OneKind, $countones({is_read, is_write, is_message}) <= 1)
