// SPDX-License-Identifier: Apache-2.0
//
// Proof of ivshmem_completions with four slots in place of sixteen: nothing in the module depends on
// them but the depth of its queues and the width of their counters, and with eight the solver has
// no answer in 200 s. What u_values holds is free (proof of ivshmem_fifo). What the inputs promise
// stands in the module, so that simulation checks it, at full size.
`include "reset.svh"
`IVSHMEM_ASSUME(PieceHasRoom, !reserve_i || room_o)

localparam int EntryWidth = PieceWidth + 2;
// Connected to the counts and the read pointer of the queues, and the words of u_order, last first.
(* keep *) logic [SlotBits-1:0]   queued;
(* keep *) logic [SlotBits-2:0]   queued_rd;
(* keep *) logic [$clog2(Slots * PieceDwords / Lanes):0] beats;
(* keep *) logic [Slots*EntryWidth-1:0] order;

// ---- room

// Beats of register values that a piece has; what no piece can be.
function automatic logic [7:0] beats_of(input logic [EntryWidth-1:0] piece);
  beats_of = piece[PieceWidth-1] || !piece[PieceWidth-2]
           ? 8'd0 : 8'((piece[DwordsAt+:11] + Lanes[10:0] - 11'd1) >> LaneBits);
endfunction
function automatic logic impossible(input logic [EntryWidth-1:0] piece);
  impossible = piece[PieceWidth+1] != (piece[DwordsAt+:11] <= Lanes[10:0]) ||
               piece[PieceWidth] != (11'(piece[ShiftAt+:LaneBits]) + (piece[PieceWidth+1] ? piece[DwordsAt+:11]
                                                                : Lanes[10:0]) <= Lanes[10:0]) ||
               (piece[PieceWidth-1] ? !piece[PieceWidth-2] || piece[DwordsAt+:11] > 11'd256 ||
                                     piece[DwordsAt+:11] == 11'd0
             : piece[PieceWidth-2] && (piece[DwordsAt+:11] > PieceDwords[10:0] ||
                                       piece[DwordsAt+:11] == 11'd0));
endfunction
logic [9:0] owed;          // beats of all the pieces in u_order
logic       one_cannot_be;  // one of them
always_comb begin
  owed          = '0;
  one_cannot_be = 1'b0;
  for (int i = 0; i < Slots; i++) begin
    if ({1'b0, i[SlotBits-2:0] - queued_rd} < queued) begin
      owed          = owed + {2'd0, beats_of(order[EntryWidth*i+:EntryWidth])};
      one_cannot_be = one_cannot_be | impossible(order[EntryWidth*i+:EntryWidth]);
    end
  end
end

logic [5:0] gathered_count_q;  // values of the open piece that are past value_q
logic [8:0] sent_q;            // beats of the piece at the head
logic       ended_q;           // its TLP has had its end
logic       last_q;
always_ff @(posedge clk_i or negedge rst_ni) begin
  if (!rst_ni) begin
    gathered_count_q <= '0;
    sent_q           <= '0;
    ended_q          <= 1'b0;
    last_q           <= 1'b0;
  end else begin
    last_q  <= value_last_i;
    if (value_q) begin
      gathered_count_q <= last_q ? 6'd0 : gathered_count_q + 6'd1;
    end
    sent_q  <= ends ? 9'd0 : sent_q + {8'd0, emit};
    ended_q <= !ends && (ended_q || (emit && eop));
  end
end
logic eop;
assign eop = last_beat || !data_here;
`IVSHMEM_ASSERT(SlotsAreAccounted, slots_q == queued + {{(SlotBits-1){1'b0}}, piece_valid_q} +
                                              {{(SlotBits-1){1'b0}}, open_q})
`IVSHMEM_ASSERT(SlotsWithinQueue, slots_q <= Slots[SlotBits-1:0])
`IVSHMEM_ASSERT(ValuesAreAccounted,
                10'(beats) + (head_valid && !from_memory && with_data ? {1'b0, sent_q} : 10'd0) ==
                owed + {4'd0, gathered_count_q >> LaneBits})
`IVSHMEM_ASSERT(GatheredWithinPiece, {26'd0, gathered_count_q} < PieceDwords)
`IVSHMEM_ASSERT(ValuesFollowEachOther,
                values_q == (value_q && last_q ? 6'd0 : gathered_count_q + {5'd0, value_q}))
`IVSHMEM_ASSERT(LaneOfValue, !value_q || (value_lane_q == gathered_count_q[LaneBits-1:0] &&
                value_full_q == (last_q || (&value_lane_q))))
`IVSHMEM_ASSERT(PieceWithItsValues,
                (value_q && last_q) ==
                (piece_valid_q && !piece_q[PieceWidth-1] && piece_q[PieceWidth-2]) &&
                (!(value_q && last_q) || piece_q[DwordsAt+:11] == {5'd0, gathered_count_q} + 11'd1))
`IVSHMEM_ASSERT(ValuesOfAnOpenPiece, (values_q != 6'd0) == open_q)
`IVSHMEM_ASSERT(PiecesArePossible, !(piece_valid_q && impossible({piece_single, piece_whole, piece_q})) && !one_cannot_be)

// Each value stands in its own lane of the beat that is queued.
(* anyconst *) logic [LaneBits-1:0] lane;
logic [31:0] value_seen_q;
always_ff @(posedge clk_i) begin
  if (value_q && value_lane_q == lane) begin
    value_seen_q <= value_data_i;
  end
end
`IVSHMEM_ASSERT(GatheredIsWhatWasSeen, gathered_count_q[LaneBits-1:0] <= lane ||
                gathered_q[32*lane+:32] == value_seen_q)
`IVSHMEM_ASSERT(ValuesAreGathered, !(value_q && value_full_q) || lane > value_lane_q ||
                gathered[32*lane+:32] == (lane == value_lane_q ? value_data_i : value_seen_q))

// ---- framing: a piece is one TLP, as long as it says, or nothing after a Completer Abort

`IVSHMEM_ASSERT(TlpBeginsOnce, !emit || (first_q == (sent_q == 9'd0) && !ended_q))
`IVSHMEM_ASSERT(TlpEndsWithItsPiece, !ends || ended_q || (emit && eop) || drop_q)
`IVSHMEM_ASSERT(NoDataWithoutLength, !emit || data_here || (first_q && strb == '0 && eop))
`IVSHMEM_ASSERT(DataAsTheLengthSays, !(emit && data_here) ||
                (left + {2'd0, sent_q} * Lanes[10:0] == dwords && left != 11'd0 &&
                 eop == (left <= Lanes[10:0])))
`IVSHMEM_ASSERT(NothingIsAtOnce, !head_valid || with_data || first_q)
`IVSHMEM_ASSERT(LeftIsCounted, (first_q && sent_q == 9'd0) ||
                (!first_q && sent_q != 9'd0 && head_valid &&
                 (ended_q || left_q + {2'd0, sent_q} * Lanes[10:0] == dwords)))
`IVSHMEM_ASSERT(NothingLeftOver, ended_q == error_q && (error_q || first_q || left != 11'd0) &&
                (first_q || error_q || left_q <= 11'd256))
`IVSHMEM_ASSERT(BeatsAreCounted, carried_q == (taken_q != 9'd0) &&
                (!carried_q || (head_valid && from_memory)) && (!error_q || carried_q) &&
                (!flush_q || (carried_q && shift != '0 && {2'd0, taken_q} == last_taken + 11'd1 &&
                              !drop_q && !error_q && left <= Lanes[10:0])) &&
                (!head_valid || !from_memory || flush_q || {2'd0, taken_q} <= last_taken))
`IVSHMEM_ASSERT(BeatsAreSent, !(head_valid && from_memory) || error_q ||
                sent_q == (drop_q || !carried_q ? 9'd0 : taken_q - {8'd0, shift != '0}))

// ---- what is sent: an arbitrary piece, an arbitrary dword of a memory read

(* anyseq *) logic pick;       // the piece that is watched is the one announced in this cycle
logic                watch_q;  // it is inside
logic                watch_new_q;
logic [PieceWidth-1:0] watched_q;
logic [SlotBits-1:0] ahead_q;  // pieces in the queue before it
always_ff @(posedge clk_i or negedge rst_ni) begin
  if (!rst_ni) begin
    watch_q     <= 1'b0;
    watch_new_q <= 1'b0;
    watched_q   <= '0;
    ahead_q     <= '0;
  end else begin
    watch_new_q <= piece_i && pick && !watch_q;
    if (!watch_q) begin
      watch_q   <= piece_i && pick;
      watched_q <= {piece_memory_i, piece_data_i, piece_end_i, piece_locked_i, piece_status_i,
                    piece_dwords_i, piece_bytes_i[11:0], piece_lower_i, piece_shift_i, piece_completer_i,
                    piece_echo_i};
      // The queue takes a piece that was announced a cycle before.
      ahead_q   <= queued + {{(SlotBits-1){1'b0}}, piece_valid_q} -
                   {{(SlotBits-1){1'b0}}, head_pop};
    end else if (head_pop) begin
      watch_q <= ahead_q != '0;
      ahead_q <= ahead_q - 1'b1;
    end
  end
end
logic [PieceWidth-1:0] at;  // where it stands in u_order
logic [SlotBits-2:0]   place;
logic                  turn;
assign place = queued_rd + ahead_q[SlotBits-2:0];
assign at    = order[EntryWidth*place+:PieceWidth];
assign turn  = watch_q && !watch_new_q && ahead_q == '0;
`IVSHMEM_ASSERT(PieceStaysInside, !watch_q ||
                (watch_new_q ? piece_valid_q && piece_q == watched_q && ahead_q == queued
                             : ahead_q < queued && at == watched_q))
`IVSHMEM_ASSERT(PieceComesInTurn, !turn || (head_valid && head == watched_q))

logic        w_memory, w_data, w_end, w_locked;
logic [2:0]  w_status;
logic [10:0] w_dwords;
logic [11:0] w_bytes;
logic [6:0]  w_lower;
logic [LaneBits-1:0] w_shift;
logic [15:0] w_completer;
logic [31:0] w_echo;
assign {w_memory, w_data, w_end, w_locked, w_status, w_dwords, w_bytes, w_lower, w_shift, w_completer,
        w_echo} = watched_q;
logic [2:0] w_sent_status;
assign w_sent_status = abort ? ivshmem_tlp_pkg::StatusCa : w_status;
`IVSHMEM_ASSERT(HeaderAsAnnounced, !(turn && emit) ||
                (header[127:120] == {1'b0, w_data && !abort, 5'b00101, w_locked && !(w_data && !abort)} &&
                 header[105:96] == (w_data && !abort ? w_dwords[9:0] : 10'd0) &&
                 header[95:64] == {w_completer, w_sent_status, 1'b0, w_bytes} &&
                 header[63:32] == {w_echo[31:16], w_echo[13:6], 1'b0, w_lower} &&
                 {header[119], header[115], header[118:116], header[114], header[109:108]} ==
                 {w_echo[15:14], w_echo[5:0]}))

(* anyconst *) logic [7:0] dword;  // of the piece at the head
logic [8:0]  from;                 // where the memory has it, in dwords
logic [31:0] seen_q;
logic [31:0] now;                  // what the beat on offer has there
assign from = {1'b0, dword} + {{(9-LaneBits){1'b0}}, shift};
assign now  = rdata_i[32*from[LaneBits-1:0]+:32];
always_ff @(posedge clk_i) begin
  if (take_memory && {{LaneBits{1'b0}}, from[8:LaneBits]} == taken_q) begin
    seen_q <= now;
  end
end
`IVSHMEM_ASSERT(CarryIsWhatWasSeen,
                !(carried_q && {{LaneBits{1'b0}}, from[8:LaneBits]} + 9'd1 == taken_q) ||
                carry_q[32*from[LaneBits-1:0]+:32] == seen_q)
`IVSHMEM_ASSERT(DwordsInOrder, !(emit && from_memory && data_here && {3'd0, dword} < dwords &&
                                 {{(1+LaneBits){1'b0}}, dword[7:LaneBits]} == sent_q) ||
                emit_data[32*dword[LaneBits-1:0]+:32] ==
                (take_memory && {{LaneBits{1'b0}}, from[8:LaneBits]} == taken_q ? now : seen_q))
