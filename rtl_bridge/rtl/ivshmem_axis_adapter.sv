// SPDX-License-Identifier: Apache-2.0
//
// Between the TLP segments of ivshmem_endpoint and AXI4-Streams of raw TLP dwords: header dword 0
// first, the payload behind the header without a gap. A header dword is the number that
// [PCIe 2.2.1] draws, Fmt in its upper bits. A digest is not expected: hard IPs strip it.
//
// A packet begins with a beat on either side, so where its payload lies on the stream follows from
// the length of its header: every dword has one of two places, and what is kept of a packet is the
// beat before. Each direction takes and gives one beat a cycle.
// Requests: a beat of the stream every cycle.
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
  localparam bit Split = Lanes == 2;            // a header has two beats of the stream, not one
  localparam int HeaderEnd = Split ? 4 : Lanes; // dwords of the beats that have the header

  `IVSHMEM_REQUIRE(gen_width, DataWidth == 64 || DataWidth == 128 || DataWidth == 256,
    (1, "ivshmem_axis_adapter: DataWidth = %0d: must be 64, 128 or 256", DataWidth))

  function automatic logic [DataWidth-1:0] order(input logic [DataWidth-1:0] payload);
    for (int i = 0; i < DataWidth / 8; i++) begin
      order[8*i+:8] = payload[8*(PayloadBigEndian ? (i ^ 3) : i)+:8];
    end
  endfunction

  // ---- requests

  // Which dword of {next beat, last beat} the payload begins with behind `header` dwords.
  function automatic int skew(input int header);
    skew = header % Lanes == 0 ? Lanes : header % Lanes;
  endfunction
  localparam int HeaderLong  = 3 - (Split ? 2 : 0);  // lane of a header's last dword
  localparam int HeaderShort = 2 - (Split ? 2 : 0);

  logic [DataWidth-1:0]   rx_q;         // the last beat
  logic [Lanes-1:0]       rx_keep_q;
  logic                   rx_half_q;    // Split: the first beat of a header is here
  logic                   rx_here_q;    // the whole header is
  logic                   rx_begun_q;   // it has gone
  logic                   rx_end_q;     // nothing follows: what is here is to go
  logic                   rx_long_q;    // a header of 4 dwords
  logic                   rx_heads;     // a beat that comes now is one of a header
  logic                   rx_long, rx_short, rx_whole, rx_more, rx_last;
  logic                   rx_room, rx_take, rx_give;
  logic [127:0]           rx_head, rx_words, rx_hdr;
  logic [2*DataWidth-1:0] rx_both;
  logic [2*Lanes-1:0]     rx_both_keep;
  logic [DataWidth-1:0]   rx_payload;
  logic [Lanes-1:0]       rx_keep, rx_strb;

  always_comb begin
    for (int i = 0; i < Lanes; i++) begin
      rx_keep[i] = s_axis_tkeep_i[4*i];
    end
  end

  // A beat of a header gives nothing, so the end of the packet before can go in the same cycle.
  assign s_axis_tready_o = rx_room;
  assign rx_take  = s_axis_tvalid_i && s_axis_tready_o;
  assign rx_give  = rx_room && (rx_end_q || (rx_here_q && s_axis_tvalid_i));
  assign rx_heads = rx_end_q || !rx_here_q;
  assign rx_long  = rx_heads && !rx_half_q ? s_axis_tdata_i[29] : rx_long_q;
  assign rx_whole = rx_keep[rx_long ? HeaderLong : HeaderShort] && (!Split || rx_half_q);
  assign rx_short = rx_take && rx_heads && s_axis_tlast_i && !rx_whole;
  assign rx_more  = rx_long ? skew(4) != Lanes && rx_keep[skew(4)%Lanes] : rx_keep[skew(3)];
  assign rx_last  = rx_end_q || (s_axis_tlast_i && !rx_more);

  // A 3-dword header fills the upper bits.
  assign rx_words = {rx_head[31:0], rx_head[63:32], rx_head[95:64], rx_head[127:96]};
  assign rx_hdr   = rx_long_q ? rx_words : {rx_words[127:32], 32'd0};

  assign rx_both      = {s_axis_tdata_i, rx_q};
  assign rx_both_keep = {rx_end_q ? {Lanes{1'b0}} : rx_keep, rx_keep_q};
  assign rx_payload   = rx_long_q ? rx_both[32*skew(4)+:DataWidth] : rx_both[32*skew(3)+:DataWidth];
  assign rx_strb      = rx_long_q ? rx_both_keep[skew(4)+:Lanes] : rx_both_keep[skew(3)+:Lanes];

  if (Split) begin : gen_split
    logic [DataWidth-1:0] first_q;  // the beat before the last
    always_ff @(posedge clk_i) begin
      if (rx_take) begin
        first_q <= rx_q;
      end
    end
    assign rx_head = {rx_q, first_q};
  end else begin : gen_whole
    assign rx_head = rx_q[127:0];
  end

  always_ff @(posedge clk_i) begin
    if (rx_take) begin
      rx_q      <= s_axis_tdata_i;
      rx_keep_q <= rx_keep;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      rx_half_q   <= 1'b0;
      rx_here_q   <= 1'b0;
      rx_begun_q  <= 1'b0;
      rx_end_q    <= 1'b0;
      rx_long_q   <= 1'b0;
      err_short_o <= 1'b0;
    end else begin
      if (rx_take) begin
        rx_half_q  <= Split && rx_heads && !rx_half_q && !s_axis_tlast_i;
        rx_here_q  <= rx_heads ? rx_whole : !rx_last;
        rx_begun_q <= !rx_heads;
        rx_end_q   <= s_axis_tlast_i && (rx_heads ? rx_whole : rx_more);
        rx_long_q  <= rx_long;
      end else if (rx_give) begin  // the end of a packet
        rx_here_q  <= 1'b0;
        rx_begun_q <= 1'b0;
        rx_end_q   <= 1'b0;
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

  // Dwords of the first beat of payload that go with the end of a header of `header` dwords.
  function automatic int taken(input int header);
    taken = HeaderEnd - header;
  endfunction

  logic [DataWidth-1:0]     tx_q;       // the last beat of payload
  logic [Lanes-1:0]         tx_strb_q;
  logic                     tx_half_q;  // Split: the first half of a header has gone
  logic                     tx_end_q;   // nothing follows: what is here is to go
  logic                     tx_long_q;  // behind a header of 4 dwords
  logic                     tx_err_q;
  logic                     tx_heads;   // what goes now has a header in it
  logic                     tx_half;    // its first half
  logic                     tx_long, tx_more, tx_last, tx_room, tx_give;
  logic [127:0]             tx_words;
  logic [DataWidth+127:0]   tx_packet;  // header and the first beat of payload
  logic [Lanes+3:0]         tx_packet_keep;
  logic [2*DataWidth-1:0]   tx_both;
  logic [2*Lanes-1:0]       tx_both_keep;
  logic [DataWidth-1:0]     tx_beat;
  logic [Lanes-1:0]         tx_beat_keep, tx_keep;

  assign tx_heads = !tx_end_q && tx_sop;
  assign tx_half  = Split && tx_heads && !tx_half_q;
  assign tx_give  = tx_room && (tx_end_q || tx_valid);
  assign tx_ready = tx_room && !tx_end_q && !tx_half;
  assign tx_long  = tx_heads ? tx_hdr[125] : tx_long_q;
  assign tx_more  = tx_long ? tx_strb[taken(4)] : tx_strb[taken(3)];
  assign tx_last  = tx_end_q || (tx_eop && !tx_more && !tx_half);

  assign tx_words       = {tx_hdr[31:0], tx_hdr[63:32], tx_hdr[95:64], tx_hdr[127:96]};
  assign tx_packet      = tx_long ? {tx_payload, tx_words} : {32'd0, tx_payload, tx_words[95:0]};
  assign tx_packet_keep = tx_long ? {tx_strb, 4'hf} : {1'b0, tx_strb, 3'h7};
  assign tx_both        = {tx_payload, tx_q};
  assign tx_both_keep   = {tx_end_q ? {Lanes{1'b0}} : tx_strb, tx_strb_q};

  always_comb begin
    if (tx_half) begin
      {tx_beat, tx_beat_keep} = {tx_packet[DataWidth-1:0], {Lanes{1'b1}}};
    end else if (tx_heads) begin
      tx_beat      = tx_packet[32*(HeaderEnd-Lanes)+:DataWidth];
      tx_beat_keep = tx_packet_keep[HeaderEnd-Lanes+:Lanes];
    end else if (tx_long) begin
      {tx_beat, tx_beat_keep} = {tx_both[32*taken(4)+:DataWidth], tx_both_keep[taken(4)+:Lanes]};
    end else begin
      {tx_beat, tx_beat_keep} = {tx_both[32*taken(3)+:DataWidth], tx_both_keep[taken(3)+:Lanes]};
    end
  end

  always_ff @(posedge clk_i) begin
    if (tx_take) begin
      tx_q      <= tx_payload;
      tx_strb_q <= tx_strb;
      tx_err_q  <= tx_err;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      tx_half_q <= 1'b0;
      tx_end_q  <= 1'b0;
      tx_long_q <= 1'b0;
    end else if (tx_give) begin
      tx_half_q <= tx_half;
      tx_end_q  <= tx_take && tx_eop && tx_more;
      tx_long_q <= tx_long;
    end
  end

  ivshmem_fifo #(
    .Width(DataWidth + Lanes + 2),
    .Depth(2)
  ) u_tx (
    .clk_i,
    .rst_ni,
    .push_i (tx_give),
    .data_i ({tx_beat, tx_beat_keep, tx_last, tx_last && (tx_end_q ? tx_err_q : tx_err)}),
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
  assign unused_bits = ^{s_axis_tkeep_i, tx_packet, tx_packet_keep};

  `IVSHMEM_ASSUME(KeepIsWholeDwords, !s_axis_tvalid_i ||
                  (rx_keep[0] && (rx_keep & (rx_keep + 1'b1)) == '0))
  `IVSHMEM_ASSUME(KeepIsFullBeforeTheLast, !s_axis_tvalid_i || s_axis_tlast_i || (&rx_keep))
  `IVSHMEM_ASSUME(AnswersHaveSomething, !tx_take || tx_sop || tx_strb[0])
  `IVSHMEM_ASSUME(AnswersAreFullBeforeTheirLast, !tx_take || tx_eop || (&tx_strb))
  `IVSHMEM_ASSUME(StrobesFromTheLowest, !tx_take || (tx_strb & (tx_strb + 1'b1)) == '0)
  `IVSHMEM_STABLE(RequestStays, rx_valid_o, rx_ready_i,
                  {rx_hdr_o, rx_data_o, rx_strb_o, rx_sop_o, rx_eop_o})
  `IVSHMEM_STABLE(AnswerStays, m_axis_tvalid_o, m_axis_tready_i,
                  {m_axis_tdata_o, m_axis_tkeep_o, m_axis_tlast_o, m_axis_tuser_o})
`ifdef IVSHMEM_PROOF_ADAPTER
  `include "axis_adapter.svh"
`endif
endmodule
