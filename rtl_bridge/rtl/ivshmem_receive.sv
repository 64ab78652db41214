// SPDX-License-Identifier: Apache-2.0
//
// Request buffer, and what can be said of a request from its header alone. The beat that is next to
// be executed stands in registers here, what its header says beside it.
//
// Packets are measured as they come in. As soon as it is known whether one is as long as its header
// says, there is a verdict.
`include "ivshmem_assert.svh"

module ivshmem_receive #(
  parameter int DataWidth = 64
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    up_i,                  // requests are taken at all

  input  logic                    rx_valid_i,
  output logic                    rx_ready_o,
  input  logic [127:0]            rx_hdr_i,
  input  logic [DataWidth-1:0]    rx_data_i,
  input  logic [DataWidth/32-1:0] rx_strb_i,
  input  logic                    rx_sop_i,
  input  logic                    rx_eop_i,

  // One verdict for each packet, in their order: with its first wrong beat, or its end.
  output logic                    verdict_valid_o,
  output logic                    verdict_wrong_o,       // the packet is not as Length says
  input  logic                    verdict_pop_i,

  output logic                    waiting_o,             // something is in here
  output logic                    valid_o,               // a beat is
  input  logic                    load_i,                // it is taken
  output logic [DataWidth-1:0]    data_o,
  output logic                    sop_o,
  output logic                    eop_o,
  output logic                    wrong_o,               // up to this beat it is not as Length says
  // What its header says; with sop.
  output logic                    is_read_o,             // memory read
  output logic                    is_write_o,            // memory write
  output logic                    is_config_o,           // configuration request, type 0
  output logic                    is_message_o,
  output logic                    is_non_posted_o,
  output logic                    is_locked_o,           // locked read
  output logic                    has_data_o,
  output logic                    poisoned_o,            // it has data, and they are
  output logic                    bad_o,                 // no device serves it
  output logic [2:0]              size_o,                // the least maximum payload that it fits
  output logic                    fits_bar0_o,
  output logic                    empty_o,               // one dword, no byte
  output logic                    short_o,               // a write of registers waits for its verdict
  output logic                    high_o,                // beyond 4 GiB
  output logic [63:2]             addr_o,                // of a configuration request: target, register
  output logic [9:0]              last_o,                // dwords less one
  output logic [10:0]             span_o,                // its last dword, from the begin of its first beat
  output logic [3:0]              first_be_o,
  output logic [3:0]              last_be_o,
  output logic [11:0]             bytes_o,               // byte count of its completions, less one
  output logic [31:0]             echo_o                 // requester, tag, TC, attributes
);
  `IVSHMEM_CHECKED
  localparam int LaneBits = $clog2(DataWidth / 32);
  localparam int Entry = 22 + 10 + 32 + 62 + DataWidth + 3;
  // A write of registers begins when the whole packet is known to be right, if it is no longer
  // than this.
  localparam int HeldDwords = ivshmem_timing_pkg::HeldBeats * DataWidth / 32;
  // A power of two, and more than there are beats in here.
  localparam int Verdicts = 2 * ivshmem_timing_pkg::RequestQueue;
  localparam int Bar0Log2 = ivshmem_regs_pkg::Bar0Log2;
  localparam logic [13:0] Bar0Dwords = 14'd1 << (Bar0Log2 - 2);

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

  logic [63:2] rx_addr;  // three dwords of header have 32 bits of it
  assign rx_addr = rx_hdr_i[125] ? rx_hdr_i[63:2] : {32'd0, rx_hdr_i[63:34]};

  ivshmem_fifo #(
    .Width(Entry),
    .Depth(ivshmem_timing_pkg::RequestQueue)
  ) u_buffer (
    .clk_i,
    .rst_ni,
    .push_i (push),
    .data_i ({rx_hdr_i[127:106], rx_hdr_i[105:96] - 10'd1, rx_hdr_i[95:64], rx_addr, rx_data_i, rx_sop_i, rx_eop_i, wrong}),
    .room_o (fifo_room),
    .pop_i  (pop),
    .valid_o(fifo_valid),
    .data_o (fifo_out)
  );

  // A verdict that is taken late in a cycle, as its beat is: it comes out by two places of its own.
  logic verdict_room;
  logic judged;
  logic judged_wrong;
  logic judged_pop;
  logic spare_verdict_q;
  logic spare_wrong_q;
  ivshmem_fifo #(
    .Width(1),
    .Depth(Verdicts)
  ) u_verdicts (
    .clk_i,
    .rst_ni,
    .push_i (push && verdict),
    .data_i (wrong),
    .room_o (verdict_room),
    .pop_i  (judged_pop),
    .valid_o(judged),
    .data_o (judged_wrong)
  );
  assign judged_pop = judged && !spare_verdict_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      verdict_valid_o <= 1'b0;
      verdict_wrong_o <= 1'b0;
      spare_verdict_q <= 1'b0;
      spare_wrong_q   <= 1'b0;
    end else begin
      verdict_valid_o <= judged || spare_verdict_q || (verdict_valid_o && !verdict_pop_i);
      spare_verdict_q <= (judged || spare_verdict_q) && verdict_valid_o && !verdict_pop_i;
      if (!verdict_valid_o || verdict_pop_i) begin
        verdict_wrong_o <= spare_verdict_q ? spare_wrong_q : judged_wrong;
      end
      if (!spare_verdict_q) begin
        spare_wrong_q <= judged_wrong;
      end
    end
  end

  logic                 spare_q;        // one more beat is out of the buffer
  logic [Entry-1:0]     spare_entry_q;
  logic [127:64]        next_hdr;       // dwords less one in the place of Length
  logic [63:2]          addr;
  logic [DataWidth-1:0] next_data;
  logic                 next_sop;
  logic                 next_eop;
  logic                 next_wrong;
  assign {next_hdr, addr, next_data, next_sop, next_eop, next_wrong} = spare_q ? spare_entry_q : fifo_out;

  // ---- what its header says

  logic [2:0]  fmt;
  logic [4:0]  kind;
  logic [9:0]  last;  // dword
  assign fmt    = next_hdr[127:125];
  assign kind   = next_hdr[124:120];
  assign last   = next_hdr[105:96];

  logic memory;
  logic config_0;
  logic other_np;  // requests with a completion that no memory device serves
  logic locked;    // of them: locked read
  logic atomic;    // AtomicOp
  logic [11:0] bytes;  // byte count of a completion, less one [PCIe 2.2.9]
  logic message;
  logic bad;
  assign bad = ivshmem_tlp_pkg::is_bad(fmt, kind, last, addr[11:2]);
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
    bytes = 12'd3;
    if (atomic) begin
      bytes = kind[1] ? {1'b0, last, 1'b1} : {last, 2'b11};  // CAS brings two operands
    end else if (!fmt[1] && (memory || locked)) begin
      bytes = ivshmem_tlp_pkg::bytes_less_one(last, next_hdr[67:64], next_hdr[71:68]);
    end
  end

  logic [13:0] bar0_end;  // its last dword, if it is there
  assign bar0_end = 14'(addr[Bar0Log2-1:2]) + {4'd0, last};

  // ---- the beat that is next

  // Whether it is taken comes late in a cycle: the buffer does not wait for it, but gives one more.
  assign pop       = fifo_valid && !spare_q;
  assign waiting_o = fifo_valid || spare_q || valid_o;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_o <= 1'b0;
      spare_q <= 1'b0;
    end else begin
      valid_o <= fifo_valid || spare_q || (valid_o && !load_i);
      spare_q <= (fifo_valid || spare_q) && valid_o && !load_i;
    end
  end
  always_ff @(posedge clk_i) begin
    if (!spare_q) begin
      spare_entry_q <= fifo_out;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!valid_o || load_i) begin
      data_o          <= next_data;
      sop_o           <= next_sop;
      eop_o           <= next_eop;
      wrong_o         <= next_wrong;
      is_read_o       <= memory && !fmt[1];
      is_write_o      <= memory && fmt[1];
      is_config_o     <= config_0;
      is_message_o    <= message;
      is_non_posted_o <= (memory && !fmt[1]) || config_0 || other_np;
      is_locked_o     <= locked;
      has_data_o      <= fmt[1];
      poisoned_o      <= next_hdr[110] && fmt[1];
      bad_o           <= bad;
      size_o          <= ivshmem_tlp_pkg::size_of(last);
      fits_bar0_o     <= bar0_end < Bar0Dwords;
      empty_o         <= last == 10'd0 && next_hdr[67:64] == 4'd0;
      short_o         <= memory && fmt[1] && {22'd0, last} < HeldDwords;
      high_o          <= addr[63:32] != 32'd0;
      addr_o          <= addr;
      last_o          <= last;
      span_o          <= {1'b0, last} + 11'(addr[2+:LaneBits]);
      first_be_o      <= next_hdr[67:64];
      last_be_o       <= next_hdr[71:68];
      bytes_o         <= bytes;
      // Requester ID, tag with its upper bits T9 and T8, traffic class, attributes.
      echo_o          <= {next_hdr[95:80], next_hdr[119], next_hdr[115], next_hdr[79:72],
                          next_hdr[118:116], next_hdr[114], next_hdr[109:108]};
    end
  end

  // Reserved bits, hints, digest and address type say nothing to this device.
  logic unused_bits;
  assign unused_bits = ^{next_hdr, rx_hdr_i[1:0]};

  // What is next says nothing that does not go together.
  logic [3:0] kinds;
  assign kinds = {is_read_o, is_write_o, is_config_o, is_message_o};
  `IVSHMEM_ASSERT(NextGoesTogether, !valid_o ||
                  (span_o == {1'b0, last_o} + 11'(addr_o[2+:LaneBits]) &&
                   (kinds & (kinds - 1'b1)) == '0 &&
                   (!is_read_o || !has_data_o) && (!is_write_o || has_data_o) &&
                   short_o == (is_write_o && {22'd0, last_o} < HeldDwords)))
  `IVSHMEM_ASSERT(NextIsBadIfItMust, !valid_o || bad_o ||
                  ((!is_config_o || last_o == 10'd0) &&
                   (!(is_read_o || is_write_o) || {1'b0, addr_o[11:2]} + {1'b0, last_o} < 11'd1024)))
  `IVSHMEM_ASSERT(NextIsMeasured, !valid_o ||
                  (size_o == ivshmem_tlp_pkg::size_of(last_o) && (!empty_o || last_o == 10'd0)))
  `IVSHMEM_ASSERT(VerdictFits, !(push && verdict) || verdict_room)

  `IVSHMEM_COVER(StallsFirstBeat, rx_valid_i && !rx_ready_o && rx_sop_i && !rx_eop_i)
  `IVSHMEM_COVER(StallsMiddleBeat, rx_valid_i && !rx_ready_o && !rx_sop_i && !rx_eop_i)
  `IVSHMEM_COVER(StallsLastBeat, rx_valid_i && !rx_ready_o && !rx_sop_i && rx_eop_i)
  `IVSHMEM_COVER(StallsUntilUp, rx_valid_i && !up_i)
  `IVSHMEM_COVER(CrossesPage, pop && next_sop && memory && bad)
  `IVSHMEM_COVER(UnknownType, pop && next_sop && !(memory || config_0 || message || other_np))
  `IVSHMEM_COVER(LongestRead, pop && next_sop && memory && !fmt[1] && (&last))
endmodule
