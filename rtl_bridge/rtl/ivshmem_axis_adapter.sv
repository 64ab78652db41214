// SPDX-License-Identifier: Apache-2.0
//
// Between the TLP segments of ivshmem_endpoint and AXI4-Streams of raw TLP dwords: header dword 0
// first, the payload behind the header without a gap. A header dword is the number that
// [PCIe 2.2.1] draws, Fmt in its upper bits. A digest is not expected: hard IPs strip it.
//
// Each direction gathers dwords in a register, and takes and gives one beat a cycle.
// Requests: a beat of the stream every cycle, and one cycle more for a packet whose last beat
// holds dwords of two beats of payload; with a 4-dword header and 64 or 128 bits none does.
// Completions and messages: every beat of the stream is full but a packet's last, and packets
// follow each other without a gap, in the order of ivshmem_tlp_merge.
`include "ivshmem_assert.svh"

module ivshmem_axis_adapter #(
  parameter int DataWidth        = 64,    // 64, 128 or 256
  parameter bit PayloadBigEndian = 1'b0   // first byte of a payload dword: 0: bits 7:0, 1: 31:24
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,

  // Stream of requests. tkeep: whole dwords, from the lowest on, all of them but in the last beat.
  input  logic                    s_axis_tvalid_i,
  output logic                    s_axis_tready_o,
  input  logic [DataWidth-1:0]    s_axis_tdata_i,
  input  logic [DataWidth/8-1:0]  s_axis_tkeep_i,
  input  logic                    s_axis_tlast_i,

  // Stream of completions and messages. tuser, with tlast: discontinue, nullify the packet.
  output logic                    m_axis_tvalid_o,
  input  logic                    m_axis_tready_i,
  output logic [DataWidth-1:0]    m_axis_tdata_o,
  output logic [DataWidth/8-1:0]  m_axis_tkeep_o,
  output logic                    m_axis_tlast_o,
  output logic                    m_axis_tuser_o,

  // ivshmem_endpoint: the ports of the same names, seen from the other side.
  output logic                    rx_valid_o,
  input  logic                    rx_ready_i,
  output logic [127:0]            rx_hdr_o,
  output logic [DataWidth-1:0]    rx_data_o,
  output logic [DataWidth/32-1:0] rx_strb_o,
  output logic                    rx_sop_o,
  output logic                    rx_eop_o,

  input  logic                    tx_cpl_valid_i,
  output logic                    tx_cpl_ready_o,
  input  logic [127:0]            tx_cpl_hdr_i,
  input  logic [DataWidth-1:0]    tx_cpl_data_i,
  input  logic [DataWidth/32-1:0] tx_cpl_strb_i,
  input  logic                    tx_cpl_sop_i,
  input  logic                    tx_cpl_eop_i,
  input  logic                    tx_cpl_err_i,

  input  logic                    tx_msg_valid_i,
  output logic                    tx_msg_ready_o,
  input  logic [127:0]            tx_msg_hdr_i,
  input  logic [DataWidth-1:0]    tx_msg_data_i,
  input  logic [DataWidth/32-1:0] tx_msg_strb_i,
  input  logic                    tx_msg_sop_i,
  input  logic                    tx_msg_eop_i,

  output logic                    err_short_o   // pulse: a packet shorter than its header, dropped
);
  `IVSHMEM_CHECKED
  localparam int Lanes = DataWidth / 32;
  localparam int Places = 2 * Lanes + 4;        // a header and two beats
  localparam int CountBits = $clog2(Places + 1);
  localparam logic [CountBits-1:0] Beat = Lanes[CountBits-1:0];
  localparam logic [CountBits-1:0] Header = 4;  // dwords of the longest

  `IVSHMEM_REQUIRE(gen_width, DataWidth == 64 || DataWidth == 128 || DataWidth == 256,
    (1, "ivshmem_axis_adapter: DataWidth = %0d: must be 64, 128 or 256", DataWidth))

  function automatic logic [DataWidth-1:0] order(input logic [DataWidth-1:0] payload);
    for (int i = 0; i < DataWidth / 8; i++) begin
      order[8*i+:8] = payload[8*(PayloadBigEndian ? (i ^ 3) : i)+:8];
    end
  endfunction

  // Dwords of a beat, lowest first.
  function automatic logic [CountBits-1:0] dwords(input logic [Lanes-1:0] strb);
    dwords = '0;
    for (int i = 0; i < Lanes; i++) begin
      dwords = dwords + {{(CountBits-1){1'b0}}, strb[i]};
    end
  endfunction

  function automatic logic [Lanes-1:0] strobes(input logic [CountBits-1:0] count);
    for (int i = 0; i < Lanes; i++) begin
      strobes[i] = i[CountBits-1:0] < count;
    end
  endfunction

  function automatic logic [CountBits-1:0] header_dwords(input logic is_long);
    header_dwords = {{(CountBits-3){1'b0}}, is_long ? 3'd4 : 3'd3};
  endfunction

  // ---- requests

  logic [32*Places-1:0] rx_q, rx_rest, rx_kept, rx_new;
  logic [CountBits-1:0] rx_count_q, rx_left, rx_header, rx_need;
  logic                 rx_begun_q;  // the header has gone
  logic                 rx_end_q;    // the packet's last dword is here
  logic                 rx_room, rx_give, rx_short, rx_take, rx_last;
  logic [127:0]         rx_words, rx_hdr;
  logic [DataWidth-1:0] rx_payload;
  logic [Lanes-1:0]     rx_strb, rx_keep;

  // A 3-dword header fills the upper bits.
  assign rx_words   = {rx_q[31:0], rx_q[63:32], rx_q[95:64], rx_q[127:96]};
  assign rx_hdr     = rx_q[29] ? rx_words : {rx_words[127:32], 32'd0};
  assign rx_header  = rx_begun_q ? '0 : header_dwords(rx_q[29]);
  assign rx_need    = rx_header + Beat;
  assign rx_last    = rx_end_q && rx_count_q <= rx_need;
  assign rx_short   = rx_end_q && !rx_begun_q && rx_count_q < rx_header;
  assign rx_give    = rx_room && !rx_short && (rx_end_q || rx_count_q >= rx_need);
  assign rx_payload = rx_begun_q ? rx_q[DataWidth-1:0]
                    : rx_q[29]   ? rx_q[128+:DataWidth] : rx_q[96+:DataWidth];
  assign rx_strb    = strobes(rx_count_q - rx_header);
  assign rx_left    = (rx_short || (rx_give && rx_last)) ? '0
                    : rx_give                            ? rx_count_q - rx_need : rx_count_q;
  assign rx_rest    = !rx_give   ? rx_q
                    : rx_begun_q ? rx_q >> DataWidth
                    : rx_q[29]   ? rx_q >> (DataWidth + 128) : rx_q >> (DataWidth + 96);
  assign rx_kept    = rx_rest & ~({32*Places{1'b1}} << {rx_left, 5'd0});
  assign rx_new     = {{32*(Places-Lanes){1'b0}}, s_axis_tdata_i} << {rx_left, 5'd0};

  // Behind a packet's end nothing is gathered before the packet has gone.
  assign s_axis_tready_o = (!rx_end_q || rx_left == '0) && rx_left <= Beat + Header;
  assign rx_take         = s_axis_tvalid_i && s_axis_tready_o;

  always_comb begin
    for (int i = 0; i < Lanes; i++) begin
      rx_keep[i] = s_axis_tkeep_i[4*i];
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      rx_q        <= '0;
      rx_count_q  <= '0;
      rx_begun_q  <= 1'b0;
      rx_end_q    <= 1'b0;
      err_short_o <= 1'b0;
    end else begin
      rx_q       <= rx_kept;
      rx_count_q <= rx_left;
      if (rx_give) begin
        rx_begun_q <= !rx_last;
      end
      if (rx_left == '0) begin
        rx_end_q <= 1'b0;
      end
      if (rx_take) begin
        rx_q       <= rx_kept | rx_new;
        rx_count_q <= rx_left + dwords(rx_keep);
        rx_end_q   <= s_axis_tlast_i;
      end
      err_short_o <= rx_short;
    end
  end

  ivshmem_fifo #(
    .Width(128 + DataWidth + Lanes + 2),
    .Depth(2)
  ) u_rx (
    .clk_i,
    .rst_ni,
    .push_i (rx_give),
    .data_i ({rx_hdr, order(rx_payload), rx_strb, !rx_begun_q, rx_last}),
    .room_o (rx_room),
    .pop_i  (rx_valid_o && rx_ready_i),
    .valid_o(rx_valid_o),
    .data_o ({rx_hdr_o, rx_data_o, rx_strb_o, rx_sop_o, rx_eop_o})
  );

  // ---- completions and messages

  logic                 tx_valid, tx_ready, tx_take, tx_sop, tx_eop, tx_err;
  logic [127:0]         tx_hdr;
  logic [DataWidth-1:0] tx_data, tx_payload;
  logic [Lanes-1:0]     tx_strb;
  assign tx_payload = order(tx_data);
  assign tx_take    = tx_valid && tx_ready;

  ivshmem_tlp_merge #(
    .DataWidth(DataWidth)
  ) u_merge (
    .clk_i,
    .rst_ni,
    .tx_cpl_valid_i,
    .tx_cpl_ready_o,
    .tx_cpl_hdr_i,
    .tx_cpl_data_i,
    .tx_cpl_strb_i,
    .tx_cpl_sop_i,
    .tx_cpl_eop_i,
    .tx_cpl_err_i,
    .tx_msg_valid_i,
    .tx_msg_ready_o,
    .tx_msg_hdr_i,
    .tx_msg_data_i,
    .tx_msg_strb_i,
    .tx_msg_sop_i,
    .tx_msg_eop_i,
    .tx_valid_o(tx_valid),
    .tx_ready_i(tx_ready),
    .tx_hdr_o  (tx_hdr),
    .tx_data_o (tx_data),
    .tx_strb_o (tx_strb),
    .tx_sop_o  (tx_sop),
    .tx_eop_o  (tx_eop),
    .tx_err_o  (tx_err)
  );

  logic [32*Places-1:0]    tx_q, tx_rest, tx_kept, tx_new;
  logic [32*Lanes+127:0]   tx_words;
  logic [CountBits-1:0]    tx_count_q, tx_left, tx_added;
  logic                    tx_end_q, tx_err_q, tx_room, tx_give, tx_last;
  logic [Lanes-1:0]        tx_keep;
  assign tx_last  = tx_end_q && tx_count_q <= Beat;
  assign tx_give  = tx_room && (tx_end_q || tx_count_q >= Beat);
  assign tx_left  = !tx_give ? tx_count_q : (tx_last ? '0 : tx_count_q - Beat);
  assign tx_rest  = tx_give ? tx_q >> DataWidth : tx_q;
  assign tx_ready = (!tx_end_q || tx_left == '0) && tx_left <= Beat;
  assign tx_added = (tx_sop ? header_dwords(tx_hdr[125]) : '0) + dwords(tx_strb);
  assign tx_words = !tx_sop     ? {128'd0, tx_payload}
                  : tx_hdr[125] ? {tx_payload, tx_hdr[31:0], tx_hdr[63:32], tx_hdr[95:64],
                                   tx_hdr[127:96]}
                                : {32'd0, tx_payload, tx_hdr[63:32], tx_hdr[95:64],
                                   tx_hdr[127:96]};
  assign tx_kept  = tx_rest & ~({32*Places{1'b1}} << {tx_left, 5'd0});
  assign tx_new   = {{32*(Places-Lanes-4){1'b0}}, tx_words} << {tx_left, 5'd0};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      tx_q       <= '0;
      tx_count_q <= '0;
      tx_end_q   <= 1'b0;
      tx_err_q   <= 1'b0;
    end else begin
      tx_q       <= tx_kept;
      tx_count_q <= tx_left;
      if (tx_left == '0) begin
        tx_end_q <= 1'b0;
      end
      if (tx_take) begin
        tx_q       <= tx_kept | tx_new;
        tx_count_q <= tx_left + tx_added;
        tx_end_q   <= tx_eop;
        tx_err_q   <= tx_eop && tx_err;
      end
    end
  end

  ivshmem_fifo #(
    .Width(DataWidth + Lanes + 2),
    .Depth(2)
  ) u_tx (
    .clk_i,
    .rst_ni,
    .push_i (tx_give),
    .data_i ({tx_q[DataWidth-1:0], strobes(tx_count_q), tx_last, tx_last && tx_err_q}),
    .room_o (tx_room),
    .pop_i  (m_axis_tvalid_o && m_axis_tready_i),
    .valid_o(m_axis_tvalid_o),
    .data_o ({m_axis_tdata_o, tx_keep, m_axis_tlast_o, m_axis_tuser_o})
  );
  always_comb begin
    for (int i = 0; i < Lanes; i++) begin
      m_axis_tkeep_o[4*i+:4] = {4{tx_keep[i]}};
    end
  end

  logic unused_bits;
  assign unused_bits = ^s_axis_tkeep_i;

  `IVSHMEM_ASSUME(KeepIsWholeDwords, !s_axis_tvalid_i ||
                  (rx_keep[0] && (rx_keep & (rx_keep + 1'b1)) == '0))
  `IVSHMEM_ASSUME(KeepIsFullBeforeTheLast, !s_axis_tvalid_i || s_axis_tlast_i || (&rx_keep))
  `IVSHMEM_ASSUME(AnswersHaveSomething, !tx_take || tx_sop || tx_strb[0])
  `IVSHMEM_ASSUME(StrobesFromTheLowest, !tx_take || (tx_strb & (tx_strb + 1'b1)) == '0)
  `IVSHMEM_ASSERT(RequestsFit, {{(32-CountBits){1'b0}}, rx_count_q} <= Places)
  `IVSHMEM_ASSERT(AnswersFit, {{(32-CountBits){1'b0}}, tx_count_q} <= Places)
  `IVSHMEM_ASSERT(EndHasSomething,
                  (!rx_end_q || rx_count_q != '0) && (!tx_end_q || tx_count_q != '0))
  `IVSHMEM_STABLE(RequestStays, rx_valid_o, rx_ready_i,
                  {rx_hdr_o, rx_data_o, rx_strb_o, rx_sop_o, rx_eop_o})
  `IVSHMEM_STABLE(AnswerStays, m_axis_tvalid_o, m_axis_tready_i,
                  {m_axis_tdata_o, m_axis_tkeep_o, m_axis_tlast_o, m_axis_tuser_o})
`ifdef IVSHMEM_PROOF_ADAPTER
  `include "axis_adapter.svh"
`endif
endmodule
