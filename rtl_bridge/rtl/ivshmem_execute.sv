// SPDX-License-Identifier: Apache-2.0
//
// Execution: decides what the request at hand is, waits for what it needs, and takes it apart into
// steps of one cycle: a dword of a register, a beat for the memory, a piece of a long read.
// docs/timing.md says how many steps there are and what each waits for.
//
// Size: a hundred lines of it are ports; the steps share one position in the request.
`include "ivshmem_assert.svh"

module ivshmem_execute #(
  parameter int DataWidth = 64
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    intx_i,
  input  logic [5:0]              memory_log2_i,
  input  logic [3:0]              max_payload_log2_i,  // as Device Control has it

  // The request.
  input  logic                    present_i,
  input  logic                    beat_i,
  input  logic [DataWidth-1:0]    data_i,
  input  logic                    eop_i,
  input  logic                    wrong_i,          // up to this beat it is not as Length says
  input  logic                    known_i,          // whether the packet has such a beat
  input  logic                    known_wrong_i,
  input  logic                    is_read_i,
  input  logic                    is_write_i,
  input  logic                    is_config_i,
  input  logic                    is_message_i,
  input  logic                    is_malformed_i,
  input  logic                    is_non_posted_i,
  input  logic                    is_locked_i,
  input  logic                    has_data_i,
  input  logic                    poisoned_i,
  input  logic [63:0]             addr_i,
  input  logic [10:0]             dwords_i,
  input  logic [3:0]              first_be_i,
  input  logic [3:0]              last_be_i,
  input  logic [12:0]             bytes_i,
  input  logic [15:0]             target_i,
  output logic                    take_o,
  output logic                    done_o,

  // Windows.
  input  logic                    bar0_on_i,
  input  logic [31:ivshmem_regs_pkg::Bar0Log2] bar0_i,
  input  logic                    bar1_on_i,
  input  logic [31:12]            bar1_i,
  input  logic [31:12]            bar1_mask_i,
  input  logic                    bar2_on_i,
  input  logic [63:12]            bar2_i,
  input  logic [63:12]            bar2_mask_i,
  input  logic [12:0]             id_i,

  // What steps wait for.
  input  logic                    slot_room_i,      // completions
  input  logic                    interrupts_idle_i,  // no step of a scan, no sweep
  input  logic                    doorbell_room_i,
  input  logic                    confirmed_i,      // every write reached the memory
  input  logic                    write_room_i,
  input  logic                    burst_room_i,
  input  logic                    read_room_i,
  output logic                    blocks_notify_o,  // the request may change what a notification does

  // Registers: one dword, or one piece of one.
  output logic                    config_o,
  output logic                    bar0_o,
  output logic                    bar1_o,
  output logic                    write_o,
  output logic [13:0]             dword_o,          // BAR0, BAR1: offset / 4
  output logic [3:0]              be_o,
  output logic [31:0]             wdata_o,
  output logic [31:0]             piece_value_o,    // BAR0: of the piece
  output logic                    piece_word_o,     // BAR0: all four bytes
  output logic                    piece_valid_o,    // BAR0: there is one

  // Memory.
  output logic                    mem_write_o,
  output logic [63:0]             mem_addr_o,
  output logic                    mem_first_o,
  output logic [7:0]              mem_len_o,
  output logic                    mem_last_o,
  output logic                    mem_end_o,
  output logic [DataWidth-1:0]    mem_data_o,
  output logic [DataWidth/8-1:0]  mem_be_o,
  output logic [$clog2(DataWidth/32)-1:0] mem_shift_o,
  output logic                    mem_read_o,

  // Completions.
  output logic                    reserve_o,
  output logic                    piece_o,
  output logic                    piece_memory_o,
  output logic                    piece_data_o,
  output logic                    piece_end_o,
  output logic                    piece_locked_o,
  output logic [2:0]              piece_status_o,
  output logic [10:0]             piece_dwords_o,
  output logic [12:0]             piece_bytes_o,
  output logic [6:0]              piece_lower_o,
  output logic [$clog2(DataWidth/32)-1:0] piece_shift_o,
  output logic [15:0]             piece_completer_o,
  output logic                    value_o,
  output logic [4:0]              value_index_o,
  output logic                    value_last_o,

  output logic                    unsupported_o,
  output logic                    malformed_o,
  output logic                    poisoned_o
);
  `IVSHMEM_CHECKED
  localparam int Lanes = DataWidth / 32;
  localparam int LaneBits = $clog2(Lanes);
  localparam int Bytes = DataWidth / 8;
  localparam int BurstBeats = ivshmem_timing_pkg::BurstBytes / Bytes;
  localparam int BurstBits = $clog2(BurstBeats);
  localparam int BurstLog2 = $clog2(ivshmem_timing_pkg::BurstBytes);
  localparam int RegisterPieceDwords = ivshmem_timing_pkg::RegisterPieceBytes / 4;
  localparam logic [5:0] RegisterPieceMask = RegisterPieceDwords[5:0] - 6'd1;
  localparam int Bar0Log2 = ivshmem_regs_pkg::Bar0Log2;
  localparam logic [13:0] Doorbell = 14'(ivshmem_regs_pkg::Doorbell);
  localparam logic [13:0] Bar0Dwords = 14'd1 << (Bar0Log2 - 2);

  // ---- which request

  // A write of registers begins when the whole packet is known to be right, if it is no longer
  // than this.
  localparam int HeldDwords = ivshmem_timing_pkg::HeldBeats * Lanes;

  logic memory, poisoned, in_bar0, in_bar1, in_bar2, fits_bar0;
  logic [13:0] bar0_dword;
  assign bar0_dword = 14'(addr_i[Bar0Log2-1:2]);
  assign memory    = is_read_i || is_write_i;
  assign poisoned  = poisoned_i && has_data_i;
  assign in_bar0   = bar0_on_i && addr_i[63:32] == 32'd0 && addr_i[31:Bar0Log2] == bar0_i;
  assign in_bar1   = bar1_on_i && addr_i[63:32] == 32'd0 && (addr_i[31:12] & bar1_mask_i) == bar1_i;
  assign in_bar2   = bar2_on_i && (addr_i[63:12] & bar2_mask_i) == bar2_i;
  assign fits_bar0 = bar0_dword + {3'd0, dwords_i} <= Bar0Dwords;

  logic good, to_config, to_bar0, to_bar1, to_write, to_null, to_read, to_registers, refused;
  logic held;      // its writes of registers wait for the verdict
  logic unwanted;  // which is that nothing of it may be executed
  assign held         = is_write_i && {21'd0, dwords_i} <= HeldDwords;
  assign unwanted     = held && known_wrong_i && (in_bar0 || in_bar1);
  assign good         = memory && !is_malformed_i && !unwanted && !(is_write_i && poisoned);
  assign to_config    = is_config_i && !is_malformed_i && target_i[2:0] == 3'd0 && !poisoned;
  assign to_bar0      = good && in_bar0 && fits_bar0;
  assign to_bar1      = good && in_bar1 && !in_bar0;
  assign to_read      = good && is_read_i && in_bar2 && !in_bar0 && !in_bar1;
  // A write of no bytes does nothing, not even in the memory.
  assign to_null      = good && is_write_i && in_bar2 && !in_bar0 && !in_bar1 &&
                        dwords_i == 11'd1 && first_be_i == 4'd0;
  assign to_write     = good && is_write_i && in_bar2 && !in_bar0 && !in_bar1 && !to_null;
  assign to_registers = to_bar0 || to_bar1;
  assign refused      = !(to_config || to_registers || to_read || to_write || to_null);

  logic broken;   // malformed: by its header, or in length up to this beat
  logic answers;  // a refused request that gets a completion, with its last beat
  assign broken  = is_malformed_i || wrong_i;
  assign answers = refused && is_non_posted_i && !broken;

  logic interrupt_op;
  assign interrupt_op    = to_config || to_bar1 || (to_bar0 && intx_i);
  assign blocks_notify_o = present_i && interrupt_op;

  // ---- position

  logic        run_q;      // past the first step
  logic        drain_q;    // done, but for beats that should not be there
  logic        second_q;   // second piece of a BAR0 dword
  logic        void_q;     // a wrong beat has come: nothing more of the packet is written
  logic [10:0] step_q;     // dwords or beats done
  logic        is_last_dword;
  logic [3:0]  be;
  assign is_last_dword = step_q == dwords_i - 11'd1;
  assign be            = step_q == 11'd0 ? first_be_i : (is_last_dword ? last_be_i : 4'hf);

  logic ready_first;   // what only the first step waits for
  logic interrupts_ready;
  assign ready_first      = run_q || confirmed_i;
  // Not for room for a message: posted requests are taken whatever becomes of those [PCIe 2.4.1].
  assign interrupts_ready = !interrupt_op || interrupts_idle_i;

  // ---- pieces of register reads and memory reads

  logic [5:0]  in_piece;         // dword within the bytes of one completion
  logic        piece_begins;
  logic        piece_ends;
  logic [8:0]  piece_size_mask;  // of a memory read, in dwords less one
  logic [8:0]  piece_at;
  logic [10:0] piece_to_boundary;
  logic [10:0] read_left;
  logic [10:0] read_piece;
  assign in_piece     = (addr_i[7:2] + step_q[5:0]) & RegisterPieceMask;
  assign piece_begins = step_q == 11'd0 || in_piece == 6'd0;
  assign piece_ends   = is_last_dword || in_piece == RegisterPieceMask;

  always_comb begin
    piece_size_mask = 9'd31;  // the smallest maximum payload, 128 bytes
    for (int i = 8; i <= BurstLog2; i++) begin
      if (max_payload_log2_i >= i[3:0]) begin
        piece_size_mask = (9'd1 << (i - 2)) - 9'd1;
      end
    end
  end
  assign piece_at          = (addr_i[10:2] + step_q[8:0]) & piece_size_mask;
  assign piece_to_boundary = {2'd0, piece_size_mask} + 11'd1 - {2'd0, piece_at};
  assign read_left         = dwords_i - step_q;
  assign read_piece        = read_left < piece_to_boundary ? read_left : piece_to_boundary;

  logic [12:0] bytes_left_q;
  logic [6:0]  lower_q;
  logic [10:0] piece_first_q;    // step at which the piece began
  logic [12:0] bytes_now;
  logic [6:0]  lower_now;
  logic [10:0] piece_first;
  logic [10:0] piece_dwords;
  logic [12:0] bytes_after;
  assign bytes_now    = step_q == 11'd0 ? bytes_i : bytes_left_q;
  assign lower_now    = step_q == 11'd0 ? {addr_i[6:2], ivshmem_tlp_pkg::lead(first_be_i)}
                      : (to_read || piece_begins) ? 7'd0 : lower_q;
  assign piece_first  = piece_begins ? step_q : piece_first_q;
  assign piece_dwords = to_read ? read_piece : step_q - piece_first + 11'd1;
  assign bytes_after  = bytes_now - {piece_dwords, 2'b00} +
                        (piece_first == 11'd0 ? {11'd0, ivshmem_tlp_pkg::lead(first_be_i)} : 13'd0);

  // ---- BAR0 pieces: runs of enabled bytes, cut at their alignment [behaviour 2]

  logic [31:0] word;
  logic        whole, low, high, two;
  always_comb begin
    word = data_i[31:0];
    for (int i = 1; i < Lanes; i++) begin
      if (step_q[LaneBits-1:0] == i[LaneBits-1:0]) begin
        word = data_i[32*i+:32];
      end
    end
  end
  assign whole = be == 4'hf;
  assign low   = !whole && be[1:0] != 2'd0;
  assign high  = !whole && be[3:2] != 2'd0;
  assign two   = low && high;
  always_comb begin
    if (whole) begin
      piece_value_o = word;
    end else if (low && !second_q) begin
      piece_value_o = be[1:0] == 2'b11 ? {16'd0, word[15:0]}
                    : be[0]            ? {24'd0, word[7:0]}
                                       : {24'd0, word[15:8]};
    end else begin
      piece_value_o = be[3:2] == 2'b11 ? {16'd0, word[31:16]}
                    : be[2]            ? {24'd0, word[23:16]}
                                       : {24'd0, word[31:24]};
    end
  end
  assign piece_word_o  = whole;
  assign piece_valid_o = whole || low || high;

  // ---- beats of a memory write

  logic [LaneBits-1:0] shift;
  logic [13:0]         lanes_used;      // dwords from the start of the first aligned beat
  logic [10:0]         payload_beats;
  logic [10:0]         write_beats;
  logic                needs_beat;      // a beat of the payload goes into this one
  logic                write_is_last;
  logic [63:0]         offset;          // in BAR2, of the request
  logic [63:0]         write_addr;
  logic [BurstBits-1:0] burst_at;
  logic [10:0]         write_left;
  logic [10:0]         burst_left;
  assign shift         = addr_i[2+:LaneBits];
  assign lanes_used    = {3'd0, dwords_i} + {{(14-LaneBits){1'b0}}, shift} + Lanes[13:0] - 14'd1;
  assign payload_beats = (dwords_i + Lanes[10:0] - 11'd1) >> LaneBits;
  assign write_beats   = lanes_used[10+LaneBits:LaneBits];
  assign needs_beat    = step_q < payload_beats;
  assign write_is_last = step_q == write_beats - 11'd1;
  assign offset        = addr_i & ~({64{1'b1}} << memory_log2_i);
  assign write_addr    = {offset[63:2+LaneBits], {(2+LaneBits){1'b0}}} +
                         ({53'd0, step_q} << (2 + LaneBits));
  assign burst_at      = write_addr[2+LaneBits+:BurstBits];
  assign write_left    = write_beats - step_q;
  assign burst_left    = BurstBeats[10:0] - {{(11-BurstBits){1'b0}}, burst_at};

  logic burst_begins, burst_ends;
  assign burst_begins = step_q == 11'd0 || burst_at == '0;
  assign burst_ends   = write_is_last || (&burst_at);

  logic [10+LaneBits:0] last_lane;
  assign last_lane = {{LaneBits{1'b0}}, dwords_i - 11'd1};
  for (genvar i = 0; i < Lanes; i++) begin : gen_be
    logic [10+LaneBits:0] lane;
    assign lane = {step_q, i[LaneBits-1:0]};
    assign mem_be_o[4*i+:4] = (!needs_beat || wrong_i || lane > last_lane) ? 4'h0
                            : lane == '0                                   ? first_be_i
                            : lane == last_lane                            ? last_be_i
                                                                           : 4'hf;
  end

  // ---- memory reads

  logic [63:0] read_addr;
  logic [LaneBits-1:0] read_shift;
  logic [10:0] read_span;
  assign read_addr  = offset + {51'd0, step_q, 2'b00};
  assign read_shift = read_addr[2+:LaneBits];
  assign read_span  = {{(11-LaneBits){1'b0}}, read_shift} + read_piece - 11'd1;

  // ---- the step of this cycle

  logic step;          // it is done
  logic last;          // with it the request, but for beats that should not be there
  logic writes_beat_end;
  logic splits;        // this dword of BAR0 takes two steps
  logic rings;         // this one may ring a doorbell
  assign writes_beat_end = &step_q[LaneBits-1:0];
  assign splits          = to_bar0 && is_write_i && two;
  assign rings           = to_bar0 && is_write_i && dword_o == Doorbell && piece_valid_o;

  always_comb begin
    step   = 1'b0;
    last   = 1'b0;
    take_o = 1'b0;
    if (drain_q) begin
      take_o = beat_i;
    end else if (refused) begin
      step   = beat_i && ready_first && (!(answers && eop_i) || slot_room_i);
      last   = eop_i;
      take_o = step;
    end else if (to_config) begin
      step   = beat_i && confirmed_i && slot_room_i && interrupts_ready;
      last   = 1'b1;
      take_o = step;
    end else if (to_null) begin
      step   = beat_i;
      last   = 1'b1;
      take_o = step;
    end else if (to_registers && is_read_i) begin
      step   = beat_i && ready_first && interrupts_ready && (!piece_begins || slot_room_i);
      last   = is_last_dword;
      take_o = step && last;
    end else if (to_registers && wrong_i) begin
      step   = beat_i;
      last   = 1'b1;
      take_o = step;
    end else if (to_registers) begin
      step   = beat_i && (known_i || !held) && ready_first && interrupts_ready &&
               !(rings && !doorbell_room_i);
      last   = is_last_dword && (!splits || second_q);
      take_o = step && (last || (writes_beat_end && (!splits || second_q)));
    end else if (to_write) begin
      step   = (beat_i || !needs_beat) && write_room_i && (!burst_begins || burst_room_i);
      last   = write_is_last;
      take_o = step && beat_i && (last || (needs_beat && !eop_i));
    end else begin
      step   = beat_i && ready_first && slot_room_i && read_room_i;
      last   = read_left == read_piece;
      take_o = step && last;
    end
  end

  assign done_o = take_o && eop_i && (drain_q || last);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      run_q         <= 1'b0;
      drain_q       <= 1'b0;
      second_q      <= 1'b0;
      void_q        <= 1'b0;
      step_q        <= '0;
      bytes_left_q  <= '0;
      lower_q       <= '0;
      piece_first_q <= '0;
    end else if (done_o) begin
      run_q    <= 1'b0;
      drain_q  <= 1'b0;
      second_q <= 1'b0;
      void_q   <= 1'b0;
      step_q   <= '0;
    end else if (step) begin
      run_q         <= 1'b1;
      drain_q       <= last;
      second_q      <= splits && !second_q;
      void_q        <= void_q || (wrong_i && !refused);
      lower_q       <= lower_now;
      piece_first_q <= piece_first;
      bytes_left_q  <= (to_read || piece_ends) ? bytes_after : bytes_now;
      if (to_read) begin
        step_q <= step_q + read_piece;
      end else if (!splits || second_q) begin
        step_q <= step_q + 11'd1;
      end
    end
  end

  // ---- what the step does

  logic [3:0]  bar1_offset;  // address bits 15:12 that count within BAR1
  logic [10:0] mem_write_len;
  logic [10:0] mem_read_len;
  logic [10:0] piece_offset;
  assign bar1_offset   = ~bar1_mask_i[15:12];
  assign mem_write_len = (write_left < burst_left ? write_left : burst_left) - 11'd1;
  assign mem_read_len  = read_span >> LaneBits;
  assign piece_offset  = step_q - piece_first;

  assign config_o = step && to_config;
  assign bar0_o   = step && to_bar0 && !wrong_i;
  assign bar1_o   = step && to_bar1 && be == 4'hf && !wrong_i;
  assign write_o  = to_config ? has_data_i : is_write_i;
  assign dword_o  = (to_bar0 ? bar0_dword : addr_i[15:2] & {bar1_offset, 10'h3ff}) +
                    {3'd0, step_q};
  assign be_o     = to_config ? first_be_i : be;
  assign wdata_o  = to_config ? data_i[31:0] : word;

  assign mem_write_o = step && to_write;
  assign mem_addr_o  = to_write ? write_addr
                                : {read_addr[63:2+LaneBits], {(2+LaneBits){1'b0}}};
  assign mem_first_o = burst_begins;
  assign mem_len_o   = to_write ? mem_write_len[7:0] : mem_read_len[7:0];
  assign mem_last_o  = burst_ends;
  assign mem_end_o   = write_is_last;
  assign mem_data_o  = needs_beat ? data_i : '0;
  assign mem_shift_o = shift;
  assign mem_read_o  = step && to_read;

  logic register_read;
  assign register_read  = step && ((to_registers && is_read_i) || (to_config && !has_data_i));
  assign value_o        = register_read;
  assign value_index_o  = to_config ? 5'd0 : piece_offset[4:0];
  assign value_last_o   = piece_ends;

  assign reserve_o = step && (to_read || to_config || (answers && eop_i) ||
                              (to_registers && is_read_i && piece_begins));
  assign piece_o   = step && (to_read || to_config || (answers && eop_i) ||
                              (to_registers && is_read_i && piece_ends));
  assign piece_memory_o    = to_read;
  assign piece_data_o      = to_read || to_registers || (to_config && !has_data_i);
  assign piece_end_o       = last;
  assign piece_status_o    = answers ? ivshmem_tlp_pkg::StatusUr : ivshmem_tlp_pkg::StatusSc;
  assign piece_dwords_o    = piece_dwords;
  assign piece_locked_o    = is_locked_i;
  assign piece_bytes_o     = (to_config || answers) ? bytes_i : bytes_now;
  assign piece_lower_o     = (to_config || (answers && !is_read_i && !is_locked_i)) ? 7'd0
                                                                                   : lower_now;
  assign piece_shift_o     = read_shift;
  // A configuration write brings the number that it is answered with [PCIe 2.2.6.2, 2.2.9].
  assign piece_completer_o = (to_config && has_data_i) ? target_i : {id_i, 3'd0};

  // With its last beat, when all of it is known; of a packet under way with the first wrong beat.
  // One error for each request: poisoned only if it would have been served [PCIe 2.7.2.2, 6.2.3.2.3].
  logic spoiled;
  assign spoiled       = poisoned && (is_write_i ? (in_bar0 ? fits_bar0 : in_bar1 || in_bar2)
                                                 : is_config_i && target_i[2:0] == 3'd0);
  assign unsupported_o = step && refused && last && !broken && !spoiled && !is_message_i;
  assign poisoned_o    = step && refused && last && !broken && spoiled;
  assign malformed_o   = step && (refused ? last && broken : wrong_i && !void_q);

  logic unused_bits;
  assign unused_bits = ^{lanes_used, read_addr[1:0], mem_write_len, mem_read_len, piece_offset};

  `IVSHMEM_ASSERT(TakeHasBeat, !take_o || beat_i)
  `IVSHMEM_ASSERT(LastBeatIsDone, done_o == (take_o && eop_i))
  `IVSHMEM_ASSERT(NoDoorbellWithoutRoom, !(bar0_o && rings) || doorbell_room_i)
  `IVSHMEM_ASSERT(InterruptOpsWait, !(step && interrupt_op && !wrong_i) || interrupts_idle_i)

  // What a step waits for, and nothing else.
  `IVSHMEM_COVER(WaitsForWrites, beat_i && to_bar0 && rings && doorbell_room_i && !ready_first)
  `IVSHMEM_COVER(WaitsForSlot, beat_i && to_read && ready_first && read_room_i && !slot_room_i)
  `IVSHMEM_COVER(WaitsForReadRoom, beat_i && to_read && ready_first && slot_room_i && !read_room_i)
  `IVSHMEM_COVER(WaitsForScan, beat_i && to_bar1 && ready_first && !interrupts_idle_i)
  `IVSHMEM_COVER(WaitsForDoorbell, beat_i && to_bar0 && rings && ready_first && !doorbell_room_i)
  `IVSHMEM_COVER(WaitsForData, beat_i && to_write && !write_room_i)
  `IVSHMEM_COVER(WaitsForBurst, beat_i && to_write && write_room_i && burst_begins && !burst_room_i)

  // How a request is taken apart.
  `IVSHMEM_COVER(WriteSplits, step && to_write && burst_begins && step_q != 11'd0)
  `IVSHMEM_COVER(WriteEndsPage, step && to_write && write_is_last && (&write_addr[11:2+LaneBits]))
  `IVSHMEM_COVER(WriteTakesOneMoreBeat, step && to_write && !needs_beat)
  `IVSHMEM_COVER(WriteWithHoles, step && to_write && first_be_i == 4'b1001)
  `IVSHMEM_COVER(WriteOfNoBytes, step && to_null)
  `IVSHMEM_COVER(ReadSplits, step && to_read && step_q != 11'd0)
  `IVSHMEM_COVER(RegisterReadSplits, value_o && to_registers && piece_begins && step_q != 11'd0)
  `IVSHMEM_COVER(RegisterInTwoPieces, step && to_bar0 && second_q)
  `IVSHMEM_COVER(TableInPart, step && to_bar1 && is_write_i && be != 4'hf)

  // What is refused.
  `IVSHMEM_COVER(PacketTooLong, take_o && drain_q)
  `IVSHMEM_COVER(HeldBack, beat_i && to_registers && held && !known_i)
  `IVSHMEM_COVER(HeldBackAndWrong, step && refused && unwanted)
  `IVSHMEM_COVER(RegistersGoWrong, step && to_registers && wrong_i)
  `IVSHMEM_COVER(MemoryGoesWrong, step && to_write && wrong_i && !void_q)
  `IVSHMEM_COVER(PoisonedWrite, step && refused && is_write_i && poisoned)
  `IVSHMEM_COVER(PoisonedConfig, step && refused && is_config_i && poisoned)
  `IVSHMEM_COVER(OtherFunction, step && refused && is_config_i && target_i[2:0] != 3'd0)
  `IVSHMEM_COVER(LeavesBar0, step && refused && is_read_i && !is_malformed_i && in_bar0)
`ifdef IVSHMEM_PROOF_EXECUTE
  `include "execute.svh"
`endif
endmodule
