// SPDX-License-Identifier: Apache-2.0
//
// Proof of ivshmem_axis_adapter: in either direction an arbitrary dword that comes in goes out
// once, unchanged and in its turn, and the first and the last dword of a packet stay what they are.
// What goes out passes a queue of two (proof of ivshmem_fifo).
//
// Dwords are counted in the order of the stream: those that are kept, then those that come in this
// cycle. What goes in this cycle is the first of them.
`include "reset.svh"
localparam int LaneBits = $clog2(Lanes);
localparam int CountBits = $clog2(2 * Lanes + 5);
typedef logic [CountBits-1:0] count_t;

function automatic count_t number(input logic [Lanes-1:0] strb);
  number = '0;
  for (int i = 0; i < Lanes; i++) begin
    number = number + {{(CountBits-1){1'b0}}, strb[i]};
  end
endfunction

function automatic count_t header_dwords(input logic is_long);
  header_dwords = is_long ? 4 : 3;
endfunction

function automatic logic is_filled(input logic [Lanes-1:0] strb);  // from the lowest, and not empty
  is_filled = strb[0] && (strb & (strb + 1'b1)) == '0;
endfunction

// ---- requests

(* anyseq *) logic                rx_pick;
(* anyseq *) logic [LaneBits-1:0] rx_lane;
logic        rx_watch_q, rx_is_first_q, rx_is_last_q;
logic        rx_watch, rx_is_first, rx_is_last;  // of this cycle
logic        rx_fresh_q;                         // the next dword in is the first of a packet
logic [31:0] rx_watched_q, rx_watched;
count_t      rx_ahead_q, rx_ahead;               // dwords before the watched one
count_t      rx_inside_q, rx_in, rx_out, rx_gone;

// What is kept, lowest first.
logic [32*(Lanes+2)-1:0] rx_kept;
count_t                  rx_kept_count;
always_comb begin
  rx_kept       = {64'd0, rx_q};
  rx_kept_count = '0;
  if (rx_half_q) begin
    rx_kept_count = Lanes;
  end else if (rx_here_q && !rx_begun_q) begin
    rx_kept       = Split ? {rx_q, rx_head[63:0]} : {64'd0, rx_q};
    rx_kept_count = (Split ? 2 : 0) + number(rx_keep_q);
  end else if (rx_here_q && (skew(4) != Lanes || !rx_long_q)) begin
    rx_kept       = {64'd0, rx_q >> (32 * (rx_long_q ? skew(4) : skew(3)))};
    rx_kept_count = number(rx_keep_q) - (rx_long_q ? skew(4) : skew(3));
  end
end

logic                    rx_sop;
logic [32*(Lanes+4)-1:0] rx_sent;   // the dwords of this cycle, in order
assign rx_sop  = !rx_begun_q;
assign rx_in   = rx_take ? number(rx_keep) : '0;
assign rx_out  = rx_give ? number(rx_strb) + (rx_sop ? header_dwords(rx_hdr[125]) : '0) : '0;
assign rx_gone = rx_short ? rx_inside_q + rx_in : rx_out;
assign rx_sent = !rx_sop     ? {128'd0, rx_payload}
               : rx_hdr[125] ? {rx_payload, rx_hdr[31:0], rx_hdr[63:32], rx_hdr[95:64], rx_hdr[127:96]}
                             : {32'd0, rx_payload, rx_hdr[63:32], rx_hdr[95:64], rx_hdr[127:96]};
assign rx_watch    = rx_watch_q || (rx_take && rx_pick && rx_keep[rx_lane]);
assign rx_watched  = rx_watch_q ? rx_watched_q : s_axis_tdata_i[32*rx_lane+:32];
assign rx_ahead    = rx_watch_q ? rx_ahead_q : rx_inside_q + {{(CountBits-LaneBits){1'b0}}, rx_lane};
assign rx_is_first = rx_watch_q ? rx_is_first_q : rx_fresh_q && rx_lane == '0;
assign rx_is_last  = rx_watch_q ? rx_is_last_q
                   : s_axis_tlast_i && {{(CountBits-LaneBits){1'b0}}, rx_lane} + 1'b1 == rx_in;
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
    rx_inside_q   <= rx_inside_q + rx_in - rx_gone;
    rx_fresh_q    <= rx_take ? s_axis_tlast_i : rx_fresh_q;
    rx_watch_q    <= rx_watch && rx_ahead >= rx_gone;
    rx_ahead_q    <= rx_ahead - rx_gone;
    rx_watched_q  <= rx_watched;
    rx_is_first_q <= rx_is_first;
    rx_is_last_q  <= rx_is_last;
  end
end
logic rx_leaves;
assign rx_leaves = rx_watch && rx_give && rx_ahead < rx_out;
`IVSHMEM_ASSERT(RequestDwordComesOutInTurn, !rx_leaves || rx_sent[32*rx_ahead+:32] == rx_watched)
`IVSHMEM_ASSERT(RequestKeepsItsEnds, !rx_leaves ||
                ((rx_sop && rx_ahead == '0) == rx_is_first &&
                 (rx_last && rx_ahead + 1'b1 == rx_out) == rx_is_last))
`IVSHMEM_ASSERT(RequestDwordsAreCounted, rx_kept_count == rx_inside_q && rx_out <= rx_inside_q + rx_in)
`IVSHMEM_ASSERT(OnlyAShortRequestIsDropped, !rx_short ||
                (s_axis_tlast_i && rx_inside_q - rx_out + rx_in <
                 header_dwords(rx_half_q ? rx_q[29] : s_axis_tdata_i[29])))
`IVSHMEM_ASSERT(RequestStrobesFromTheLowest, !rx_give || (rx_strb & (rx_strb + 1'b1)) == '0)
`IVSHMEM_ASSERT(FullRequestBeats, !rx_give || rx_last || (&rx_strb))
`IVSHMEM_ASSERT(RequestDwordIsInside, !rx_watch_q ||
                (rx_ahead_q < rx_inside_q && rx_kept[32*rx_ahead_q+:32] == rx_watched_q &&
                 rx_is_first_q == (!rx_begun_q && rx_ahead_q == '0) &&
                 rx_is_last_q == (rx_end_q && rx_ahead_q + 1'b1 == rx_inside_q)))
`IVSHMEM_ASSERT(RequestBeginsAfterEnd, rx_fresh_q == (rx_end_q || !(rx_here_q || rx_half_q)))
`IVSHMEM_ASSERT(RequestsHaveOneState,
                (!rx_half_q || (Split && !rx_here_q)) && (rx_here_q || !rx_end_q) &&
                (!(rx_here_q || rx_half_q) || (is_filled(rx_keep_q) && (rx_end_q || (&rx_keep_q)))) &&
                (!rx_half_q || (!rx_begun_q && rx_long_q == rx_q[29])) && rx_kept_count <= Lanes + 2 &&
                (!rx_here_q || rx_begun_q || (rx_long_q == rx_head[29] &&
                                              rx_kept_count >= header_dwords(rx_long_q))) &&
                (!(rx_end_q && rx_begun_q) || rx_kept_count != '0))

// ---- completions and messages, likewise: the first half of a header is in when it is sent

// What is offered stays until it is taken, and packets have their frames (proven of the endpoint).
logic                 tx_offered_q, tx_open_q;
logic [DataWidth+127:0] tx_offer_q;
logic [Lanes+2:0]     tx_marks_q;
always_ff @(posedge clk_i or negedge rst_ni) begin
  if (!rst_ni) begin
    tx_offered_q <= 1'b0;
    tx_open_q    <= 1'b0;
  end else begin
    tx_offered_q <= tx_valid && !tx_ready;
    tx_open_q    <= tx_take ? !tx_eop : tx_open_q;
  end
end
always_ff @(posedge clk_i) begin
  tx_offer_q <= {tx_hdr, tx_data};
  tx_marks_q <= {tx_strb, tx_sop, tx_eop, tx_err};
end
`IVSHMEM_ASSUME(OffersStay, !tx_offered_q ||
                (tx_valid && {tx_hdr, tx_data} == tx_offer_q &&
                 {tx_strb, tx_sop, tx_eop, tx_err} == tx_marks_q))
`IVSHMEM_ASSUME(PacketsHaveFrames, !tx_valid || tx_sop == !tx_open_q)

(* anyseq *) logic   tx_pick;
(* anyseq *) count_t tx_which;
logic        tx_watch_q, tx_is_first_q, tx_is_last_q, tx_is_err_q;
logic        tx_watch, tx_is_first, tx_is_last, tx_is_err;
logic [31:0] tx_watched_q, tx_watched;
count_t      tx_ahead_q, tx_ahead, tx_inside_q, tx_in, tx_out;
logic [32*(Lanes+4)-1:0] tx_given;

logic [DataWidth-1:0] tx_kept;
count_t               tx_kept_count;
always_comb begin
  tx_kept       = tx_q >> (32 * (tx_long_q ? taken(4) : taken(3)));
  tx_kept_count = '0;
  if (tx_open_q || tx_end_q) begin
    tx_kept_count = number(tx_strb_q) - (tx_long_q ? taken(4) : taken(3));
  end
end

logic [32*(Lanes+4)-1:0] tx_offer;  // what is offered, in order
assign tx_offer = !tx_sop     ? {128'd0, tx_payload}
                : tx_hdr[125] ? {tx_payload, tx_hdr[31:0], tx_hdr[63:32], tx_hdr[95:64], tx_hdr[127:96]}
                              : {32'd0, tx_payload, tx_hdr[63:32], tx_hdr[95:64], tx_hdr[127:96]};
always_comb begin
  tx_in    = '0;
  tx_given = tx_offer;
  if (tx_give && tx_half) begin
    tx_in = 2;
  end else if (tx_take) begin
    tx_in = number(tx_strb) + (tx_sop ? header_dwords(tx_hdr[125]) : '0) - (tx_half_q ? 2 : 0);
    if (tx_half_q) begin
      tx_given = tx_offer >> 64;
    end
  end
end
assign tx_out      = tx_give ? number(tx_beat_keep) : '0;
assign tx_watch    = tx_watch_q || (tx_pick && tx_which < tx_in);
assign tx_watched  = tx_watch_q ? tx_watched_q : tx_given[32*tx_which+:32];
assign tx_ahead    = tx_watch_q ? tx_ahead_q : tx_inside_q + tx_which;
assign tx_is_first = tx_watch_q ? tx_is_first_q
                   : tx_heads && !tx_half_q && tx_which == '0;
assign tx_is_last  = tx_watch_q ? tx_is_last_q : tx_take && tx_eop && tx_which + 1'b1 == tx_in;
assign tx_is_err   = tx_watch_q ? tx_is_err_q : tx_err;
always_ff @(posedge clk_i or negedge rst_ni) begin
  if (!rst_ni) begin
    tx_watch_q    <= 1'b0;
    tx_is_first_q <= 1'b0;
    tx_is_last_q  <= 1'b0;
    tx_is_err_q   <= 1'b0;
    tx_watched_q  <= '0;
    tx_ahead_q    <= '0;
    tx_inside_q   <= '0;
  end else begin
    tx_inside_q   <= tx_inside_q + tx_in - tx_out;
    tx_watch_q    <= tx_watch && tx_ahead >= tx_out;
    tx_ahead_q    <= tx_ahead - tx_out;
    tx_watched_q  <= tx_watched;
    tx_is_first_q <= tx_is_first;
    tx_is_last_q  <= tx_is_last;
    tx_is_err_q   <= tx_is_err;
  end
end
logic tx_leaves;
assign tx_leaves = tx_watch && tx_give && tx_ahead < tx_out;
`IVSHMEM_ASSERT(AnswerDwordComesOutInTurn, !tx_leaves ||
                tx_beat[32*tx_ahead[LaneBits-1:0]+:32] == tx_watched)
`IVSHMEM_ASSERT(AnswerKeepsItsEnd, !tx_leaves ||
                ((tx_last && tx_ahead + 1'b1 == tx_out) == tx_is_last &&
                 (!tx_is_first || tx_ahead == '0) &&
                 (!tx_is_last || (tx_end_q ? tx_err_q : tx_err) == tx_is_err)))
`IVSHMEM_ASSERT(AnswerDwordsAreCounted,
                tx_kept_count == tx_inside_q && tx_out <= tx_inside_q + tx_in)
`IVSHMEM_ASSERT(AnswersAreFullBeforeTheLast, !tx_give || tx_last || (&tx_beat_keep))
`IVSHMEM_ASSERT(AnswerDwordIsInside, !tx_watch_q ||
                (tx_ahead_q < tx_inside_q && tx_kept[32*tx_ahead_q+:32] == tx_watched_q &&
                 !tx_is_first_q &&
                 tx_is_last_q == (tx_end_q && tx_ahead_q + 1'b1 == tx_inside_q) &&
                 (!tx_is_last_q || tx_is_err_q == tx_err_q)))
`IVSHMEM_ASSERT(AnswersHaveOneState,
                (!tx_half_q || (Split && !tx_open_q && !tx_end_q && tx_offered_q)) &&
                !(tx_open_q && tx_end_q) &&
                (!(tx_open_q || tx_end_q) || (is_filled(tx_strb_q) && tx_kept_count != '0 && tx_kept_count <= Lanes &&
                                              (tx_end_q || (&tx_strb_q)))))
