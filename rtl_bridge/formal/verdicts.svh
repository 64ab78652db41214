// SPDX-License-Identifier: Apache-2.0
//
// Proof of ivshmem_request with its buffers, two beats deep: what is known of a packet's length is
// known in time, and of the right packet. Assumed as in the proof of the module.
`include "reset.svh"
`IVSHMEM_ASSUME(TakeHasBeat, !take_i || beat_o)
`IVSHMEM_ASSUME(LastBeatIsDone, done_i == (take_i && eop_o))
logic inside_q;
logic past_q, past_known_q, past_known_wrong_q;
always_ff @(posedge clk_i or negedge rst_ni) begin
  if (!rst_ni) begin
    inside_q           <= 1'b0;
    past_q             <= 1'b0;
    past_known_q       <= 1'b0;
    past_known_wrong_q <= 1'b0;
  end else begin
    if (rx_valid_i && rx_ready_o) begin
      inside_q <= !rx_eop_i;
    end
    past_q             <= present_o && !done_i;
    past_known_q       <= known_o;
    past_known_wrong_q <= known_wrong_o;
  end
end
`IVSHMEM_ASSUME(PacketsAreFramed, !rx_valid_i || rx_sop_i == !inside_q)
`IVSHMEM_ASSERT(WrongIsKnown, !present_o || known_o ||
                (!known_wrong_o && !wrong_o && !(beat_o && eop_o)))
`IVSHMEM_ASSERT(KnownAtTheEnd, !(present_o && known_o) ||
                (beat_o && eop_o ? wrong_o == known_wrong_o : known_wrong_o || !wrong_o))
`IVSHMEM_ASSERT(KnownStays, !(past_q && past_known_q) ||
                (known_o && known_wrong_o == past_known_wrong_q))
`IVSHMEM_ASSERT(WrongFromTheFirstIsMalformed, !(beat_o && !mid_q && wrong_o) || is_malformed_o)
