// SPDX-License-Identifier: Apache-2.0
//
// Completions, in the order of the requests. A piece is one completion TLP: without data, with
// register values, or with data that the memory is about to deliver. CompletionQueue of them may be
// under way.
//
// Timing: the piece is announced in the cycle of its last step of execution; it is at the head of
// the queue two cycles later, together with its register values.
`include "ivshmem_assert.svh"

module ivshmem_completions #(
  parameter int DataWidth = 64
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,

  input  logic                    reserve_i,      // a piece begins
  output logic                    room_o,
  output logic                    busy_o,

  // A piece is complete as far as execution goes.
  input  logic                    piece_i,
  input  logic                    piece_memory_i,
  input  logic                    piece_data_i,   // with data at all
  input  logic                    piece_end_i,    // the request's last
  input  logic                    piece_locked_i, // of a locked read
  input  logic [2:0]              piece_status_i,
  input  logic [10:0]             piece_dwords_i,
  input  logic [12:0]             piece_bytes_i,  // byte count
  input  logic [6:0]              piece_lower_i,  // lower address
  input  logic [$clog2(DataWidth/32)-1:0] piece_shift_i,  // first dword within the memory's beat
  input  logic [15:0]             piece_completer_i,
  input  logic [31:0]             piece_echo_i,

  // One dword of register values; its value comes one cycle later.
  input  logic                    value_i,
  input  logic [4:0]              value_index_i,  // within the piece
  input  logic                    value_last_i,
  input  logic [31:0]             value_data_i,

  input  logic                    rvalid_i,
  output logic                    rready_o,
  input  logic [DataWidth-1:0]    rdata_i,
  input  logic                    rerror_i,
  input  logic                    rlast_i,

  output logic                    tx_valid_o,
  input  logic                    tx_ready_i,
  output logic [127:0]            tx_hdr_o,
  output logic [DataWidth-1:0]    tx_data_o,
  output logic [DataWidth/32-1:0] tx_strb_o,
  output logic                    tx_sop_o,
  output logic                    tx_eop_o,
  output logic                    tx_err_o
);
  `IVSHMEM_CHECKED
  localparam int Lanes = DataWidth / 32;
  localparam int LaneBits = $clog2(Lanes);
  localparam int Slots = ivshmem_timing_pkg::CompletionQueue;
  localparam int SlotBits = $clog2(Slots) + 1;
  localparam int PieceDwords = ivshmem_timing_pkg::RegisterPieceBytes / 4;

  // ---- pieces

  localparam int ShiftAt = 16 + 32;
  localparam int DwordsAt = ShiftAt + LaneBits + 7 + 12;
  localparam int PieceWidth = DwordsAt + 11 + 3 + 4;

  logic [PieceWidth-1:0] piece_q;
  logic                  piece_valid_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      piece_valid_q <= 1'b0;
      piece_q       <= '0;
    end else begin
      piece_valid_q <= piece_i;
      piece_q       <= {piece_memory_i, piece_data_i, piece_end_i, piece_locked_i, piece_status_i,
                        piece_dwords_i, piece_bytes_i[11:0], piece_lower_i, piece_shift_i,
                        piece_completer_i, piece_echo_i};
    end
  end

  // Of its first beat: it is the last, and the memory's first beat holds all of it.
  logic [10:0] piece_dwords;
  logic [LaneBits-1:0] piece_shift;
  logic        piece_single, piece_whole;
  assign piece_dwords = piece_q[DwordsAt+:11];
  assign piece_shift  = piece_q[ShiftAt+:LaneBits];
  assign piece_single = piece_dwords <= Lanes[10:0];
  assign piece_whole  = piece_single
                      ? {{(11-LaneBits){1'b0}}, piece_shift} + piece_dwords <= Lanes[10:0]
                      : piece_shift == '0;

  logic                  head_valid;
  logic                  single, one_is_enough;
  logic [PieceWidth-1:0] head;
  logic                  head_pop;
  logic                  order_room;
  ivshmem_fifo #(
    .Width(2 + PieceWidth),
    .Depth(Slots), .Early(1)
  ) u_order (
    .clk_i,
    .rst_ni,
    .push_i (piece_valid_q),
    .data_i ({piece_single, piece_whole, piece_q}),
    .room_o (order_room),
    .pop_i  (head_pop),
    .valid_o(head_valid),
    .data_o ({single, one_is_enough, head})
  );

  logic                from_memory, with_data, is_end, locked;
  logic [2:0]          status;
  logic [10:0]         dwords;
  logic [11:0]         bytes;
  logic [6:0]          lower;
  logic [LaneBits-1:0] shift;
  logic [15:0]         completer;
  logic [31:0]         echo;
  assign {from_memory, with_data, is_end, locked, status, dwords, bytes, lower, shift, completer,
          echo} = head;

  logic [SlotBits-1:0] slots_q;
  assign room_o = !slots_q[SlotBits-1];
  assign busy_o = slots_q != '0 || tx_valid_o;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      slots_q <= '0;
    end else if (reserve_i && !head_pop) begin
      slots_q <= slots_q + 1'b1;
    end else if (head_pop && !reserve_i) begin
      slots_q <= slots_q - 1'b1;
    end
  end

  // ---- register values, gathered into beats

  logic                 value_q;
  logic [LaneBits-1:0]  value_lane_q;
  logic                 value_full_q;
  logic [DataWidth-1:0] gathered_q;
  logic [DataWidth-1:0] gathered;
  always_comb begin
    gathered = gathered_q;
    for (int i = 0; i < Lanes; i++) begin
      if (value_lane_q == i[LaneBits-1:0]) begin
        gathered[32*i+:32] = value_data_i;
      end
    end
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      value_q      <= 1'b0;
      value_lane_q <= '0;
      value_full_q <= 1'b0;
      gathered_q   <= '0;
    end else begin
      value_q      <= value_i;
      value_lane_q <= value_index_i[LaneBits-1:0];
      value_full_q <= value_last_i || (&value_index_i[LaneBits-1:0]);
      if (value_q) begin
        gathered_q <= value_full_q ? '0 : gathered;
      end
    end
  end

  logic                 values_room;
  logic                 values_valid;
  logic                 values_pop;
  logic [DataWidth-1:0] values;
  ivshmem_fifo #(
    .Width(DataWidth), .Early(1),
    .Depth(Slots * PieceDwords / Lanes)  // whatever may be under way fits
  ) u_values (
    .clk_i,
    .rst_ni,
    .push_i (value_q && value_full_q),
    .data_i (gathered),
    .room_o (values_room),
    .pop_i  (values_pop),
    .valid_o(values_valid),
    .data_o (values)
  );

  // ---- the builder

  logic                 out_room;
  logic                 first_q;      // next beat is the piece's first
  logic [10:0]          left_q;       // dwords still to send, after the first beat
  logic                 last_beat_q;  // no more than a beat of them
  logic                 carried_q;    // beats of the memory have been taken
  logic [DataWidth-1:0] carry_q;
  logic                 flush_q;      // what is left stands in carry_q alone
  logic                 drop_q;       // the request ended as Completer Abort
  logic                 error_q;      // this piece ended as Completer Abort
  logic                 late_q;       // the memory refused a beat after the first

  logic [10:0]          left;
  logic                 last_beat;    // the beat that would be sent now is the piece's last
  assign left      = first_q ? dwords : left_q;
  assign last_beat = first_q ? single : last_beat_q;

  logic                   take_memory;   // a beat of the memory is taken
  logic                   emit;          // a beat is sent
  logic                   abort;         // the memory refuses the piece's first beat
  logic                   late;          // or a later one
  logic [DataWidth-1:0]   emit_data;
  logic [2*DataWidth-1:0] window;
  assign rready_o    = head_valid && from_memory && out_room && !flush_q;
  assign take_memory = rvalid_i && rready_o;
  assign abort       = take_memory && rerror_i && !carried_q && !drop_q;
  assign late        = late_q || (take_memory && rerror_i && carried_q);

  always_comb begin
    window = {rdata_i, carry_q};
    if (flush_q) begin
      window = {{DataWidth{1'b0}}, carry_q};
    end else if (shift == '0 || (!carried_q && one_is_enough)) begin
      window = {{DataWidth{1'b0}}, rdata_i};
    end
    emit_data = window[DataWidth-1:0];
    for (int s = 1; s < Lanes; s++) begin
      if (shift == s[LaneBits-1:0]) begin
        emit_data = window[32*s+:DataWidth];
      end
    end
    if (!from_memory) begin
      emit_data = with_data ? values : '0;
    end
  end

  always_comb begin
    if (!from_memory) begin
      emit = head_valid && out_room;
    end else if (drop_q || error_q) begin
      emit = abort;
    end else begin
      emit = abort || (flush_q && out_room) ||
             (take_memory && (shift == '0 || carried_q || one_is_enough));
    end
  end

  // The memory's last beat is taken and its data are sent, or nobody wants them.
  logic ends, flush_next;
  assign flush_next = take_memory && rlast_i && !last_beat && !abort && !drop_q && !error_q;
  always_comb begin
    if (!from_memory) begin
      ends = emit && (!with_data || last_beat);
    end else begin
      ends = (flush_q && out_room) || (take_memory && rlast_i && !flush_next);
    end
  end
  assign head_pop   = ends;
  assign values_pop = emit && !from_memory && with_data;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      first_q   <= 1'b1;
      left_q    <= '0;
      last_beat_q <= 1'b0;
      carried_q <= 1'b0;
      carry_q   <= '0;
      flush_q   <= 1'b0;
      drop_q    <= 1'b0;
      error_q   <= 1'b0;
      late_q    <= 1'b0;
    end else begin
      late_q <= late;
      if (take_memory) begin
        carry_q   <= rdata_i;
        carried_q <= 1'b1;
      end
      if (emit) begin
        first_q <= 1'b0;
        left_q  <= left - Lanes[10:0];
        last_beat_q <= left <= 11'd2 * Lanes[10:0];
      end
      if (abort) begin
        error_q <= 1'b1;
      end
      flush_q <= flush_next;
      if (flush_q && !out_room) begin
        flush_q <= 1'b1;
      end
      if (ends) begin
        first_q   <= 1'b1;
        carried_q <= 1'b0;
        error_q   <= 1'b0;
        late_q    <= 1'b0;
        drop_q    <= !is_end && (drop_q || error_q || abort || late);
      end
    end
  end

  // ---- header and output

  logic [127:0]     header;
  logic [Lanes-1:0] strb;
  logic             data_here;
  assign data_here = with_data && !abort;
  always_comb begin
    strb = '0;
    for (int i = 0; i < Lanes; i++) begin
      strb[i] = data_here && i[10:0] < left;
    end
    // Requester 31:16, T9, T8, tag, traffic class, attributes: as in the request.
    header = {data_here ? ivshmem_tlp_pkg::CplD
              : locked  ? ivshmem_tlp_pkg::CplLk : ivshmem_tlp_pkg::Cpl,
              echo[15], echo[5:3], echo[14], echo[2], 2'b00,
              2'b00, echo[1:0], 2'b00, data_here ? dwords[9:0] : 10'd0,
              completer, abort ? ivshmem_tlp_pkg::StatusCa : status, 1'b0, bytes,
              echo[31:16], echo[13:6], 1'b0, lower,
              32'd0};
  end

  logic out_valid;
  assign tx_valid_o = out_valid;
  ivshmem_fifo #(
    .Width(128 + DataWidth + Lanes + 3),
    .Depth(ivshmem_timing_pkg::OutputQueue)
  ) u_out (
    .clk_i,
    .rst_ni,
    .push_i (emit),
    .data_i ({header, data_here ? emit_data : {DataWidth{1'b0}}, strb, first_q,
              last_beat || !data_here, last_beat && late}),
    .room_o (out_room),
    .pop_i  (out_valid && tx_ready_i),
    .valid_o(out_valid),
    .data_o ({tx_hdr_o, tx_data_o, tx_strb_o, tx_sop_o, tx_eop_o, tx_err_o})
  );

  logic unused_bits;
  assign unused_bits = ^{piece_bytes_i[12], value_index_i};

  // ---- invariants

  // What the piece in execution has come to, and the memory's beats for the piece at the head.
  logic       open_q;    // reserved, not announced
  logic [5:0] values_q;  // register values of it so far
  logic [8:0] taken_q;
  logic [10:0] last_taken;
  assign last_taken = ({{(11-LaneBits){1'b0}}, shift} + dwords - 11'd1) >> LaneBits;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      open_q   <= 1'b0;
      values_q <= '0;
      taken_q  <= '0;
    end else begin
      open_q   <= (open_q || reserve_i) && !piece_i;
      values_q <= piece_i ? 6'd0 : values_q + {5'd0, value_i};
      taken_q  <= ends ? 9'd0 : taken_q + {8'd0, take_memory};
    end
  end
  // Proven in ivshmem_execute, but for the last: AXI has it so.
  `IVSHMEM_ASSUME(ReservedOnce, !(reserve_i && open_q))
  `IVSHMEM_ASSUME(AnnouncedWhenReserved, !piece_i || reserve_i || open_q)
  `IVSHMEM_ASSUME(ValueBelongsToAPiece, !value_i || reserve_i || open_q)
  `IVSHMEM_ASSUME(ValuesInOrder, !value_i || {1'b0, value_index_i} == values_q)
  `IVSHMEM_ASSUME(ValuesWithinThePiece,
                  !value_i || {26'd0, values_q} + {31'd0, !value_last_i} < PieceDwords)
  `IVSHMEM_ASSUME(LastValueIsOfThePiece, !value_i || value_last_i == piece_i)
  `IVSHMEM_ASSUME(ValuesFillThePiece, !(piece_i && piece_data_i && !piece_memory_i) ||
                  (value_i && piece_dwords_i == {5'd0, values_q} + 11'd1))
  `IVSHMEM_ASSUME(OthersAtOnce, !(piece_i && (piece_memory_i || !piece_data_i)) ||
                  (reserve_i && !value_i))
  `IVSHMEM_ASSUME(BegunWithAValue, !(reserve_i && !piece_i) || value_i)
  `IVSHMEM_ASSUME(MemoryHasData, !(piece_i && piece_memory_i) ||
                  (piece_data_i && piece_dwords_i >= 11'd1 && piece_dwords_i <= 11'd256))
  // Not take_memory: in a core that is not settled, what follows from inputs is a cycle old.
  `IVSHMEM_ASSUME(MemoryEndsAsAsked,
                  !(rvalid_i && rready_o) || rlast_i == ({2'd0, taken_q} == last_taken))
  `IVSHMEM_ASSERT(FlushesWhatIsLeft, !flush_next || emit)
  `IVSHMEM_ASSERT(LastIsMarked, !head_valid || last_beat == (left <= Lanes[10:0]))
  `IVSHMEM_ASSERT(NoPieceWithoutRoom, !reserve_i || room_o)
  `IVSHMEM_ASSERT(SlotsNeverNegative, !head_pop || slots_q != '0)
  `IVSHMEM_ASSERT(OrderFits, !piece_valid_q || order_room)
  `IVSHMEM_ASSERT(ValuesFit, !(value_q && value_full_q) || values_room)
  `IVSHMEM_ASSERT(ValuesAreThere, !values_pop || values_valid)
  `IVSHMEM_STABLE(CompletionStays, tx_valid_o, tx_ready_i,
                  {tx_hdr_o, tx_data_o, tx_strb_o, tx_sop_o, tx_eop_o, tx_err_o})

  `IVSHMEM_COVER(SixteenUnderWay, !room_o)
  `IVSHMEM_COVER(StallsFirstBeat, tx_valid_o && !tx_ready_i && tx_sop_o && !tx_eop_o)
  `IVSHMEM_COVER(StallsMiddleBeat, tx_valid_o && !tx_ready_i && !tx_sop_o && !tx_eop_o)
  `IVSHMEM_COVER(StallsLastBeat, tx_valid_o && !tx_ready_i && !tx_sop_o && tx_eop_o)
  `IVSHMEM_COVER(StallsMemory, rvalid_i && head_valid && from_memory && !rready_o)
  `IVSHMEM_COVER(RegistersBehindMemory, head_valid && from_memory && values_valid)
  `IVSHMEM_COVER(FirstBeatTakesTwo, take_memory && !emit && !carried_q && !drop_q)
  `IVSHMEM_COVER(FlushStalls, flush_q && !out_room)
  `IVSHMEM_COVER(RefusesFirstBeat, abort && is_end)
  `IVSHMEM_COVER(RefusesFirstOfMore, abort && !is_end)
  `IVSHMEM_COVER(RefusesLaterBeat, take_memory && rerror_i && carried_q && !drop_q && !error_q)
  `IVSHMEM_COVER(DropsTheRest, take_memory && drop_q)
  `IVSHMEM_COVER(Nullified, tx_valid_o && tx_ready_i && tx_err_o)
`ifdef IVSHMEM_PROOF_COMPLETIONS
  `include "completions.svh"
`endif
endmodule
