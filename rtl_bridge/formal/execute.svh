// SPDX-License-Identifier: Apache-2.0
//
// Proof of ivshmem_execute. Assumed, proven in ivshmem_request: a request and its beat stay until
// they are done; it is what came in the cycle before; what is said of it is consistent. Assumed,
// proven in ivshmem_core: the maximum payload stays from then on.
`include "reset.svh"
localparam int HeldDwords = ivshmem_timing_pkg::HeldBeats * Lanes;
logic [10:0] dwords;
assign dwords = {1'b0, last_i} + 11'd1;
(* anyconst *) logic [5:0] memory_log2;
`IVSHMEM_ASSUME(MemoryStrap, memory_log2_i == memory_log2 && memory_log2 >= 6'd12 && memory_log2 <= 6'd33)
`IVSHMEM_ASSUME(PayloadInRange, max_payload_log2_i >= 4'd7 && max_payload_log2_i <= 4'd12)
`IVSHMEM_ASSUME(BeatIsOfARequest, !beat_i || present_i)
`IVSHMEM_ASSUME(KindsExclude, $countones({is_read_i, is_write_i, is_message_i}) <= 1)
`IVSHMEM_ASSUME(DataOfKinds, (!is_read_i || !has_data_i) && (!is_write_i || has_data_i))
`IVSHMEM_ASSUME(NothingGoodCrossesAPage, is_malformed_i || !(is_read_i || is_write_i) ||
                {2'b00, addr_i[11:2]} + {1'b0, dwords} <= 12'd1024)
`IVSHMEM_ASSUME(GoesToOne, $countones({to_config_i, to_bar0_i, to_bar1_i, to_write_i, to_null_i, to_read_i,
                                       to_none_i}) == 1 && (!is_malformed_i || to_none_i))
`IVSHMEM_ASSUME(GoesWhereItsKindMay, (!(to_bar0_i || to_bar1_i) || is_read_i || is_write_i) &&
                (!to_read_i || is_read_i) && (!to_write_i || is_write_i) && (!to_null_i || is_write_i) &&
                (!to_config_i || !(is_read_i || is_write_i || is_message_i)) &&
                (!(to_config_i || to_null_i) || last_i == 10'd0) &&
                (interrupts_i ? to_config_i || to_bar0_i || to_bar1_i : !to_config_i && !to_bar1_i))
`IVSHMEM_ASSUME(HeldIfShort, held_i == ((to_bar0_i || to_bar1_i) && is_write_i &&
                                        {21'd0, dwords} <= HeldDwords))

logic unwanted;  // a register write whose packet has turned out to be wrong
assign unwanted = held_i && known_wrong_i;
`IVSHMEM_ASSUME(RefuseIsMarked, !present_i || refuse_i == (to_none_i || unwanted))
`IVSHMEM_ASSUME(RegistersAreMarked, !present_i ||
                (register_read_i == (is_read_i && (to_bar0_i || to_bar1_i)) &&
                 register_write_i == (is_write_i && (to_bar0_i || to_bar1_i) &&
                                      (!held_i || (known_i && !known_wrong_i)))))
`IVSHMEM_ASSUME(AnswersIsMarked, !beat_i || answers_i == (to_none_i && is_non_posted_i &&
                !is_malformed_i && !wrong_i && eop_i))

logic past_q, past_present_q, past_beat_q, past_eop_q;
logic [102:0] request, past_request_q;
logic [7:0]   setting, past_setting_q;
logic [23:0]  past_next_q;
assign request = {is_read_i, is_write_i, is_message_i, is_malformed_i, is_non_posted_i, has_data_i,
                  to_config_i, to_bar0_i, to_bar1_i, to_write_i, to_null_i, to_read_i, spoiled_i, held_i,
                  addr_i, last_i, first_be_i, last_be_i, to_none_i, interrupts_i, 7'd0};
assign setting = {bar1_mask_i, max_payload_log2_i};
always @(posedge clk_i) begin
  past_q         <= rst_ni;
  past_present_q <= rst_ni && present_i && !done_o;
  past_beat_q    <= rst_ni && beat_i && !take_o;
  past_eop_q     <= eop_i;
  past_request_q <= request;
  past_setting_q <= setting;
  past_next_q    <= {next_addr_i, next_last_i, next_first_be_i};
end
`IVSHMEM_ASSUME(RequestStays, !past_present_q || (present_i && request == past_request_q))
`IVSHMEM_ASSUME(RequestIsWhatCame, past_present_q || !present_i ||
                (past_q && beat_i && past_next_q == {addr_i[11:2], last_i, first_be_i}))
`IVSHMEM_ASSUME(NextGoesTogether, next_span_i == {1'b0, next_last_i} + 11'(next_addr_i[2+:LaneBits]))
`IVSHMEM_ASSUME(SettingsStay, !present_i || setting == past_setting_q)
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
                eop_i == (!has_data_i || {1'b0, dwords} <= beats_end))
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

// What the position says, from the number of steps.
localparam int BurstBeats = ivshmem_timing_pkg::BurstBytes / (DataWidth / 8);
localparam int BurstBits = $clog2(BurstBeats);
logic         good;
logic [4:0]   in_piece;       // dword within the bytes of a completion of registers
logic [10:0]  payload_beats, write_beats, write_left, burst_left;
logic [9:0]   write_dword;
logic [BurstBits-1:0] burst_at;
logic [9:0]   size;           // of a piece of a memory read
logic [10:0]  to_boundary, read_left;
assign good          = (is_read_i || is_write_i) && !is_malformed_i && !unwanted;
assign in_piece      = addr_i[6:2] + steps[4:0];
assign payload_beats = (dwords + Lanes[10:0] - 11'd1) >> LaneBits;
assign write_beats   = (dwords + 11'(addr_i[2+:LaneBits]) + Lanes[10:0] - 11'd1) >> LaneBits;
assign write_left    = write_beats - steps;
assign write_dword   = {addr_i[11:2+LaneBits], {LaneBits{1'b0}}} + (steps[9:0] << LaneBits);
assign burst_at      = write_dword[LaneBits+:BurstBits];
assign burst_left    = BurstBeats[10:0] - {{(11-BurstBits){1'b0}}, burst_at};
assign size          = max_payload_log2_i >= 4'd10 ? 10'd256 : 10'd1 << (max_payload_log2_i - 4'd2);
assign to_boundary   = {1'b0, size} - ({1'b0, addr_i[11:2]} + steps & {1'b0, size - 10'd1});
assign read_left     = dwords - steps;
// Connected to left_q, beats_q, payload_q and payload_last_q of u_position.
(* keep *) logic [9:0]          left;
(* keep *) logic [9-LaneBits:0] beats_left, payload_left;
(* keep *) logic                payload_last;
`IVSHMEM_ASSERT(DwordsLeftAreCounted, !(present_i && (to_read_i || to_registers) && !drain_q) ||
                left == 10'(read_left - 11'd1))
`IVSHMEM_ASSERT(WritesAreCounted, !(present_i && to_write_i && !drain_q) ||
                (beats_left == (10-LaneBits)'(write_left - 11'd1) &&
                 (!needs_beat || (payload_left == (10-LaneBits)'(payload_beats - 11'd1 - steps) &&
                                  payload_last == (steps == payload_beats - 11'd1)))))
`IVSHMEM_ASSERT(LengthsAreWhereStepsSay,
                (!(present_i && to_write_i && !drain_q && burst_begins) ||
                 {3'd0, write_len} == (write_left < burst_left ? write_left : burst_left) - 11'd1) &&
                (!(present_i && to_read_i && !drain_q) ||
                 (read_at == addr_i[11:2] + steps[9:0] &&
                  {3'd0, read_len} == (11'(read_at[2+:LaneBits]) + piece_dwords_o - 11'd1) >> LaneBits)))
`IVSHMEM_ASSERT(RegistersAreWhereStepsSay,
                !(present_i && (to_config_i || to_registers) && !drain_q) ||
                (dword == addr_i[11:2] + steps[9:0] && is_last_dword == (steps == {1'b0, last_i}) &&
                 be == (steps == 11'd0 ? first_be_i : is_last_dword ? last_be_i : 4'hf) &&
                 is_doorbell == (dword[ivshmem_regs_pkg::Bar0Log2-1:2] == ivshmem_regs_pkg::Doorbell)))
`IVSHMEM_ASSERT(PiecesAreCutWhereStepsSay,
                !(present_i && (to_config_i || to_registers) && !drain_q) ||
                (piece_begins == (steps == 11'd0 || in_piece == 5'd0) &&
                 piece_ends == (is_last_dword || in_piece == 5'd31) &&
                 (!piece_begins || piece_offset == 5'd0)))
`IVSHMEM_ASSERT(WritesAreWhereStepsSay, !(present_i && to_write_i && !drain_q) ||
                (write_at == write_dword[9:LaneBits] && needs_beat == (steps < payload_beats) &&
                 write_is_last == (steps == write_beats - 11'd1)))
`IVSHMEM_ASSERT(BurstsAreCutWhereStepsSay, !(present_i && to_write_i && !drain_q) ||
                (burst_begins == (steps == 11'd0 || burst_at == '0) &&
                 burst_ends == (write_is_last || (&burst_at))))
`IVSHMEM_ASSERT(ReadsAreWhereStepsSay, !(present_i && to_read_i && !drain_q) ||
                (read_last == (read_left <= to_boundary) &&
                 piece_dwords_o == (read_last ? read_left : to_boundary)))
`IVSHMEM_ASSERT(ReadsAreOneBeat, !(present_i && run_q && !drain_q && good && is_read_i) ||
                (beat_i && eop_i && !wrong_i))
`IVSHMEM_ASSERT(OneBeatIsOneStep, !(present_i && (to_config_i || to_null_i)) || (!run_q && !drain_q))
`IVSHMEM_ASSERT(LastBeatIsKept, !(present_i && to_write_i && run_q && !drain_q && !wrong_i && !needs_beat) ||
                (beat_i && eop_i))
`IVSHMEM_ASSERT(StepWithinBeats, !(present_i && to_write_i && run_q && !drain_q) || steps < write_beats)
`IVSHMEM_ASSERT(PacketBeatsAreCounted, (present_i && run_q) || drain_q || beats_q == 11'd0)
`IVSHMEM_ASSERT(BeatsFollowSteps, !(present_i && run_q && !drain_q && !wrong_i && good && is_write_i) ||
                (to_registers ? beats_q == steps >> LaneBits
                 : refused || beats_q == (needs_beat ? steps : payload_beats - 11'd1)))
`IVSHMEM_ASSUME(WrongFromTheFirstIsMalformed, run_q || drain_q || !(beat_i && wrong_i) || is_malformed_i)

// Nothing of a wrong packet is executed, but what went before the wrong beat of a long write.
`IVSHMEM_ASSERT(WrongBeatsDoNothing, !wrong_i ||
                !(config_o || bar0_o || bar1_o || mem_read_o || (mem_write_o && mem_be_o != '0) ||
                  reserve_o || piece_o || value_o))
`IVSHMEM_ASSERT(ShortWritesAreKnownToBeRight, !((bar0_o || bar1_o) && write_o &&
                                               {21'd0, dwords} <= HeldDwords) ||
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
`IVSHMEM_ASSERT(IdleIsClean, present_i || (!run_q && !drain_q && !second_q && !void_q && steps == 11'd0))
`IVSHMEM_ASSERT(StepWithinRead, !(present_i && good && is_read_i && !refused && run_q && !drain_q) ||
                (steps < dwords && steps != 11'd0))
`IVSHMEM_ASSERT(StepWithinRegisters, !(present_i && to_registers && is_write_i && run_q && !drain_q) ||
                steps < dwords)
`IVSHMEM_ASSERT(RunsAfterAStep, run_q || (steps == 11'd0 && !drain_q && !second_q))

`ifdef IVSHMEM_PROOF_PIECES
  `include "execute_pieces.svh"
`endif
`ifdef IVSHMEM_PROOF_BURSTS
  `include "execute_bursts.svh"
`endif
