// SPDX-License-Identifier: Apache-2.0
//
// MSI-X writes and INTx messages on their way out: what is caused in cycle n is offered from n + 3,
// in order. MessageQueue of them may be under way; room_o says whether one more may be caused.
`include "ivshmem_assert.svh"

module ivshmem_messages #(
  parameter int DataWidth = 64
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic [12:0]             id_i,          // bus and device number

  input  logic                    msix_cause_i,
  input  logic [63:0]             msix_address_i,  // two cycles after the cause
  input  logic [31:0]             msix_data_i,
  input  logic                    intx_cause_i,
  input  logic                    intx_level_i,
  output logic                    room_o,
  output logic                    busy_o,

  output logic                    tx_valid_o,
  input  logic                    tx_ready_i,
  output logic [127:0]            tx_hdr_o,
  output logic [DataWidth-1:0]    tx_data_o,
  output logic [DataWidth/32-1:0] tx_strb_o,
  output logic                    tx_sop_o,
  output logic                    tx_eop_o
);
  `IVSHMEM_CHECKED
  localparam int Queue = ivshmem_timing_pkg::MessageQueue;
  localparam int CountBits = $clog2(Queue) + 1;
  localparam int Entry = 1 + 1 + 16 + 64 + 32;

  // ---- two cycles after the cause the fields are there, and are queued

  logic        first_q, first_intx_q, first_level_q;
  logic        second_q, second_intx_q, second_level_q;
  logic [12:0] second_id_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      first_q       <= 1'b0;
      first_intx_q  <= 1'b0;
      first_level_q <= 1'b0;
      second_q      <= 1'b0;
      second_intx_q  <= 1'b0;
      second_level_q <= 1'b0;
      second_id_q    <= '0;
    end else begin
      first_q       <= msix_cause_i || intx_cause_i;
      first_intx_q  <= intx_cause_i;
      first_level_q <= intx_level_i;
      second_q      <= first_q;
      second_intx_q  <= first_intx_q;
      second_level_q <= first_level_q;
      second_id_q    <= id_i;
    end
  end

  logic             fifo_room;
  logic             fifo_valid;
  logic [Entry-1:0] out;
  logic             sent;
  assign sent = fifo_valid && tx_ready_i;

  ivshmem_fifo #(
    .Width(Entry),
    .Depth(Queue)
  ) u_queue (
    .clk_i,
    .rst_ni,
    .push_i (second_q),
    .data_i ({second_intx_q, second_level_q, second_id_q, 3'd0, msix_address_i, msix_data_i}),
    .room_o (fifo_room),
    .pop_i  (sent),
    .valid_o(fifo_valid),
    .data_o (out)
  );

  logic [CountBits-1:0] count_q;
  logic                 near_q;  // one more, and that is all
  logic                 cause;
  assign cause  = msix_cause_i || intx_cause_i;
  // Counted a cycle after the cause, which comes late in its own.
  assign room_o = !(count_q[CountBits-1] || (first_q && near_q));
  assign busy_o = count_q != '0 || first_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      count_q <= '0;
      near_q  <= 1'b0;
    end else if (first_q && !sent) begin
      count_q <= count_q + 1'b1;
      near_q  <= count_q == Queue[CountBits-1:0] - CountBits'(2);
    end else if (sent && !first_q) begin
      count_q <= count_q - 1'b1;
      near_q  <= count_q[CountBits-1];
    end
  end

  // ---- header

  logic        intx;
  logic        level;
  logic [15:0] requester;
  logic [63:0] address;
  logic [31:0] data;
  assign {intx, level, requester, address, data} = out;

  assign tx_valid_o = fifo_valid;
  assign tx_sop_o   = fifo_valid;
  assign tx_eop_o   = fifo_valid;
  always_comb begin
    tx_data_o = '0;
    tx_strb_o = '0;
    if (intx) begin
      tx_hdr_o = {ivshmem_tlp_pkg::MsgLocal, 24'd0, requester, 8'd0,
                  level ? ivshmem_tlp_pkg::AssertInta : ivshmem_tlp_pkg::DeassertInta, 64'd0};
    end else begin
      tx_data_o[31:0] = data;
      tx_strb_o[0]    = 1'b1;
      // One dword, all bytes [PCI 3.0 6.8.3.4]; bits 1:0 of the address stay as they were written.
      if (address[63:32] == 32'd0) begin
        tx_hdr_o = {ivshmem_tlp_pkg::MWr32, 14'd0, 10'd1, requester, 8'd0, 8'h0f, address[31:0],
                    32'd0};
      end else begin
        tx_hdr_o = {ivshmem_tlp_pkg::MWr64, 14'd0, 10'd1, requester, 8'd0, 8'h0f, address};
      end
    end
  end

  `IVSHMEM_ASSERT(NothingCausedWithoutRoom, !cause || room_o)
  `IVSHMEM_ASSERT(NothingLost, !second_q || fifo_room)
  `IVSHMEM_ASSERT(CountCoversQueue, !fifo_valid || count_q != '0)
  `IVSHMEM_ASSERT(NearIsMarked, near_q == (count_q == Queue[CountBits-1:0] - 1'b1))
  `IVSHMEM_ASSERT(OneCause, !(msix_cause_i && intx_cause_i))
  `IVSHMEM_STABLE(MessageStays, tx_valid_o, tx_ready_i, {tx_hdr_o, tx_data_o, tx_strb_o})

  `IVSHMEM_COVER(SixteenUnderWay, !room_o)
  `IVSHMEM_COVER(QueueFull, !fifo_room)
  `IVSHMEM_COVER(CauseWithSent, cause && sent)
  `IVSHMEM_COVER(CauseInStall, cause && tx_valid_o && !tx_ready_i)
  `IVSHMEM_COVER(IntxAsserted, tx_valid_o && intx && level)
  `IVSHMEM_COVER(IntxDeasserted, tx_valid_o && intx && !level)
  `IVSHMEM_COVER(AddressOver4GiB, tx_valid_o && !intx && address[63:32] != 32'd0)
`ifdef IVSHMEM_PROOF_MESSAGES
  `include "messages.svh"
`endif
endmodule
