// SPDX-License-Identifier: Apache-2.0
//
// How far the request in execution has come: its dword, its beat at the memory, its piece. All that
// the decision of a cycle needs of it stands in registers, computed with the step before; the first
// step's is computed from the header, in the cycle before the request is in execution.
`include "ivshmem_assert.svh"

module ivshmem_position #(
  parameter int DataWidth = 64
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic [3:0]              max_payload_log2_i,

  // The request that is next. Until it comes, and with the end of the one before, all is set for it.
  input  logic                    begin_i,
  input  logic [11:2]             next_addr_i,
  input  logic [3:0]              next_first_be_i,
  input  logic [9:0]              next_last_i,      // dwords less one
  input  logic [10:0]             next_span_i,      // the last dword, from the begin of its first beat
  input  logic [11:0]             next_bytes_i,     // byte count less one

  // The request in execution.
  input  logic [9:0]              last_i,
  input  logic [3:0]              first_be_i,
  input  logic [3:0]              last_be_i,
  input  logic                    to_read_i,        // it goes on by pieces, not by dwords or beats
  input  logic                    moves_i,          // a step is done, and its dword or beat

  output logic [10:0]             steps_o,          // dwords or beats done
  // Registers.
  output logic [11:2]             dword_o,          // of the address
  output logic                    is_doorbell_o,    // in BAR0
  output logic [3:0]              be_o,
  output logic                    be_any_o,         // it has bytes at all
  output logic                    be_whole_o,       // all four
  output logic                    be_splits_o,      // not four, but bytes of both halves
  output logic                    last_dword_o,
  output logic                    beat_end_o,       // last dword of its beat of the packet
  output logic                    piece_begins_o,
  output logic                    piece_ends_o,
  output logic [4:0]              piece_offset_o,   // dwords of the piece before this one
  // Pieces.
  output logic [10:0]             piece_dwords_o,   // with this step
  output logic [11:0]             bytes_o,          // what is left of the request, less one
  output logic [6:0]              lower_o,          // lower address
  // Memory.
  output logic                    read_last_o,      // last piece of a read
  output logic [11:2]             read_at_o,
  output logic [7:0]              read_len_o,       // beats of its burst less one
  output logic [11:2+$clog2(DataWidth/32)] write_at_o,
  output logic                    needs_beat_o,     // a beat of the packet goes into this one
  output logic                    write_last_o,     // last beat of a write
  output logic                    burst_begins_o,
  output logic                    burst_ends_o,
  output logic [7:0]              write_len_o,      // beats of the burst that begins here less one
  output logic [DataWidth/8-1:0]  write_be_o
);
  `IVSHMEM_CHECKED
  localparam int Lanes = DataWidth / 32;
  localparam int LaneBits = $clog2(Lanes);
  localparam int BurstBeats = ivshmem_timing_pkg::BurstBytes / (DataWidth / 8);
  localparam int BurstBits = $clog2(BurstBeats);
  localparam int BurstLog2 = $clog2(ivshmem_timing_pkg::BurstBytes);
  localparam int PieceBits = $clog2(ivshmem_timing_pkg::RegisterPieceBytes / 4);
  localparam int RegisterBits = ivshmem_regs_pkg::Bar0Log2 - 2;
  localparam logic [RegisterBits-1:0] Doorbell = ivshmem_regs_pkg::Doorbell;

  logic [10:0] steps_q;
  logic [10:0] steps_next;   // if it goes on by one
  assign steps_next = steps_q + 11'd1;
  assign steps_o    = steps_q;

  // ---- registers

  logic [9:0]  dword_q;
  logic        is_doorbell_q;
  logic [3:0]  be_q;
  logic        be_any_q, be_whole_q, be_splits_q;
  logic        last_dword_q;
  logic        piece_begins_q, piece_ends_q;
  logic        last_next;    // the step after this one is the last
  logic [9:0]  left_q;       // dwords of a read or of registers that are left, less one
  logic [PieceBits-1:0] in_piece;  // dword within the bytes of one completion
  assign last_next      = left_q == 10'd1;
  function automatic logic splits(input logic [3:0] be);
    splits = be != 4'hf && be[1:0] != 2'd0 && be[3:2] != 2'd0;
  endfunction
  assign in_piece       = dword_q[PieceBits-1:0];
  assign dword_o        = dword_q;
  assign is_doorbell_o  = is_doorbell_q;
  assign be_o           = be_q;
  assign be_any_o       = be_any_q;
  assign be_whole_o     = be_whole_q;
  assign be_splits_o    = be_splits_q;
  assign last_dword_o   = last_dword_q;
  assign beat_end_o     = &steps_q[LaneBits-1:0];
  assign piece_begins_o = piece_begins_q;
  assign piece_ends_o   = piece_ends_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      dword_q        <= '0;
      is_doorbell_q  <= 1'b0;
      be_q           <= '0;
      be_any_q       <= 1'b0;
      be_whole_q     <= 1'b0;
      be_splits_q    <= 1'b0;
      last_dword_q   <= 1'b0;
      piece_begins_q <= 1'b0;
      piece_ends_q   <= 1'b0;
    end else if (begin_i) begin
      dword_q        <= next_addr_i;
      is_doorbell_q  <= next_addr_i[2+:RegisterBits] == Doorbell;
      be_q           <= next_first_be_i;
      be_any_q       <= next_first_be_i != 4'h0;
      be_whole_q     <= next_first_be_i == 4'hf;
      be_splits_q    <= splits(next_first_be_i);
      last_dword_q   <= next_last_i == 10'd0;
      piece_begins_q <= 1'b1;
      piece_ends_q   <= next_last_i == 10'd0 || (&next_addr_i[2+:PieceBits]);
    end else if (moves_i) begin
      dword_q        <= dword_q + 10'd1;
      is_doorbell_q  <= dword_q[RegisterBits-1:0] == Doorbell - 1'b1;
      be_q           <= last_next ? last_be_i : 4'hf;
      be_any_q       <= !last_next || last_be_i != 4'h0;
      be_whole_q     <= !last_next || last_be_i == 4'hf;
      be_splits_q    <= last_next && splits(last_be_i);
      last_dword_q   <= last_next;
      piece_begins_q <= &in_piece;
      piece_ends_q   <= last_next || in_piece == {{(PieceBits-1){1'b1}}, 1'b0};
    end
  end

  // ---- pieces of register reads and memory reads

  logic [8:0]  size_mask;        // of a piece of a memory read, in dwords less one
  logic [8:0]  next_room;        // dwords to the end of its piece, less one
  logic [9:0]  left_after;
  logic [9:0]  read_last_dword_q;  // of this piece: dwords less one
  logic [7:0]  read_len_q;
  logic [11:2] read_at_q;
  logic        read_last_q;
  logic        fits;             // what is left is one piece
  logic        next_fits;
  always_comb begin
    size_mask = 9'd31;  // the smallest maximum payload, 128 bytes
    for (int i = 8; i <= BurstLog2; i++) begin
      if (max_payload_log2_i >= i[3:0]) begin
        size_mask = (9'd1 << (i - 2)) - 9'd1;
      end
    end
  end
  assign next_room  = ~next_addr_i[10:2] & size_mask;
  assign next_fits  = next_last_i <= {1'b0, next_room};
  assign left_after = left_q + ~(to_read_i ? read_last_dword_q : 10'd0);
  assign fits       = (left_after & ~{1'b0, size_mask}) == 10'd0;

  logic [PieceBits-1:0] offset_q;  // dwords of a register read's piece before this one
  logic [11:0] bytes_q;
  logic [6:0]  lower_q;
  logic [1:0]  trail;
  logic        ends;
  assign trail          = ivshmem_tlp_pkg::trail(last_be_i);
  assign ends           = to_read_i || piece_ends_q;
  assign piece_dwords_o = {1'b0, to_read_i ? read_last_dword_q : 10'(offset_q)} + 11'd1;
  assign piece_offset_o = offset_q;
  assign bytes_o        = bytes_q;
  assign lower_o        = lower_q;
  assign read_last_o    = read_last_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      left_q        <= '0;
      read_last_dword_q <= '0;
      read_len_q    <= '0;
      read_at_q     <= '0;
      read_last_q   <= 1'b0;
      offset_q      <= '0;
    end else if (begin_i) begin
      left_q        <= next_last_i;
      read_last_dword_q <= next_fits ? next_last_i : {1'b0, next_room};
      read_len_q    <= next_fits ? next_span_i[LaneBits+:8] : 8'(next_room >> LaneBits);
      read_at_q     <= next_addr_i;
      read_last_q   <= next_fits;
      offset_q      <= '0;
    end else if (moves_i) begin
      left_q        <= left_after;
      // The first piece alone begins within a beat.
      read_last_dword_q <= fits ? left_after : {1'b0, size_mask};
      read_len_q    <= 8'((fits ? left_after : {1'b0, size_mask}) >> LaneBits);
      read_at_q     <= read_at_q + read_last_dword_q + 10'd1;
      read_last_q   <= fits;
      offset_q      <= ends ? '0 : offset_q + 1'b1;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      bytes_q <= '0;
      lower_q <= '0;
    end else if (begin_i) begin
      bytes_q <= next_bytes_i;
      lower_q <= {next_addr_i[6:2], ivshmem_tlp_pkg::lead(next_first_be_i)};
    end else if (moves_i && ends) begin
      bytes_q <= {left_after, ~trail};
      lower_q <= '0;
    end
  end

  assign read_at_o  = read_at_q;
  assign read_len_o = read_len_q;

  // ---- beats of a memory write

  logic [9-LaneBits:0]  beats_q;    // at the memory, behind this one
  logic [9-LaneBits:0]  beats_after;
  logic [9-LaneBits:0]  payload_q;  // of the packet, behind this one
  logic [9-LaneBits:0]  write_at_q;
  logic [BurstBits-1:0] burst_at;
  logic [BurstBits-1:0] next_burst_room;  // beats to the end of the KiB, less one
  logic [BurstBits-1:0] write_len_q;
  logic                 needs_beat_q, payload_last_q, first_beat_q, write_last_q;
  logic                 burst_begins_q, burst_ends_q;
  logic                 write_last_next, next_write_last;
  assign next_write_last = next_span_i[10:LaneBits] == '0;
  assign next_burst_room = ~next_addr_i[2+LaneBits+:BurstBits];
  assign beats_after     = beats_q - 1'b1;
  assign write_last_next = beats_q == {{(9-LaneBits){1'b0}}, 1'b1};
  assign burst_at        = write_at_q[BurstBits-1:0];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      write_at_q     <= '0;
      beats_q        <= '0;
      payload_q      <= '0;
      write_len_q    <= '0;
      first_beat_q   <= 1'b0;
      needs_beat_q   <= 1'b1;
      payload_last_q <= 1'b0;
      write_last_q   <= 1'b0;
      burst_begins_q <= 1'b0;
      burst_ends_q   <= 1'b0;
    end else if (begin_i) begin
      write_at_q     <= next_addr_i[11:2+LaneBits];
      beats_q        <= next_span_i[LaneBits+:10-LaneBits];
      payload_q      <= next_last_i[9:LaneBits];
      write_len_q    <= next_span_i[10:LaneBits] < {3'd0, next_burst_room} ? next_span_i[LaneBits+:BurstBits]
                                                                       : next_burst_room;
      first_beat_q   <= 1'b1;
      needs_beat_q   <= 1'b1;
      payload_last_q <= next_last_i[9:LaneBits] == '0;
      write_last_q   <= next_write_last;
      burst_begins_q <= 1'b1;
      burst_ends_q   <= next_write_last || (&next_addr_i[2+LaneBits+:BurstBits]);
    end else if (moves_i) begin
      write_at_q     <= write_at_q + 1'b1;
      beats_q        <= beats_after;
      payload_q      <= payload_q - 1'b1;
      // Another burst begins with a KiB.
      write_len_q    <= |beats_after[9-LaneBits:BurstBits] ? {BurstBits{1'b1}} : beats_after[BurstBits-1:0];
      first_beat_q   <= 1'b0;
      needs_beat_q   <= needs_beat_q && !payload_last_q;
      payload_last_q <= payload_q == {{(9-LaneBits){1'b0}}, 1'b1};
      write_last_q   <= write_last_next;
      burst_begins_q <= &burst_at;
      burst_ends_q   <= write_last_next || burst_at == {{(BurstBits-1){1'b1}}, 1'b0};
    end
  end

  assign write_at_o     = write_at_q;
  assign needs_beat_o   = needs_beat_q;
  assign write_last_o   = write_last_q;
  assign burst_begins_o = burst_begins_q;
  assign burst_ends_o   = burst_ends_q;
  assign write_len_o    = 8'(write_len_q);

  logic [LaneBits-1:0] last_lane;  // of the payload's last beat
  assign last_lane = last_i[LaneBits-1:0];
  always_comb begin
    for (int i = 0; i < Lanes; i++) begin
      if (!needs_beat_q || (payload_last_q && last_lane < i[LaneBits-1:0])) begin
        write_be_o[4*i+:4] = 4'h0;
      end else if (i == 0 && first_beat_q) begin
        write_be_o[4*i+:4] = first_be_i;
      end else if (payload_last_q && last_lane == i[LaneBits-1:0]) begin
        write_be_o[4*i+:4] = last_be_i;
      end else begin
        write_be_o[4*i+:4] = 4'hf;
      end
    end
  end

  // ---- steps

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      steps_q <= '0;
    end else if (begin_i) begin
      steps_q <= '0;
    end else if (moves_i) begin
      steps_q <= to_read_i ? steps_q + {1'b0, read_last_dword_q} + 11'd1 : steps_next;
    end
  end

  logic unused_bits;
  assign unused_bits = ^{next_span_i, next_addr_i, last_i};

  `IVSHMEM_ASSERT(BytesAreMarked, be_any_q == (be_q != 4'h0) && be_whole_q == (be_q == 4'hf) &&
                  be_splits_q == splits(be_q))
  `IVSHMEM_ASSERT(DoorbellIsMarked, is_doorbell_q == (dword_q[RegisterBits-1:0] == Doorbell))
endmodule
