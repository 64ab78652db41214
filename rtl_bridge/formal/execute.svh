// SPDX-License-Identifier: Apache-2.0
//
// Proof of ivshmem_execute. Assumed, proven in ivshmem_request: a request and its beat stay until
// they are done; what a header says is consistent. Assumed, proven in ivshmem_core: windows and the
// maximum payload stay while a request is in execution, but for its own configuration write.
`include "reset.svh"
(* anyconst *) logic [5:0] memory_log2;
`IVSHMEM_ASSUME(MemoryStrap, memory_log2_i == memory_log2 && memory_log2 >= 6'd12 && memory_log2 <= 6'd33)
`IVSHMEM_ASSUME(PayloadInRange, max_payload_log2_i >= 4'd7 && max_payload_log2_i <= 4'd12)
`IVSHMEM_ASSUME(BeatIsOfARequest, !beat_i || present_i)
`IVSHMEM_ASSUME(KindsExclude, $countones({is_read_i, is_write_i, is_config_i, is_message_i}) <= 1)
`IVSHMEM_ASSUME(DataOfKinds, (!is_read_i || !has_data_i) && (!is_write_i || has_data_i))
`IVSHMEM_ASSUME(DwordsInRange, dwords_i >= 11'd1 && dwords_i <= 11'd1024)
`IVSHMEM_ASSUME(AddressOfDwords, addr_i[1:0] == 2'd0)
`IVSHMEM_ASSUME(NothingGoodCrossesAPage, is_malformed_i || !(is_read_i || is_write_i) ||
                {2'b00, addr_i[11:2]} + {1'b0, dwords_i} <= 12'd1024)

logic past_present_q, past_config_q, past_beat_q, past_eop_q;
logic [103:0] request, past_request_q;
logic [213:0] windows, past_windows_q;
assign request = {is_read_i, is_write_i, is_config_i, is_message_i, is_malformed_i, is_non_posted_i,
                  has_data_i, poisoned_i, addr_i, dwords_i, first_be_i, last_be_i, target_i[2:0],
                  intx_i, 9'd0};
assign windows = {bar0_on_i, bar0_i, bar1_on_i, bar1_i, bar1_mask_i, bar2_on_i, bar2_i, bar2_mask_i,
                  max_payload_log2_i};
always @(posedge clk_i) begin
  past_present_q <= rst_ni && present_i && !done_o;
  past_config_q  <= config_o;
  past_beat_q    <= rst_ni && beat_i && !take_o;
  past_eop_q     <= eop_i;
  past_request_q <= request;
  past_windows_q <= windows;
end
`IVSHMEM_ASSUME(RequestStays, !past_present_q || (present_i && request == past_request_q))
`IVSHMEM_ASSUME(WindowsStay, !past_present_q || past_config_q || windows == past_windows_q)
`IVSHMEM_ASSUME(BeatStays, !past_beat_q || (beat_i && eop_i == past_eop_q && wrong_i == past_wrong_q))
// Proven in ivshmem_length and ivshmem_request: what is wrong stays wrong, and is known by then.
logic past_wrong_q, past_known_q, past_known_wrong_q;
always @(posedge clk_i) begin
  past_wrong_q       <= rst_ni && present_i && !done_o && wrong_i;
  past_known_q       <= rst_ni && present_i && !done_o && known_i;
  past_known_wrong_q <= known_wrong_i;
end
`IVSHMEM_ASSUME(WrongStaysWrong, !past_wrong_q || wrong_i)
`IVSHMEM_ASSUME(KnownStays, !past_known_q || (known_i && known_wrong_i == past_known_wrong_q))
`IVSHMEM_ASSUME(WrongIsKnown, !present_i || known_i ||
                (!known_wrong_i && !wrong_i && !(beat_i && eop_i)))
`IVSHMEM_ASSUME(KnownAtTheEnd, !(present_i && known_i) ||
                (beat_i && eop_i ? wrong_i == known_wrong_i : known_wrong_i || !wrong_i))
`IVSHMEM_ASSUME(EndIsWhereLengthSays, drain_q || !(beat_i && !wrong_i) ||
                eop_i == (!has_data_i || {1'b0, dwords_i} <= beats_end))
logic [10:0] beats_q;     // beats of the request that were taken
logic [11:0] beats_end;   // dwords with the one that is here
assign beats_end = ({1'b0, beats_q} + 12'd1) << LaneBits;
always_ff @(posedge clk_i or negedge rst_ni) begin
  if (!rst_ni) begin
    beats_q <= '0;
  end else begin
    beats_q <= done_o ? 11'd0 : beats_q + {10'd0, take_o};
  end
end
`IVSHMEM_ASSERT(ReadsAreOneBeat, !(present_i && run_q && !drain_q && good && is_read_i) ||
                (beat_i && eop_i && !wrong_i))
`IVSHMEM_ASSERT(OneBeatIsOneStep, !(present_i && (to_config || to_null)) || (!run_q && !drain_q))
`IVSHMEM_ASSERT(LastBeatIsKept, !(present_i && to_write && run_q && !drain_q && !wrong_i && !needs_beat) ||
                (beat_i && eop_i))
`IVSHMEM_ASSERT(StepWithinBeats, !(present_i && to_write && run_q && !drain_q) || step_q < write_beats)
`IVSHMEM_ASSERT(PacketBeatsAreCounted, (present_i && run_q) || drain_q || beats_q == 11'd0)
`IVSHMEM_ASSERT(BeatsFollowSteps, !(present_i && run_q && !drain_q && !wrong_i && good && is_write_i) ||
                (to_registers ? beats_q == step_q >> LaneBits
                 : refused || beats_q == (needs_beat ? step_q : payload_beats - 11'd1)))
`IVSHMEM_ASSUME(ConfigurationIsOneDword, is_malformed_i || !is_config_i || dwords_i == 11'd1)
`IVSHMEM_ASSUME(WrongFromTheFirstIsMalformed, run_q || drain_q || !(beat_i && wrong_i) || is_malformed_i)

// Nothing of a wrong packet is executed, but what went before the wrong beat of a long write.
`IVSHMEM_ASSERT(WrongBeatsDoNothing, !wrong_i ||
                !(config_o || bar0_o || bar1_o || mem_read_o || (mem_write_o && mem_be_o != '0) ||
                  reserve_o || piece_o || value_o))
`IVSHMEM_ASSERT(ShortWritesAreKnownToBeRight, !((bar0_o || bar1_o) && write_o &&
                                               {21'd0, dwords_i} <= HeldDwords) ||
                (known_i && !known_wrong_i))
`IVSHMEM_ASSERT(OthersAreWhole, !(config_o || mem_read_o || ((bar0_o || bar1_o) && !write_o)) ||
                (eop_i && !known_wrong_i))
`IVSHMEM_ASSERT(MalformedIsTold, !(done_o && (is_malformed_i || known_wrong_i)) || told_q || malformed_o)
`IVSHMEM_ASSERT(MalformedIsToldOnce, !(malformed_o && told_q))
`IVSHMEM_ASSERT(RightIsNotMalformed, !malformed_o || is_malformed_i || known_wrong_i)
logic told_q;  // that the request is malformed
always_ff @(posedge clk_i or negedge rst_ni) begin
  if (!rst_ni) begin
    told_q <= 1'b0;
  end else begin
    told_q <= !done_o && (told_q || malformed_o);
  end
end
`IVSHMEM_ASSERT(ToldWhenWrong, told_q == void_q && (!drain_q || void_q) &&
                (!void_q || (present_i && wrong_i && known_wrong_i && !refused)))

// Requests.
`IVSHMEM_ASSERT(StepOfARequest, !step || (present_i && !drain_q))
`IVSHMEM_ASSERT(OneEffectInACycle, $countones({config_o, bar0_o, bar1_o, mem_write_o, mem_read_o}) <= 1)
`IVSHMEM_ASSERT(IdleIsClean, present_i || (!run_q && !drain_q && !second_q && !void_q && step_q == 11'd0))
`IVSHMEM_ASSERT(StepWithinRead, !(present_i && good && is_read_i && !refused && run_q && !drain_q) ||
                (step_q < dwords_i && step_q != 11'd0))
`IVSHMEM_ASSERT(StepWithinRegisters, !(present_i && to_registers && is_write_i && run_q && !drain_q) ||
                step_q < dwords_i)
`IVSHMEM_ASSERT(RunsAfterAStep, run_q || (step_q == 11'd0 && !drain_q && !second_q))

`ifdef IVSHMEM_PROOF_PIECES
  `include "execute_pieces.svh"
`endif
`ifdef IVSHMEM_PROOF_BURSTS
  `include "execute_bursts.svh"
`endif
