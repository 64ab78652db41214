// SPDX-License-Identifier: Apache-2.0
//
// Execution: waits for what the request at hand needs, and does it in steps of one cycle: a dword of
// a register, a beat for the memory, a piece of a long read. docs/timing.md says how many steps there
// are and what each waits for; ivshmem_position knows which of them is next.
`include "ivshmem_assert.svh"

module ivshmem_execute #(
  parameter int DataWidth = 64
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
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
  input  logic                    is_message_i,
  input  logic                    is_malformed_i,
  input  logic                    is_non_posted_i,
  input  logic                    is_locked_i,
  input  logic                    has_data_i,
  input  logic                    to_config_i,
  input  logic                    to_bar0_i,
  input  logic                    to_bar1_i,
  input  logic                    to_write_i,
  input  logic                    to_null_i,
  input  logic                    to_read_i,
  input  logic                    to_none_i,        // refused or dropped
  input  logic                    interrupts_i,     // it may change what a notification does
  input  logic                    spoiled_i,        // refused for its poisoned data
  input  logic                    held_i,           // its writes of registers wait for the verdict
  // The same in the words of a step: one at most.
  input  logic                    refuse_i,         // to_none, or a register write whose packet is wrong
  input  logic                    register_read_i,
  input  logic                    register_write_i,  // it need not wait for the verdict any more
  input  logic                    answers_i,        // refused with a completion: this is its last beat
  input  logic [63:2]             addr_i,
  input  logic [9:0]              last_i,           // dwords less one
  input  logic [3:0]              first_be_i,
  input  logic [3:0]              last_be_i,
  input  logic [11:0]             bytes_i,
  output logic                    take_o,
  output logic                    done_o,

  // The request that is next.
  input  logic [11:2]             next_addr_i,
  input  logic [3:0]              next_first_be_i,
  input  logic [9:0]              next_last_i,
  input  logic [10:0]             next_span_i,
  input  logic [11:0]             next_bytes_i,

  input  logic [15:12]            bar1_mask_i,
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
  output logic                    ring_o,           // a doorbell is rung with it

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
  localparam int Bar0Dwords = 1 << (ivshmem_regs_pkg::Bar0Log2 - 2);

  // ---- which request

  logic to_registers, refused;
  logic broken;   // malformed: by its header, or in length up to this beat
  assign to_registers = to_bar0_i || to_bar1_i;
  assign refused      = refuse_i;
  assign broken       = is_malformed_i || wrong_i;

  logic interrupt_op;
  assign interrupt_op    = interrupts_i && !refused;
  assign blocks_notify_o = present_i && interrupt_op;

  // ---- position

  logic        run_q;      // past the first step
  logic        drain_q;    // done, but for beats that should not be there
  logic        second_q;   // second piece of a BAR0 dword
  logic        void_q;     // a wrong beat has come: nothing more of the packet is written
  logic        step;       // one is done in this cycle
  logic        moves;      // with it its dword, beat or piece
  logic [10:0] steps;      // done before it
  logic [11:2] dword;
  logic [3:0]  be;
  logic        be_any, be_whole, be_splits, is_doorbell, is_last_dword, writes_beat_end, piece_begins, piece_ends, read_last;
  logic [4:0]  piece_offset;
  logic [11:0] bytes_now;
  logic [6:0]  lower_now;
  logic [11:2] read_at;
  logic [7:0]  read_len, write_len;
  logic [11:2+LaneBits]   write_at;
  logic        needs_beat, write_is_last, burst_begins, burst_ends;
  logic [DataWidth/8-1:0] write_be;

  ivshmem_position #(
    .DataWidth(DataWidth)
  ) u_position (
    .clk_i,
    .rst_ni,
    .max_payload_log2_i,
    .begin_i       (!present_i || done_o),
    .next_addr_i,
    .next_first_be_i,
    .next_last_i,
    .next_span_i,
    .next_bytes_i,
    .last_i,
    .first_be_i,
    .last_be_i,
    .to_read_i,
    .moves_i       (moves),
    .steps_o       (steps),
    .dword_o       (dword),
    .is_doorbell_o (is_doorbell),
    .be_o          (be),
    .be_any_o      (be_any),
    .be_whole_o    (be_whole),
    .be_splits_o   (be_splits),
    .last_dword_o  (is_last_dword),
    .beat_end_o    (writes_beat_end),
    .piece_begins_o(piece_begins),
    .piece_ends_o  (piece_ends),
    .piece_offset_o(piece_offset),
    .piece_dwords_o(piece_dwords_o),
    .bytes_o       (bytes_now),
    .lower_o       (lower_now),
    .read_last_o   (read_last),
    .read_at_o     (read_at),
    .read_len_o    (read_len),
    .write_at_o    (write_at),
    .needs_beat_o  (needs_beat),
    .write_last_o  (write_is_last),
    .burst_begins_o(burst_begins),
    .burst_ends_o  (burst_ends),
    .write_len_o   (write_len),
    .write_be_o    (write_be)
  );

  logic ready_first;   // what only the first step waits for
  assign ready_first = run_q || confirmed_i;

  // ---- BAR0 pieces: runs of enabled bytes, cut at their alignment [behaviour 2]

  logic [31:0] word;
  always_comb begin
    word = data_i[31:0];
    for (int i = 1; i < Lanes; i++) begin
      if (steps[LaneBits-1:0] == i[LaneBits-1:0]) begin
        word = data_i[32*i+:32];
      end
    end
  end
  ivshmem_piece u_piece (
    .word_i(word), .be_i(be), .whole_i(be_whole), .second_i(second_q), .value_o(piece_value_o)
  );
  assign piece_word_o  = be_whole;
  assign piece_valid_o = be_any;

  // ---- the step of this cycle

  logic last;          // with it the request is done, but for beats that should not be there
  logic splits;        // this dword of BAR0 takes two steps
  logic whole_dword;   // with this step all of it is done
  logic rings;         // this one may ring a doorbell
  assign splits      = to_bar0_i && is_write_i && be_splits;
  assign whole_dword = !splits || second_q;
  assign rings       = to_bar0_i && is_write_i && is_doorbell && be_any;

  // Each kind of request has a step of its own, which waits for nothing of the others.
  logic reads, writes, spoils;  // registers; what is left of a wrong packet
  logic here;                   // a beat that belongs to a step
  logic held_up;                // not by want of room for a message: posted requests are taken whatever
                                // becomes of those [PCIe 2.4.1]
  logic config_go, read_go, write_go;
  logic refused_step, config_step, null_step, read_step, spoil_step, mem_read_step, mem_write_step;
  assign reads          = register_read_i;
  assign writes         = register_write_i && !wrong_i;
  assign spoils         = register_write_i && wrong_i;
  assign here           = beat_i && !drain_q;
  // What the state of interrupts holds up is known last.
  assign held_up        = interrupts_i && !interrupts_idle_i;
  assign refused_step   = here && refused && ready_first && (!answers_i || slot_room_i);
  assign config_go      = here && to_config_i && confirmed_i && slot_room_i;
  assign null_step      = here && to_null_i;
  assign spoil_step     = here && spoils;
  assign read_go        = here && reads && ready_first && (!piece_begins || slot_room_i);
  assign write_go       = here && writes && ready_first && !(rings && !doorbell_room_i);
  assign config_step    = config_go && !held_up;
  assign read_step      = read_go && !held_up;
  assign mem_read_step  = here && to_read_i && ready_first && slot_room_i && read_room_i;
  assign mem_write_step = (beat_i || !needs_beat) && !drain_q && to_write_i && write_room_i &&
                          (!burst_begins || burst_room_i);
  assign step           = refused_step || null_step || spoil_step || mem_read_step || mem_write_step ||
                          (!held_up && (config_go || read_go || write_go));
  assign moves          = mem_read_step || mem_write_step ||
                          (!held_up && (read_go || (write_go && whole_dword)));
  assign last           =
    (refused    && eop_i) ||
    to_config_i || to_null_i || spoils ||
    (reads      && is_last_dword) ||
    (writes     && is_last_dword && whole_dword) ||
    (to_write_i && write_is_last) ||
    (to_read_i  && read_last);
  // The step is the last for its beat.
  assign take_o         =
    (beat_i && drain_q) || refused_step || null_step || spoil_step ||
    (mem_read_step  && read_last) ||
    (mem_write_step && beat_i && (write_is_last || (needs_beat && !eop_i))) ||
    (!held_up && (config_go || (read_go && is_last_dword) ||
                  (write_go && (is_last_dword || writes_beat_end) && whole_dword)));

  assign done_o = take_o && eop_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      run_q    <= 1'b0;
      drain_q  <= 1'b0;
      second_q <= 1'b0;
      void_q   <= 1'b0;
    end else if (done_o) begin
      run_q    <= 1'b0;
      drain_q  <= 1'b0;
      second_q <= 1'b0;
      void_q   <= 1'b0;
    end else if (step) begin
      run_q    <= 1'b1;
      drain_q  <= last;
      second_q <= splits && !second_q;
      void_q   <= void_q || (wrong_i && !refused);
    end
  end

  // ---- what the step does

  logic [15:12] bar1_offset;  // address bits that count within BAR1
  logic [63:12] offset;       // in BAR2, of the page that the request is in
  assign bar1_offset = addr_i[15:12] & ~bar1_mask_i;
  assign offset      = addr_i[63:12] & ~({52{1'b1}} << (memory_log2_i - 6'd12));

  assign config_o = config_step;
  // Steps of one kind each, so without what others wait for.
  logic read_now, write_now;
  assign read_now  = reads && (!piece_begins || slot_room_i);
  assign write_now = writes && !(rings && !doorbell_room_i);
  assign bar0_o    = to_bar0_i && here && ready_first && !held_up && (read_now || write_now);
  assign bar1_o    = to_bar1_i && be_whole && here && ready_first && !held_up && (read_now || writes);
  assign ring_o    = rings && doorbell_room_i && here && ready_first && !held_up && writes;
  assign write_o  = to_config_i ? has_data_i : is_write_i;
  assign dword_o  = to_bar0_i ? 14'(dword) & 14'(Bar0Dwords - 1) : {bar1_offset, dword};
  assign be_o     = be;
  assign wdata_o  = word;

  assign mem_write_o = mem_write_step;
  assign mem_addr_o  = {offset, to_write_i ? write_at : read_at[11:2+LaneBits],
                        {(2+LaneBits){1'b0}}};
  assign mem_first_o = burst_begins;
  assign mem_len_o   = to_write_i ? write_len : read_len;
  assign mem_last_o  = burst_ends;
  assign mem_end_o   = write_is_last;
  assign mem_data_o  = needs_beat ? data_i : '0;
  assign mem_be_o    = wrong_i ? '0 : write_be;
  assign mem_shift_o = addr_i[2+:LaneBits];
  assign mem_read_o  = mem_read_step;

  logic register_read;
  assign register_read  = read_step || (config_step && !has_data_i);
  assign value_o        = register_read;
  assign value_index_o  = piece_offset;
  assign value_last_o   = piece_ends;

  assign reserve_o = mem_read_step || config_step || (refused_step && answers_i) ||
                     (read_step && piece_begins);
  assign piece_o   = mem_read_step || config_step || (refused_step && answers_i) ||
                     (read_step && piece_ends);
  assign piece_memory_o    = to_read_i;
  assign piece_data_o      = to_read_i || to_registers || (to_config_i && !has_data_i);
  assign piece_end_o       = last;
  assign piece_status_o    = answers_i ? ivshmem_tlp_pkg::StatusUr : ivshmem_tlp_pkg::StatusSc;
  assign piece_locked_o    = is_locked_i;
  assign piece_bytes_o     = {1'b0, (to_config_i || answers_i) ? bytes_i : bytes_now} + 13'd1;
  assign piece_lower_o     = (to_config_i || (answers_i && !is_read_i && !is_locked_i)) ? 7'd0
                                                                                   : lower_now;
  assign piece_shift_o     = read_at[2+:LaneBits];
  // A configuration write brings the number that it is answered with [PCIe 2.2.6.2, 2.2.9].
  assign piece_completer_o = (to_config_i && has_data_i) ? addr_i[31:16] : {id_i, 3'd0};

  // With its last beat, when all of it is known; of a packet under way with the first wrong beat.
  // One error for each request: poisoned only if it would have been served [PCIe 2.7.2.2, 6.2.3.2.3].
  assign unsupported_o = refused_step && eop_i && !broken && !spoiled_i && !is_message_i;
  assign poisoned_o    = refused_step && eop_i && !broken && spoiled_i;
  assign malformed_o   = refused_step ? eop_i && broken : step && wrong_i && !void_q;

  logic unused_bits;
  assign unused_bits = ^{addr_i[11:2], known_i, known_wrong_i, held_i, to_none_i, is_non_posted_i};

  `IVSHMEM_ASSERT(NoStepWithoutRequest, present_i || needs_beat)
  `IVSHMEM_ASSERT(TakeHasBeat, !take_o || beat_i)
  `IVSHMEM_ASSERT(DoneWithTheLastStep, !done_o || drain_q || last)
  `IVSHMEM_ASSERT(EffectsAreThoseOfSteps,
                  bar0_o == (to_bar0_i && !held_up && (read_go || write_go)) &&
                  bar1_o == (to_bar1_i && !held_up && (read_go || write_go) && be == 4'hf) &&
                  ring_o == (rings && !held_up && write_go))
  `IVSHMEM_ASSERT(NoDoorbellWithoutRoom, !(bar0_o && rings) || doorbell_room_i)
  `IVSHMEM_ASSERT(InterruptOpsWait, !(step && interrupt_op && !wrong_i) || interrupts_idle_i)

  // What a step waits for, and nothing else.
  `IVSHMEM_COVER(WaitsForWrites, beat_i && rings && doorbell_room_i && !ready_first)
  `IVSHMEM_COVER(WaitsForSlot, beat_i && to_read_i && ready_first && read_room_i && !slot_room_i)
  `IVSHMEM_COVER(WaitsForReadRoom, beat_i && to_read_i && ready_first && slot_room_i && !read_room_i)
  `IVSHMEM_COVER(WaitsForScan, beat_i && to_bar1_i && !refused && ready_first && !interrupts_idle_i)
  `IVSHMEM_COVER(WaitsForDoorbell, beat_i && rings && ready_first && !doorbell_room_i)
  `IVSHMEM_COVER(WaitsForData, beat_i && to_write_i && !write_room_i)
  `IVSHMEM_COVER(WaitsForBurst, beat_i && to_write_i && write_room_i && burst_begins && !burst_room_i)

  // How a request is taken apart.
  `IVSHMEM_COVER(WriteSplits, step && to_write_i && burst_begins && steps != 11'd0)
  `IVSHMEM_COVER(WriteEndsPage, step && to_write_i && write_is_last && (&write_at))
  `IVSHMEM_COVER(WriteTakesOneMoreBeat, step && to_write_i && !needs_beat)
  `IVSHMEM_COVER(WriteWithHoles, step && to_write_i && first_be_i == 4'b1001)
  `IVSHMEM_COVER(WriteOfNoBytes, step && to_null_i)
  `IVSHMEM_COVER(ReadSplits, step && to_read_i && steps != 11'd0)
  `IVSHMEM_COVER(RegisterReadSplits, value_o && to_registers && piece_begins && steps != 11'd0)
  `IVSHMEM_COVER(RegisterInTwoPieces, step && to_bar0_i && second_q)
  `IVSHMEM_COVER(TableInPart, step && to_bar1_i && is_write_i && be != 4'hf)

  // What is refused.
  `IVSHMEM_COVER(PacketTooLong, take_o && drain_q)
  `IVSHMEM_COVER(HeldBack, beat_i && to_registers && held_i && !known_i)
  `IVSHMEM_COVER(HeldBackAndWrong, step && refused && held_i)
  `IVSHMEM_COVER(RegistersGoWrong, step && spoils)
  `IVSHMEM_COVER(MemoryGoesWrong, step && to_write_i && wrong_i && !void_q)
  `IVSHMEM_COVER(PoisonedWrite, step && refused && is_write_i && spoiled_i)
  `IVSHMEM_COVER(PoisonedConfig, step && refused && !is_write_i && spoiled_i)
`ifdef IVSHMEM_PROOF_EXECUTE
  `include "execute.svh"
`endif
endmodule
