// SPDX-License-Identifier: Apache-2.0
//
// Proof of ivshmem_execute. Assumed, proven in ivshmem_request: a request and its beat stay until
// they are done; what a header says is consistent. Assumed, proven in ivshmem_core: windows stay
// while a request is in execution, but for its own configuration write.
`include "reset.svh"
(* anyconst *) logic [5:0] memory_log2;
(* anyconst *) logic [3:0] payload_log2;
`IVSHMEM_ASSUME(MemoryStrap, memory_log2_i == memory_log2 && memory_log2 >= 6'd12 && memory_log2 <= 6'd33)
`IVSHMEM_ASSUME(PayloadStrap, max_payload_log2_i == payload_log2 && payload_log2 >= 4'd7 && payload_log2 <= 4'd12)
`IVSHMEM_ASSUME(BeatIsOfARequest, !beat_i || present_i)
`IVSHMEM_ASSUME(KindsExclude, $countones({is_read_i, is_write_i, is_config_i, is_message_i}) <= 1)
`IVSHMEM_ASSUME(DataOfKinds, (!is_read_i || !has_data_i) && (!is_write_i || has_data_i))
`IVSHMEM_ASSUME(DwordsInRange, dwords_i >= 11'd1 && dwords_i <= 11'd1024)
`IVSHMEM_ASSUME(AddressOfDwords, addr_i[1:0] == 2'd0)
`IVSHMEM_ASSUME(NothingGoodCrossesAPage, is_malformed_i || !(is_read_i || is_write_i) ||
                {2'b00, addr_i[11:2]} + {1'b0, dwords_i} <= 12'd1024)

logic past_present_q, past_config_q, past_beat_q, past_eop_q;
logic [103:0] request, past_request_q;
logic [209:0] windows, past_windows_q;
assign request = {is_read_i, is_write_i, is_config_i, is_message_i, is_malformed_i, is_non_posted_i,
                  has_data_i, poisoned_i, addr_i, dwords_i, first_be_i, last_be_i, target_i[2:0],
                  intx_i, 9'd0};
assign windows = {bar0_on_i, bar0_i, bar1_on_i, bar1_i, bar1_mask_i, bar2_on_i, bar2_i, bar2_mask_i};
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
`IVSHMEM_ASSUME(BeatStays, !past_beat_q || (beat_i && eop_i == past_eop_q))

// Requests.
`IVSHMEM_ASSERT(StepOfARequest, !step || (present_i && !drain_q))
`IVSHMEM_ASSERT(OneEffectInACycle, $countones({config_o, bar0_o, bar1_o, mem_write_o, mem_read_o}) <= 1)
`IVSHMEM_ASSERT(IdleIsClean, present_i || (!run_q && !drain_q && !second_q && !short_q && step_q == 11'd0))
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
