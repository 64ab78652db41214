// SPDX-License-Identifier: Apache-2.0
//
// Request buffer, and what can be said of a request from its header alone. The beat that is next
// to be executed stands in registers, its header beside it until the request is done.
//
// Packets are measured as they come in. As soon as it is known whether one is as long as its header
// says, the request says so, before its wrong beat or its end is executed.
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
  output logic                    begin_o,
  output logic [11:2]             next_addr_o,
  output logic [10:0]             next_dwords_o,
  output logic [3:0]              next_first_be_o,
  output logic [12:0]             next_bytes_o,

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
  output logic [63:2]             addr_o,                // of a configuration request: target, register
  output logic [10:0]             dwords_o,              // 1 to 1024
  output logic [3:0]              first_be_o,
  output logic [3:0]              last_be_o,
  output logic [12:0]             bytes_o,               // byte count of its completions
  output logic [31:0]             echo_o                 // requester, tag, TC, attributes
);
  `IVSHMEM_CHECKED
  localparam int Entry = 64 + 62 + 1 + DataWidth + 3 + 1 + 3;
  // A write of registers begins when the whole packet is known to be right, if it is no longer
  // than this.
  localparam int HeldDwords = ivshmem_timing_pkg::HeldBeats * DataWidth / 32;

  logic             fifo_room;
  logic             fifo_valid;
  logic [Entry-1:0] fifo_out;
  logic             pop;
  logic             push;

  assign rx_ready_o = up_i && fifo_room;
  assign push       = rx_valid_i && rx_ready_o;

  logic wrong;
  logic verdict;
  ivshmem_length #(
    .DataWidth(DataWidth)
  ) u_length (
    .clk_i,
    .rst_ni,
    .push_i       (push),
    .sop_i        (rx_sop_i),
    .eop_i        (rx_eop_i),
    .has_payload_i(rx_hdr_i[126]),
    .length_i     (rx_hdr_i[105:96]),
    .strb_i       (rx_strb_i),
    .wrong_o      (wrong),
    .verdict_o    (verdict)
  );

  // What can be said before anything else is known is said on the way into the buffer.
  logic [63:2] rx_addr;  // three dwords of header have 32 bits of it
  logic [10:0] rx_dwords;
  logic        rx_bad;
  logic [2:0]  rx_size;
  assign rx_addr   = rx_hdr_i[125] ? rx_hdr_i[63:2] : {32'd0, rx_hdr_i[63:34]};
  assign rx_dwords = {rx_hdr_i[105:96] == 10'd0, rx_hdr_i[105:96]};
  assign rx_bad    = ivshmem_tlp_pkg::is_bad(rx_hdr_i[127:125], rx_hdr_i[124:120], rx_dwords,
                                             rx_addr[11:2]);
  assign rx_size   = ivshmem_tlp_pkg::size_of(rx_dwords);

  ivshmem_fifo #(
    .Width(Entry),
    .Depth(ivshmem_timing_pkg::RequestQueue)
  ) u_buffer (
    .clk_i,
    .rst_ni,
    .push_i (push),
    .data_i ({rx_hdr_i[127:64], rx_addr, rx_addr[63:32] != 32'd0, rx_data_i, rx_sop_i, rx_eop_i,
              wrong, rx_bad, rx_size}),
    .room_o (fifo_room),
    .pop_i  (pop),
    .valid_o(fifo_valid),
    .data_o (fifo_out)
  );

  // One verdict for each packet: with its first wrong beat, or its end.
  logic verdict_room;
  logic verdict_valid;
  logic verdict_wrong;
  logic verdict_pop;
  ivshmem_fifo #(
    .Width(1),
    .Depth(ivshmem_timing_pkg::RequestQueue)
  ) u_verdicts (
    .clk_i,
    .rst_ni,
    .push_i (push && verdict),
    .data_i (wrong),
    .room_o (verdict_room),
    .pop_i  (verdict_pop),
    .valid_o(verdict_valid),
    .data_o (verdict_wrong)
  );

  logic [127:64]        next_hdr;
  logic [63:2]          addr;
  logic                 next_high;  // beyond 4 GiB
  logic [DataWidth-1:0] next_data;
  logic                 next_sop;
  logic                 next_eop;
  logic                 next_wrong;
  logic                 next_bad;
  logic [2:0]           next_size;
  assign {next_hdr, addr, next_high, next_data, next_sop, next_eop, next_wrong, next_bad,
          next_size} = fifo_out;

  // ---- header

  logic [2:0]  fmt;
  logic [4:0]  kind;
  logic [10:0] dwords;
  assign fmt    = next_hdr[127:125];
  assign kind   = next_hdr[124:120];
  assign dwords = {next_hdr[105:96] == 10'd0, next_hdr[105:96]};

  logic memory;
  logic config_0;
  logic other_np;  // requests with a completion that no memory device serves
  logic locked;    // of them: locked read
  logic atomic;    // AtomicOp
  logic [12:0] bytes;  // byte count of a completion [PCIe 2.2.9]
  logic message;
  always_comb begin
    memory   = !fmt[2] && kind == 5'b00000;
    config_0 = !fmt[2] && !fmt[0] && kind == 5'b00100;
    message  = !fmt[2] && fmt[0] && kind[4:3] == 2'b10;
    locked   = !fmt[2] && !fmt[1] && kind == 5'b00001;
    atomic   = !fmt[2] && fmt[1] && (kind == 5'b01100 || kind == 5'b01101 || kind == 5'b01110);
    other_np = locked || atomic;
    casez ({fmt, kind})
      8'b0?0_00010: other_np = 1'b1;  // I/O
      8'b0?0_00101: other_np = 1'b1;  // configuration, type 1
      default: ;
    endcase
    bytes = 13'd4;
    if (atomic) begin
      bytes = kind[1] ? {1'b0, dwords, 1'b0} : {dwords, 2'b00};  // CAS brings two operands
    end else if (!fmt[1] && (memory || locked)) begin
      bytes = ivshmem_tlp_pkg::byte_count(dwords, next_hdr[67:64], next_hdr[71:68]);
    end
  end

  logic too_long;
  logic malformed;
  assign too_long  = memory && fmt[1] &&
                     {1'b0, next_size} > max_payload_log2_i - ivshmem_regs_pkg::PayloadLog2;
  assign malformed = next_bad || too_long || next_wrong;

  logic to_config, to_bar0, to_bar1, to_write, to_null, to_read, refused, interrupts, spoiled, held;
  assign held = fmt[1] && (to_bar0 || to_bar1) && {21'd0, dwords} <= HeldDwords;
  ivshmem_decode u_decode (
    .is_read_i     (memory && !fmt[1]),
    .is_write_i    (memory && fmt[1]),
    .is_config_i   (config_0),
    .is_malformed_i(malformed),
    .poisoned_i    (next_hdr[110] && fmt[1]),
    .addr_i        (addr),
    .high_i        (next_high),
    .dwords_i      (dwords),
    .first_be_i    (next_hdr[67:64]),
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
  logic                 load;

  assign load = fifo_valid && (!beat_q || take_i) && (next_sop ? !hold_i : 1'b1);
  assign pop  = load;
  assign begin_o         = load && next_sop;
  assign next_addr_o     = addr[11:2];
  assign next_dwords_o   = dwords;
  assign next_first_be_o = next_hdr[67:64];
  assign next_bytes_o    = bytes;
  // With the first beat, or as soon as it is there.
  assign verdict_pop = verdict_valid && ((load && next_sop) || (present_o && !done_i && !known_q));

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      beat_q <= 1'b0;
      mid_q  <= 1'b0;
      data_q <= '0;
      eop_q  <= 1'b0;
      wrong_beat_q  <= 1'b0;
      known_q       <= 1'b0;
      known_wrong_q <= 1'b0;
      bar1_here_o   <= 1'b0;
    end else begin
      if (done_i || (verdict_pop && verdict_wrong && held_o)) begin
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
      if (load) begin
        beat_q <= 1'b1;
        data_q <= next_data;
        eop_q  <= next_eop;
        wrong_beat_q <= next_wrong;
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
      {addr_o, dwords_o, first_be_o, last_be_o, bytes_o, echo_o} <= '0;
    end else if (load && next_sop) begin
      is_read_o       <= memory && !fmt[1];
      is_write_o      <= memory && fmt[1];
      is_message_o    <= message;
      is_malformed_o  <= malformed;
      is_non_posted_o <= (memory && !fmt[1]) || config_0 || other_np;
      is_locked_o     <= locked;
      has_data_o      <= fmt[1];
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
      dwords_o        <= dwords;
      first_be_o      <= next_hdr[67:64];
      last_be_o       <= next_hdr[71:68];
      bytes_o         <= bytes;
      // Requester ID, tag with its upper bits T9 and T8, traffic class, attributes.
      echo_o          <= {next_hdr[95:80], next_hdr[119], next_hdr[115], next_hdr[79:72],
                          next_hdr[118:116], next_hdr[114], next_hdr[109:108]};
    end
  end

  assign beat_o    = beat_q;
  assign data_o    = data_q;
  assign eop_o     = eop_q;
  assign wrong_o       = wrong_beat_q;
  assign known_o       = known_q;
  assign known_wrong_o = known_wrong_q;
  assign present_o = beat_q || mid_q;
  assign waiting_o = fifo_valid;

  // Reserved bits, hints, digest and address type say nothing to this device.
  logic unused_bits;
  assign unused_bits = ^{next_hdr, rx_hdr_i[1:0]};

  `IVSHMEM_ASSERT(Bar1IsMarked, (known_q || !known_wrong_q) &&
                  bar1_here_o == (present_o && to_bar1_o && !(held_o && known_wrong_q)))
  logic [6:0] goes;
  assign goes = {to_none_o, to_config_o, to_bar0_o, to_bar1_o, to_write_o, to_null_o, to_read_o};
  `IVSHMEM_ASSERT(GoesToOne, goes != '0 && (goes & (goes - 1'b1)) == '0 &&
                  (!is_malformed_o || to_none_o))
  `IVSHMEM_ASSERT(GoesWhereItsKindMay, (!(to_bar0_o || to_bar1_o) || is_read_o || is_write_o) &&
                  (!to_read_o || is_read_o) && (!(to_write_o || to_null_o) || is_write_o) &&
                  (!to_config_o || !(is_read_o || is_write_o || is_message_o)) &&
                  (!(to_config_o || to_null_o) || dwords_o == 11'd1) &&
                  (interrupts_o ? to_config_o || to_bar0_o || to_bar1_o
                                : !to_config_o && !to_bar1_o))
  `IVSHMEM_ASSERT(HeldIfShort, held_o == ((to_bar0_o || to_bar1_o) && is_write_o &&
                                          {21'd0, dwords_o} <= HeldDwords))
  // Proven of ivshmem_fifo: what goes in comes out.
  `IVSHMEM_ASSUME(MarksAreOfTheHeader, !fifo_valid ||
                  (next_bad == ivshmem_tlp_pkg::is_bad(fmt, kind, dwords, addr[11:2]) &&
                   next_size == ivshmem_tlp_pkg::size_of(dwords) &&
                   next_high == (addr[63:32] != 32'd0)))
  `IVSHMEM_ASSERT(VerdictFits, !(push && verdict) || verdict_room)

  `IVSHMEM_COVER(StallsFirstBeat, rx_valid_i && !rx_ready_o && rx_sop_i && !rx_eop_i)
  `IVSHMEM_COVER(StallsMiddleBeat, rx_valid_i && !rx_ready_o && !rx_sop_i && !rx_eop_i)
  `IVSHMEM_COVER(StallsLastBeat, rx_valid_i && !rx_ready_o && !rx_sop_i && rx_eop_i)
  `IVSHMEM_COVER(StallsUntilUp, rx_valid_i && !up_i)
  `IVSHMEM_COVER(CrossesPage, load && next_sop && memory && next_bad)
  `IVSHMEM_COVER(OverMaxPayload, load && next_sop && too_long)
  `IVSHMEM_COVER(UnknownType, load && next_sop && !(memory || config_0 || message || other_np))
  `IVSHMEM_COVER(LongestRead, load && next_sop && memory && !fmt[1] && dwords == 11'd1024)
  `IVSHMEM_COVER(PayloadIsLate, mid_q && !beat_q)
  `IVSHMEM_COVER(OtherFunction, load && next_sop && config_0 && !malformed && addr[18:16] != 3'd0)
  `IVSHMEM_COVER(LeavesBar0, load && next_sop && memory && !malformed && bar0_on_i && !to_bar0 &&
                 addr[31:ivshmem_regs_pkg::Bar0Log2] == bar0_i)
`ifdef IVSHMEM_PROOF_VERDICTS
  `include "verdicts.svh"
`endif
`ifdef IVSHMEM_PROOF_REQUEST
  `include "request.svh"
`endif
endmodule
