// SPDX-License-Identifier: Apache-2.0
//
// The request in execution: its beat at hand, what its header says, and where it goes, in registers
// until it is done. Whether it is as long as its header says is known before its wrong beat or its
// end is executed.
`include "ivshmem_assert.svh"

module ivshmem_request #(
  parameter int DataWidth = 64
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    up_i,                  // requests are taken at all
  input  logic [3:0]              max_payload_log2_i,    // stays while a request is in execution

  input  logic                    rx_valid_i,
  output logic                    rx_ready_o,
  input  logic [127:0]            rx_hdr_i,
  input  logic [DataWidth-1:0]    rx_data_i,
  input  logic [DataWidth/32-1:0] rx_strb_i,
  input  logic                    rx_sop_i,
  input  logic                    rx_eop_i,

  // Execution stage.
  input  logic                    hold_i,                // no new request becomes present
  input  logic                    take_i,                // the beat is done with
  input  logic                    done_i,                // with it the request
  output logic                    present_o,             // a request is in execution
  output logic                    beat_o,                // a beat of it is here
  output logic [DataWidth-1:0]    data_o,
  output logic                    eop_o,
  output logic                    wrong_o,               // up to this beat it is not as Length says
  output logic                    known_o,               // the packet is here, or a wrong beat of it
  output logic                    known_wrong_o,         // the latter
  output logic                    waiting_o,             // something is in the buffer

  // Windows; they stay while a request is in execution and in the cycle before.
  input  logic                    intx_i,                // BAR0 has to do with interrupts
  input  logic                    bar0_on_i,
  input  logic [31:ivshmem_regs_pkg::Bar0Log2] bar0_i,
  input  logic                    bar1_on_i,
  input  logic [31:12]            bar1_i,
  input  logic [31:12]            bar1_mask_i,
  input  logic                    bar2_on_i,
  input  logic [63:12]            bar2_i,
  input  logic [63:12]            bar2_mask_i,

  // The request that is in execution from the next cycle on.
  output logic                    begin_o,               // there is one
  output logic [11:2]             next_addr_o,
  output logic [3:0]              next_first_be_o,
  output logic [9:0]              next_last_o,           // dwords less one
  output logic [10:0]             next_span_o,
  output logic [11:0]             next_bytes_o,

  // The request in execution.
  output logic                    is_read_o,             // memory read
  output logic                    is_write_o,            // memory write
  output logic                    is_message_o,
  output logic                    is_malformed_o,
  output logic                    is_non_posted_o,
  output logic                    is_locked_o,           // locked read
  output logic                    has_data_o,
  // Where it goes: one of these, or it is refused.
  output logic                    to_config_o,
  output logic                    to_bar0_o,
  output logic                    to_bar1_o,
  output logic                    bar1_here_o,           // BAR1's turn, with or without a step
  output logic                    to_write_o,            // BAR2
  output logic                    to_null_o,             // BAR2: a write of no bytes
  output logic                    to_read_o,             // BAR2
  output logic                    to_none_o,             // none of these
  output logic                    interrupts_o,          // it may change what a notification does
  output logic                    spoiled_o,             // refused for its poisoned data
  output logic                    held_o,                // a register write that waits for its end
  // The same in the words of a step: one at most.
  output logic                    refuse_o,              // to_none, or held and wrong
  output logic                    register_read_o,
  output logic                    register_write_o,      // it need not wait for its end any more
  output logic                    answers_o,             // refused with a completion: its last beat
  output logic [63:2]             addr_o,                // of a configuration request: target, register
  output logic [9:0]              last_o,                // dwords less one
  output logic [3:0]              first_be_o,
  output logic [3:0]              last_be_o,
  output logic [11:0]             bytes_o,               // byte count of its completions, less one
  output logic [31:0]             echo_o                 // requester, tag, TC, attributes
);
  `IVSHMEM_CHECKED
  localparam int HeldDwords = ivshmem_timing_pkg::HeldBeats * DataWidth / 32;

  // ---- the request that is next

  logic                 verdict_valid;
  logic                 verdict_wrong;
  logic                 verdict_pop;
  logic                 next_valid;
  logic                 load;
  logic [DataWidth-1:0] next_data;
  logic                 next_sop, next_eop, next_wrong;
  logic                 is_read, is_write, is_config, is_message, is_non_posted, is_locked, has_data;
  logic                 poisoned, bad, fits_bar0, empty, is_short, high;
  logic [2:0]           size;
  logic [63:2]          addr;
  logic [3:0]           first_be, last_be;
  logic [9:0]           last;
  logic [10:0]          span;
  logic [11:0]          bytes;
  logic [31:0]          echo;
  ivshmem_receive #(
    .DataWidth(DataWidth)
  ) u_receive (
    .clk_i,
    .rst_ni,
    .up_i,
    .rx_valid_i,
    .rx_ready_o,
    .rx_hdr_i,
    .rx_data_i,
    .rx_strb_i,
    .rx_sop_i,
    .rx_eop_i,
    .verdict_valid_o(verdict_valid),
    .verdict_wrong_o(verdict_wrong),
    .verdict_pop_i  (verdict_pop),
    .waiting_o,
    .valid_o        (next_valid),
    .load_i         (load),
    .data_o         (next_data),
    .sop_o          (next_sop),
    .eop_o          (next_eop),
    .wrong_o        (next_wrong),
    .is_read_o      (is_read),
    .is_write_o     (is_write),
    .is_config_o    (is_config),
    .is_message_o   (is_message),
    .is_non_posted_o(is_non_posted),
    .is_locked_o    (is_locked),
    .has_data_o     (has_data),
    .poisoned_o     (poisoned),
    .bad_o          (bad),
    .size_o         (size),
    .fits_bar0_o    (fits_bar0),
    .empty_o        (empty),
    .short_o        (is_short),
    .high_o         (high),
    .addr_o         (addr),
    .last_o         (last),
    .span_o         (span),
    .first_be_o     (first_be),
    .last_be_o      (last_be),
    .bytes_o        (bytes),
    .echo_o         (echo)
  );

  logic too_long;
  logic malformed;
  assign too_long  = is_write &&
                     {1'b0, size} > max_payload_log2_i - ivshmem_regs_pkg::PayloadLog2;
  assign malformed = bad || too_long || next_wrong;

  logic to_config, to_bar0, to_bar1, to_write, to_null, to_read, refused, interrupts, spoiled, held;
  assign held = is_short && (to_bar0 || to_bar1);
  ivshmem_decode u_decode (
    .is_read_i     (is_read),
    .is_write_i    (is_write),
    .is_config_i   (is_config),
    .is_malformed_i(malformed),
    .poisoned_i    (poisoned),
    .addr_i        (addr[63:ivshmem_regs_pkg::Bar0Log2]),
    .high_i        (high),
    .fits_bar0_i   (fits_bar0),
    .empty_i       (empty),
    .function_i    (addr[18:16]),
    .intx_i,
    .bar0_on_i,
    .bar0_i,
    .bar1_on_i,
    .bar1_i,
    .bar1_mask_i,
    .bar2_on_i,
    .bar2_i,
    .bar2_mask_i,
    .to_config_o   (to_config),
    .to_bar0_o     (to_bar0),
    .to_bar1_o     (to_bar1),
    .to_write_o    (to_write),
    .to_null_o     (to_null),
    .to_read_o     (to_read),
    .to_none_o     (refused),
    .interrupts_o  (interrupts),
    .spoiled_o     (spoiled)
  );

  // ---- the beat in execution

  logic                 beat_q;
  logic                 mid_q;  // beats of this request are still to come
  logic [DataWidth-1:0] data_q;
  logic                 eop_q;
  logic                 wrong_beat_q;
  logic                 known_q;
  logic                 known_wrong_q;

  logic may_load;
  assign may_load = next_valid && !(next_sop && hold_i);
  assign load     = may_load && (!beat_q || take_i);
  assign begin_o         = load && next_sop;
  assign next_addr_o     = addr[11:2];
  assign next_first_be_o = first_be;
  assign next_last_o     = last;
  assign next_span_o     = span;
  assign next_bytes_o    = bytes;
  // With the first beat, or as soon as it is there; a request that is done, or none, lacks none.
  assign verdict_pop = verdict_valid && ((load && next_sop) || !known_q);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      beat_q <= 1'b0;
      mid_q  <= 1'b0;
      data_q <= '0;
      eop_q  <= 1'b0;
      wrong_beat_q  <= 1'b0;
      known_q       <= 1'b1;
      known_wrong_q <= 1'b0;
      bar1_here_o   <= 1'b0;
      refuse_o         <= 1'b1;
      register_read_o  <= 1'b0;
      register_write_o <= 1'b0;
      answers_o        <= 1'b0;
    end else begin
      if (done_i || (verdict_valid && verdict_wrong && held_o && !known_q)) begin
        bar1_here_o   <= 1'b0;
      end
      if (load && next_sop) begin
        known_q       <= verdict_valid;
        known_wrong_q <= verdict_valid && verdict_wrong;
        bar1_here_o   <= to_bar1 && !(held && verdict_valid && verdict_wrong);
      end else if (verdict_pop) begin
        known_q       <= 1'b1;
        known_wrong_q <= verdict_wrong;
      end
      if (!present_o || done_i) begin
        refuse_o         <= refused || (held && verdict_valid && verdict_wrong);
        register_read_o  <= is_read && (to_bar0 || to_bar1);
        register_write_o <= is_write && (to_bar0 || to_bar1) &&
                            (!held || (verdict_valid && !verdict_wrong));
      end else if (verdict_valid && !known_q && held_o) begin
        refuse_o         <= verdict_wrong;
        register_write_o <= !verdict_wrong;
      end
      if (load) begin
        beat_q <= 1'b1;
        data_q <= next_data;
        eop_q  <= next_eop;
        wrong_beat_q <= next_wrong;
        answers_o    <= next_eop &&
                        (next_sop ? refused && is_non_posted && !malformed
                                  : to_none_o && is_non_posted_o && !is_malformed_o && !next_wrong);
      end else if (take_i) begin
        beat_q <= 1'b0;
      end
      if (take_i) begin
        mid_q <= !done_i;
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      is_read_o       <= 1'b0;
      is_write_o      <= 1'b0;
      is_message_o    <= 1'b0;
      is_malformed_o  <= 1'b0;
      is_non_posted_o <= 1'b0;
      is_locked_o     <= 1'b0;
      has_data_o      <= 1'b0;
      {to_config_o, to_bar0_o, to_bar1_o, to_write_o, to_null_o, to_read_o} <= 6'd0;
      to_none_o       <= 1'b1;
      {interrupts_o, spoiled_o, held_o} <= 3'd0;
      addr_o          <= '0;
      last_o          <= '0;
      first_be_o      <= '0;
      last_be_o       <= '0;
      bytes_o         <= '0;
      echo_o          <= '0;
    end else if (!present_o || done_i) begin
      // Whatever is next: no need to wait until it is known that it comes.
      is_read_o       <= is_read;
      is_write_o      <= is_write;
      is_message_o    <= is_message;
      is_malformed_o  <= malformed;
      is_non_posted_o <= is_non_posted;
      is_locked_o     <= is_locked;
      has_data_o      <= has_data;
      to_config_o     <= to_config;
      to_bar0_o       <= to_bar0;
      to_bar1_o       <= to_bar1;
      to_write_o      <= to_write;
      to_null_o       <= to_null;
      to_read_o       <= to_read;
      to_none_o       <= refused;
      interrupts_o    <= interrupts;
      spoiled_o       <= spoiled;
      held_o          <= held;
      addr_o          <= addr;
      last_o          <= last;
      first_be_o      <= first_be;
      last_be_o       <= last_be;
      bytes_o         <= bytes;
      echo_o          <= echo;
    end
  end

  assign beat_o    = beat_q;
  assign data_o    = data_q;
  assign eop_o     = eop_q;
  assign wrong_o       = wrong_beat_q;
  assign known_o       = known_q;
  assign known_wrong_o = known_wrong_q;
  assign present_o = beat_q || mid_q;

  `IVSHMEM_ASSERT(KnownIfNoneIsHere, known_q || (present_o && !done_i))
  `IVSHMEM_ASSERT(Bar1IsMarked, (known_q || !known_wrong_q) &&
                  bar1_here_o == (present_o && to_bar1_o && !(held_o && known_wrong_q)))
  `IVSHMEM_ASSERT(RefuseIsMarked, !present_o || refuse_o == (to_none_o || (held_o && known_wrong_q)))
  `IVSHMEM_ASSERT(RegistersAreMarked, !present_o ||
                  register_read_o == (is_read_o && (to_bar0_o || to_bar1_o)) &&
                  register_write_o == (is_write_o && (to_bar0_o || to_bar1_o) &&
                                       (!held_o || (known_q && !known_wrong_q))))
  `IVSHMEM_ASSERT(AnswersIsMarked, !beat_q || answers_o == (to_none_o && is_non_posted_o &&
                  !is_malformed_o && !wrong_beat_q && eop_q))
  logic [6:0] goes;
  assign goes = {to_none_o, to_config_o, to_bar0_o, to_bar1_o, to_write_o, to_null_o, to_read_o};
  `IVSHMEM_ASSERT(GoesToOne, goes != '0 && (goes & (goes - 1'b1)) == '0 &&
                  (!is_malformed_o || to_none_o))
  `IVSHMEM_ASSERT(GoesWhereItsKindMay, (!(to_bar0_o || to_bar1_o) || is_read_o || is_write_o) &&
                  (!to_read_o || is_read_o) && (!(to_write_o || to_null_o) || is_write_o) &&
                  (!to_config_o || !(is_read_o || is_write_o || is_message_o)) &&
                  (!(to_config_o || to_null_o) || last_o == 10'd0) &&
                  (interrupts_o ? to_config_o || to_bar0_o || to_bar1_o
                                : !to_config_o && !to_bar1_o))
  `IVSHMEM_ASSERT(HeldIfShort, held_o == ((to_bar0_o || to_bar1_o) && is_write_o &&
                                          {22'd0, last_o} < HeldDwords))
  `IVSHMEM_COVER(OverMaxPayload, load && next_sop && too_long)
  `IVSHMEM_COVER(PayloadIsLate, mid_q && !beat_q)
  `IVSHMEM_COVER(OtherFunction, load && next_sop && is_config && !malformed && addr[18:16] != 3'd0)
  `IVSHMEM_COVER(LeavesBar0, load && next_sop && (is_read || is_write) && !malformed && bar0_on_i && !to_bar0 &&
                 addr[31:ivshmem_regs_pkg::Bar0Log2] == bar0_i)
`ifdef IVSHMEM_PROOF_VERDICTS
  `include "verdicts.svh"
`endif
`ifdef IVSHMEM_PROOF_REQUEST
  `include "request.svh"
`endif
endmodule
