// SPDX-License-Identifier: Apache-2.0
//
// Proof of ivshmem_request. Assumed, proven in ivshmem_execute: a beat is taken only when it is
// there, and the request is done exactly with its last beat. Assumed of the requester: packets
// begin with sop and end with eop; stated where they leave ivshmem_receive, which keeps their order
// (proof of ivshmem_fifo). Assumed, proven in ivshmem_core: the maximum payload changes only between
// requests.
`include "reset.svh"
`IVSHMEM_ASSUME(TakeHasBeat, !take_i || beat_o)
`IVSHMEM_ASSUME(LastBeatIsDone, done_i == (take_i && eop_o))

// Proven in verdicts.svh.
`IVSHMEM_ASSUME(KnownAtTheEnd, !done_i || known_o)

logic inside_q;  // the last beat out of the buffer did not end its packet
always_ff @(posedge clk_i or negedge rst_ni) begin
  if (!rst_ni) begin
    inside_q <= 1'b0;
  end else if (load) begin
    inside_q <= !next_eop;
  end
end
`IVSHMEM_ASSUME(PacketsAreFramed, !next_valid || next_sop == !inside_q)
`IVSHMEM_ASSUME(PayloadInRange, max_payload_log2_i >= 4'd7 && max_payload_log2_i <= 4'd12)
`IVSHMEM_ASSUME(PayloadStays, !past_write_q || max_payload_log2_i == past_payload_q)
logic        past_write_q, past_begin_q;
logic [3:0]  past_payload_q;
logic [35:0] past_next_q;
always @(posedge clk_i) begin
  past_write_q   <= rst_ni && ((present_o && is_write_o && !done_i) || begin_o);
  past_begin_q   <= rst_ni && begin_o;
  past_payload_q <= max_payload_log2_i;
  past_next_q    <= {next_addr_o, next_last_o, next_first_be_o, next_bytes_o};
end

logic [128:0] header;
assign header = {is_read_o, is_write_o, is_message_o, is_malformed_o, is_non_posted_o, has_data_o,
                 addr_o, last_o, first_be_o, last_be_o, bytes_o, echo_o, is_locked_o};
`IVSHMEM_STABLE(BeatStaysUntilTaken, beat_o, take_i, {data_o, eop_o, wrong_o})
`IVSHMEM_STABLE(RequestStaysUntilDone, present_o, done_i, {header, goes, spoiled_o, held_o})
`IVSHMEM_ASSERT(RequestIsWhatCame, past_begin_q
                ? present_o && beat_o && past_next_q == {addr_o[11:2], last_o, first_be_o, bytes_o}
                : past_present_q || !present_o)
logic past_present_q;
always @(posedge clk_i) begin
  past_present_q <= rst_ni && present_o && !done_i;
end
`IVSHMEM_ASSERT(FramingIsKept, inside_q == (beat_q ? !eop_q : mid_q))
`IVSHMEM_ASSERT(NextBeginsAfterEnd, !load || next_sop == (!present_o || done_i))
`IVSHMEM_ASSERT(HeldBack, !(hold_i && (!present_o || done_i)) || !load)
`IVSHMEM_ASSERT(KindsExclude, $countones({is_read_o, is_write_o, is_message_o}) <= 1)
`IVSHMEM_ASSERT(NothingGoodCrossesAPage, !present_o || is_malformed_o || !(is_read_o || is_write_o) ||
                {1'b0, addr_o[11:2]} + {1'b0, last_o} < 11'd1024)
`IVSHMEM_ASSERT(NothingGoodIsTooLong, !present_o || is_malformed_o || !is_write_o ||
                {1'b0, last_o} < 11'd1 << (max_payload_log2_i - 4'd2))
`IVSHMEM_ASSERT(DataOfKinds, (!is_read_o || !has_data_o) && (!is_write_o || has_data_o))
