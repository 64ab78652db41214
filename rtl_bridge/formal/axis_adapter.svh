// SPDX-License-Identifier: Apache-2.0
//
// Proof of ivshmem_axis_adapter: in either direction an arbitrary dword that goes in comes out
// once, unchanged and in its turn, and the first and the last dword of a packet stay what they are.
// What leaves the gathering register goes through a queue of two (proof of ivshmem_fifo).
`include "reset.svh"
localparam int LaneBits = $clog2(Lanes);

function automatic logic [CountBits-1:0] number(input logic [Lanes-1:0] strb);
  number = '0;
  for (int i = 0; i < Lanes; i++) begin
    number = number + {{(CountBits-1){1'b0}}, strb[i]};
  end
endfunction

// ---- requests: ahead_q dwords of the gathered ones come before the watched one

(* anyseq *) logic                rx_pick;
(* anyseq *) logic [LaneBits-1:0] rx_lane;
logic                 rx_watch_q, rx_is_first_q, rx_is_last_q;
logic                 rx_fresh_q;   // the next dword in is the first of a packet
logic [31:0]          rx_watched_q;
logic [CountBits-1:0] rx_ahead_q, rx_inside_q, rx_in, rx_out, rx_rest_count;
logic                 rx_sop, rx_long;
logic [32*(Lanes+4)-1:0] rx_sent;   // the dwords of this cycle, in order
assign rx_sop  = !rx_begun_q;
assign rx_long = rx_hdr[125];
assign rx_in   = rx_take ? number(rx_keep) : '0;
assign rx_out  = rx_short ? rx_inside_q
               : rx_give  ? number(rx_strb) + (!rx_sop ? '0 : rx_long ? Header : Header - 1'b1) : '0;
assign rx_sent = !rx_sop ? {128'd0, rx_payload}
               : rx_long ? {rx_payload, rx_hdr[31:0], rx_hdr[63:32], rx_hdr[95:64], rx_hdr[127:96]}
                         : {32'd0, rx_payload, rx_hdr[63:32], rx_hdr[95:64], rx_hdr[127:96]};
assign rx_rest_count = rx_inside_q - rx_out;
logic rx_picked;
assign rx_picked = rx_take && rx_pick && rx_keep[rx_lane] && !rx_watch_q;
always_ff @(posedge clk_i or negedge rst_ni) begin
  if (!rst_ni) begin
    rx_watch_q    <= 1'b0;
    rx_is_first_q <= 1'b0;
    rx_is_last_q  <= 1'b0;
    rx_watched_q  <= '0;
    rx_ahead_q    <= '0;
    rx_inside_q   <= '0;
    rx_fresh_q    <= 1'b1;
  end else begin
    rx_inside_q <= rx_rest_count + rx_in;
    if (rx_take) begin
      rx_fresh_q <= s_axis_tlast_i;
    end
    if (!rx_watch_q) begin
      rx_watch_q    <= rx_picked;
      rx_is_first_q <= rx_fresh_q && rx_lane == '0;
      rx_is_last_q  <= s_axis_tlast_i && {{(CountBits-LaneBits){1'b0}}, rx_lane} + 1'b1 == rx_in;
      rx_watched_q  <= s_axis_tdata_i[32*rx_lane+:32];
      rx_ahead_q    <= rx_rest_count + {{(CountBits-LaneBits){1'b0}}, rx_lane};
    end else begin
      rx_watch_q <= rx_ahead_q >= rx_out;
      rx_ahead_q <= rx_ahead_q - rx_out;
    end
  end
end
logic rx_leaves;
assign rx_leaves = rx_watch_q && rx_give && rx_ahead_q < rx_out;
`IVSHMEM_ASSERT(RequestDwordComesOutInTurn,
                !rx_leaves || rx_sent[32*rx_ahead_q+:32] == rx_watched_q)
`IVSHMEM_ASSERT(RequestKeepsItsEnds, !rx_leaves ||
                ((rx_sop && rx_ahead_q == '0) == rx_is_first_q &&
                 (rx_last && rx_ahead_q + 1'b1 == rx_out) == rx_is_last_q))
`IVSHMEM_ASSERT(RequestDwordsAreCounted,
                rx_count_q == rx_inside_q && (!rx_give || rx_out <= rx_inside_q))
`IVSHMEM_ASSERT(OnlyAShortRequestIsDropped, !rx_short ||
                (!rx_give && rx_end_q && !rx_begun_q &&
                 rx_inside_q < (rx_q[29] ? Header : Header - 1'b1)))
`IVSHMEM_ASSERT(RequestStrobesFromTheLowest, !rx_give || (rx_strb & (rx_strb + 1'b1)) == '0)
`IVSHMEM_ASSERT(FullRequestBeats, !rx_give || rx_last || (&rx_strb))
`IVSHMEM_ASSERT(RequestDwordIsInside, !rx_watch_q ||
                (rx_ahead_q < rx_inside_q && rx_q[32*rx_ahead_q+:32] == rx_watched_q &&
                 rx_is_first_q == (!rx_begun_q && rx_ahead_q == '0) &&
                 rx_is_last_q == (rx_end_q && rx_ahead_q + 1'b1 == rx_inside_q)))
`IVSHMEM_ASSERT(RequestBeginsAfterEnd, rx_fresh_q == (rx_end_q || (rx_inside_q == '0 && !rx_begun_q)))

// ---- completions and messages, likewise

(* anyseq *) logic                   tx_pick;
(* anyseq *) logic [CountBits-1:0]   tx_which;
logic                 tx_watch_q, tx_is_first_q, tx_is_last_q, tx_is_err_q;
logic                 tx_fresh_q;
logic [31:0]          tx_watched_q;
logic [CountBits-1:0] tx_ahead_q, tx_inside_q, tx_in, tx_out, tx_rest_count;
logic [32*(Lanes+4)-1:0] tx_given;
logic [Lanes-1:0]     tx_lanes;
assign tx_in    = !tx_take ? '0
                : number(tx_strb) + (!tx_sop ? '0 : tx_hdr[125] ? Header : Header - 1'b1);
assign tx_given = !tx_sop     ? {128'd0, tx_payload}
                : tx_hdr[125] ? {tx_payload, tx_hdr[31:0], tx_hdr[63:32], tx_hdr[95:64], tx_hdr[127:96]}
                              : {32'd0, tx_payload, tx_hdr[63:32], tx_hdr[95:64], tx_hdr[127:96]};
assign tx_lanes = strobes(tx_count_q);  // as it goes into u_tx
assign tx_out   = tx_give ? number(tx_lanes) : '0;
assign tx_rest_count = tx_inside_q - tx_out;
always_ff @(posedge clk_i or negedge rst_ni) begin
  if (!rst_ni) begin
    tx_watch_q    <= 1'b0;
    tx_is_first_q <= 1'b0;
    tx_is_last_q  <= 1'b0;
    tx_is_err_q   <= 1'b0;
    tx_watched_q  <= '0;
    tx_ahead_q    <= '0;
    tx_inside_q   <= '0;
    tx_fresh_q    <= 1'b1;
  end else begin
    tx_inside_q <= tx_rest_count + tx_in;
    if (tx_take) begin
      tx_fresh_q <= tx_eop;
    end
    if (!tx_watch_q) begin
      tx_watch_q    <= tx_take && tx_pick && tx_which < tx_in;
      tx_is_first_q <= tx_fresh_q && tx_which == '0;
      tx_is_last_q  <= tx_eop && tx_which + 1'b1 == tx_in;
      tx_is_err_q   <= tx_eop && tx_which + 1'b1 == tx_in && tx_err;
      tx_watched_q  <= tx_given[32*tx_which+:32];
      tx_ahead_q    <= tx_rest_count + tx_which;
    end else begin
      tx_watch_q <= tx_ahead_q >= tx_out;
      tx_ahead_q <= tx_ahead_q - tx_out;
    end
  end
end
logic tx_leaves;
assign tx_leaves = tx_watch_q && tx_give && tx_ahead_q < tx_out;
`IVSHMEM_ASSERT(AnswerDwordComesOutInTurn, !tx_leaves ||
                tx_q[32*tx_ahead_q[LaneBits-1:0]+:32] == tx_watched_q)
`IVSHMEM_ASSERT(AnswerKeepsItsEnd, !tx_leaves ||
                ((tx_last && tx_ahead_q + 1'b1 == tx_out) == tx_is_last_q &&
                 (!tx_is_last_q || tx_err_q == tx_is_err_q)))
`IVSHMEM_ASSERT(AnswerDwordsAreCounted,
                tx_count_q == tx_inside_q && (!tx_give || tx_out <= tx_inside_q))
`IVSHMEM_ASSERT(AnswersAreFullBeforeTheLast, !tx_give || tx_last || (&tx_lanes))
`IVSHMEM_ASSERT(AnswerDwordIsInside, !tx_watch_q ||
                (tx_ahead_q < tx_inside_q && tx_q[32*tx_ahead_q+:32] == tx_watched_q &&
                 tx_is_last_q == (tx_end_q && tx_ahead_q + 1'b1 == tx_inside_q) &&
                 (!tx_is_last_q || tx_is_err_q == tx_err_q)))
