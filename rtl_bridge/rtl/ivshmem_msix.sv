// SPDX-License-Identifier: Apache-2.0
//
// MSI-X: table, pending bits, masks, and the decision what becomes of a notification
// [PCI 3.0 6.8.2]. Table and bits stand in memories; a sweep gives them their reset values.
//
// One thing happens in a cycle: an access of the table or the pending bits, a notification, a step
// of a scan, or a step of the sweep. Each may cause one message: cause_o in that cycle, its address
// and data two cycles later.
//
// A scan sends what is pending and unmasked. A function unmask starts it, and so does the unmask of
// a pending vector while there is no room for its message. It stands still while there is no room,
// so that nothing but a notification ever waits for room.
`include "ivshmem_assert.svh"

module ivshmem_msix #(
  parameter int MaxVectors = 64
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [11:0] vectors_i,
  input  logic [15:0] pba_offset_i,
  input  logic        intx_i,
  input  logic        bus_master_i,
  input  logic        msix_enable_i,
  input  logic        function_masked_i,
  input  logic        unmask_i,             // a configuration write ends function_masked_i
  input  logic        message_room_i,

  // BAR1, whole dwords only.
  input  logic        here_i,               // such a request is in execution: no notification is
  input  logic        access_i,
  input  logic        write_i,
  input  logic [13:0] dword_i,              // offset / 4
  input  logic [31:0] wdata_i,
  output logic [31:0] rdata_o,              // one cycle later

  input  logic        notify_i,             // taken in this cycle
  input  logic [10:0] vector_i,
  input  logic        reset_i,              // starts the sweep

  output logic        scan_o,               // a step of it is in this cycle
  output logic        sweep_o,
  output logic        sweep_last_o,
  output logic        sweep_more_o,         // one of it, and not the last

  output logic        cause_o,
  output logic [63:0] address_o,            // two cycles after cause_o
  output logic [31:0] data_o,

  output logic        evt_valid_o,          // one cycle after the cause
  output logic [2:0]  evt_kind_o,
  output logic [10:0] evt_vector_o
);
  `IVSHMEM_CHECKED
  localparam int Scan = ivshmem_timing_pkg::ScanVectors;  // pending bits in a word
  localparam int ScanBits = $clog2(Scan);
  localparam int Words = (MaxVectors + Scan - 1) / Scan;
  localparam int VectorBits = MaxVectors > 1 ? $clog2(MaxVectors) : 1;
  localparam int BitBits = VectorBits < ScanBits ? VectorBits : ScanBits;  // of a vector in its word
  // Bits of a word that are kept: no more vectors than there can be.
  localparam int Kept = MaxVectors < Scan ? MaxVectors : Scan;
  localparam int WordBits = Words > 1 ? $clog2(Words) : 1;

  // The scan searches eight groups of eight, and the words are those of the pending bits.
  `IVSHMEM_REQUIRE(gen_scan, Scan == 64,
    (1, "ivshmem_msix: ScanVectors = %0d: must be 64", Scan))

  // ---- storage

  // Entries by field, so that a message can be read while the control field is written.
  logic [31:0] address_low_mem [MaxVectors];
  logic [31:0] address_high_mem [MaxVectors];
  logic [31:0] data_mem [MaxVectors];
  logic [31:0] control_mem [MaxVectors];
  logic [Kept-1:0] pending_mem [Words];
  logic [Kept-1:0] mask_mem [Words];  // control bit 0 of these vectors: read at once by an unmask

  // ---- what BAR1 holds at an offset

  logic [13:0] pba_dword;
  logic [13:0] pba_index;
  logic        in_table;
  logic        in_pba;
  // From the highest bit on, as few levels as there are: a carry chain would cost more here.
  function automatic logic below(input logic [11:0] number, input logic [11:0] limit);
    below = 1'b0;
    for (int i = 0; i < 12; i++) begin
      below = below | (limit[i] & ~number[i] & (number >> (i + 1) == limit >> (i + 1)));
    end
  endfunction
  assign in_table  = below(dword_i[13:2], vectors_i);
  assign pba_dword = pba_offset_i[15:2];
  assign pba_index = dword_i - pba_dword;
  // Two dwords for each 64 vectors that have begun [PCI 3.0 6.8.2.10].
  assign in_pba    = dword_i >= pba_dword && {3'd0, pba_index[13:1]} < {4'd0, vectors_i} + 16'd63 >> 6;

  // ---- sweep and scan

  logic        sweep_q;
  logic        scan_q, start_q;  // under way; begins in this cycle
  logic        scan_on;
  logic        scan;
  logic [10:0] sweep_vector_q;
  logic [10:0] last_vector;
  logic [10-ScanBits:0] scan_word_q, scan_word;
  logic [11:0] pending_count_q;  // as it was a cycle ago
  logic        more_q, less_q;
  logic [11:0] pending_count;
  logic        some_pending, last_scan_word;
  assign pending_count  = pending_count_q + {{11{less_q}}, less_q || more_q};
  assign some_pending   = more_q || pending_count_q != {11'd0, less_q};
  assign sweep_o        = sweep_q;
  assign last_vector    = vectors_i == 12'd0 ? 11'd0 : 11'(vectors_i - 12'd1);
  assign sweep_last_o   = sweep_q && sweep_vector_q == last_vector;
  assign sweep_more_o   = sweep_q && sweep_vector_q != last_vector;
  assign scan_on        = scan_q || start_q;
  assign scan_word      = start_q ? '0 : scan_word_q;
  assign scan           = scan_on && message_room_i && !function_masked_i;
  assign scan_o         = scan;
  assign last_scan_word = ({2'd0, scan_word, {ScanBits{1'b0}}} + Scan[12:0]) >= {1'b0, vectors_i};

  // ---- the word that this cycle is about

  logic        table_write;
  logic        control_here;   // the access at hand, which access_i does late in the cycle
  logic        control_write;
  logic [10:0] vector;
  logic [10-ScanBits:0] word;
  logic [Scan-1:0]      pending;
  logic [Scan-1:0]      mask;
  assign table_write   = access_i && write_i && in_table;
  assign control_here  = write_i && in_table && dword_i[1:0] == ivshmem_regs_pkg::EntryControl;
  assign control_write = access_i && control_here;
  assign vector        = here_i ? dword_i[12:2] : vector_i;
  assign word          = scan                 ? scan_word
                       : sweep_q              ? sweep_vector_q[10:ScanBits]
                       : (here_i && !write_i) ? pba_index[5:1]
                       :                        vector[10:ScanBits];
  assign pending       = Scan'(pending_mem[word[WordBits-1:0]]);
  assign mask          = Scan'(mask_mem[word[WordBits-1:0]]);

  // The lowest vector of the word that the scan can release, and whether more follow.
  logic [Scan-1:0] ready_bit;    // it alone
  logic [ScanBits-1:0] ready_first;
  logic        ready_any, ready_more;
  ivshmem_lowest u_lowest (
    .ready_i(pending & ~mask),
    .any_o  (ready_any),
    .more_o (ready_more),
    .first_o(ready_first),
    .bit_o  (ready_bit)
  );

  // ---- what happens

  logic        scan_hit;
  logic        scan_leaves;  // all of the word is done
  logic        known;        // the notified vector exists
  // Of the vector of an access and of a notification; each looks for itself, so that neither waits
  // until it is known which of them is.
  logic [ScanBits-1:0] access_place, notify_place;
  logic        access_pending, was_pending, was_masked;
  logic        unmasks;        // the access at hand would unmask a pending vector
  logic        release_vector;
  logic        owe;            // its message, until there is room
  logic        notify_pend, notify_send;
  logic [Scan-1:0]     bit_mask;   // of an access or a notification
  logic [10:0] subject;      // vector of the message or event
  logic        send, pend_clear;

  assign scan_hit       = scan && ready_any;
  assign scan_leaves    = scan && (!ready_any || !ready_more);
  assign subject        = scan ? {scan_word, ready_first} : vector;
  assign bit_mask       = Scan'(1) << vector[ScanBits-1:0];
  assign access_place   = ScanBits'(dword_i[2+:BitBits]);
  assign notify_place   = ScanBits'(vector_i[BitBits-1:0]);
  assign access_pending = pending[access_place];
  assign was_pending    = pending[notify_place];
  assign was_masked     = function_masked_i || mask[notify_place];
  assign known          = {1'b0, vector_i} < vectors_i;
  assign unmasks        = control_here && !wdata_i[0] && !function_masked_i && access_pending;
  assign release_vector = access_i && unmasks && message_room_i;
  assign owe            = access_i && unmasks && !message_room_i;
  assign notify_pend    = notify_i && known && msix_enable_i && was_masked;
  assign notify_send    = notify_i && known && msix_enable_i && !was_masked;
  assign send           = scan_hit || release_vector || notify_send;
  assign pend_clear     = scan_hit || release_vector;
  assign cause_o        = send && bus_master_i;

  logic [Kept-1:0] pending_next, mask_next;
  assign pending_next = (pending[Kept-1:0] & ~(scan           ? ready_bit[Kept-1:0] : '0)
                                           & ~(release_vector ? bit_mask[Kept-1:0]  : '0)) |
                        (notify_pend ? bit_mask[Kept-1:0] : '0);
  assign mask_next    = wdata_i[0] ? mask[Kept-1:0] | bit_mask[Kept-1:0]
                                   : mask[Kept-1:0] & ~bit_mask[Kept-1:0];

  always_ff @(posedge clk_i) begin
    if (sweep_q) begin
      pending_mem[word[WordBits-1:0]] <= '0;
      mask_mem[word[WordBits-1:0]]    <= '1;
    end else begin
      // What changes is known late; the word is written in more cycles than that.
      if (scan || notify_i || here_i) begin
        pending_mem[word[WordBits-1:0]] <= pending_next;
      end
      if (control_write) begin
        mask_mem[word[WordBits-1:0]] <= mask_next;
      end
    end
  end

  // The table's dwords are written a cycle later. Nobody sees it: a message reads them two cycles after
  // its cause, and what BAR1 reads in between is put in place of what the memory had.
  logic [3:0]  late_fields_q;  // a dword of an entry; in the sweep all of them
  logic        late_sweep_q;
  logic [10:0] late_vector_q;
  logic [31:0] late_data_q;
  logic [31:0] late_control;
  assign late_control = late_sweep_q ? ivshmem_regs_pkg::EntryControlReset : late_data_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      late_fields_q <= '0;
    end else begin
      late_fields_q <= sweep_q ? 4'hf : table_write ? 4'd1 << dword_i[1:0] : 4'd0;
    end
  end
  always_ff @(posedge clk_i) begin
    late_sweep_q  <= sweep_q;
    late_vector_q <= sweep_q ? sweep_vector_q : dword_i[12:2];
    late_data_q   <= sweep_q ? 32'd0 : wdata_i;
  end
  always_ff @(posedge clk_i) begin
    if (late_fields_q[ivshmem_regs_pkg::EntryAddressLow]) begin
      address_low_mem[late_vector_q[VectorBits-1:0]] <= late_data_q;
    end
    if (late_fields_q[ivshmem_regs_pkg::EntryAddressHigh]) begin
      address_high_mem[late_vector_q[VectorBits-1:0]] <= late_data_q;
    end
    if (late_fields_q[ivshmem_regs_pkg::EntryData]) begin
      data_mem[late_vector_q[VectorBits-1:0]] <= late_data_q;
    end
    if (late_fields_q[ivshmem_regs_pkg::EntryControl]) begin
      control_mem[late_vector_q[VectorBits-1:0]] <= late_control;
    end
  end

  // ---- reading BAR1: table by the access port, pending bits beside it

  logic [31:0] low_q, high_q, field_data_q, control_q, pba_q;
  logic [1:0]  field_q;
  logic        from_table_q, from_pba_q;
  logic        from_late_q;   // the dword is being written in the same cycle
  logic [31:0] written_q;
  always_ff @(posedge clk_i) begin
    low_q        <= address_low_mem[dword_i[VectorBits+1:2]];
    high_q       <= address_high_mem[dword_i[VectorBits+1:2]];
    field_data_q <= data_mem[dword_i[VectorBits+1:2]];
    control_q    <= control_mem[dword_i[VectorBits+1:2]];
    pba_q        <= pba_index[0] ? pending[63:32] : pending[31:0];
    field_q      <= dword_i[1:0];
    from_table_q <= in_table;
    from_pba_q   <= in_pba && !in_table;
    from_late_q  <= late_fields_q[dword_i[1:0]] && late_vector_q == dword_i[12:2];
    written_q    <= dword_i[1:0] == ivshmem_regs_pkg::EntryControl ? late_control : late_data_q;
  end
  always_comb begin
    rdata_o = 32'd0;
    if (from_table_q && from_late_q) begin
      rdata_o = written_q;
    end else if (from_table_q) begin
      case (field_q)
        ivshmem_regs_pkg::EntryAddressLow:  rdata_o = low_q;
        ivshmem_regs_pkg::EntryAddressHigh: rdata_o = high_q;
        ivshmem_regs_pkg::EntryData:        rdata_o = field_data_q;
        default:                            rdata_o = control_q;
      endcase
    end else if (from_pba_q) begin
      rdata_o = pba_q;
    end
  end

  // ---- the message's fields, by a port of their own: those of the cause's cycle, as a cause does not
  // write them

  logic [10:0] subject_q;
  logic [31:0] message_low_q, message_high_q, message_data_q;
  always_ff @(posedge clk_i) begin
    subject_q      <= subject;
    message_low_q  <= address_low_mem[subject_q[VectorBits-1:0]];
    message_high_q <= address_high_mem[subject_q[VectorBits-1:0]];
    message_data_q <= data_mem[subject_q[VectorBits-1:0]];
  end
  assign address_o    = {message_high_q, message_low_q};
  assign data_o       = message_data_q;
  assign evt_vector_o = subject_q;

  // ---- state

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      sweep_q         <= 1'b1;
      sweep_vector_q  <= '0;
      scan_q          <= 1'b0;
      start_q         <= 1'b0;
      scan_word_q     <= '0;
      pending_count_q <= '0;
      more_q          <= 1'b0;
      less_q          <= 1'b0;
    end else begin
      if (reset_i) begin
        sweep_q        <= 1'b1;
        sweep_vector_q <= '0;
      end else if (sweep_q) begin
        sweep_q        <= !sweep_last_o;
        sweep_vector_q <= sweep_vector_q + 11'd1;
      end

      start_q     <= (unmask_i && some_pending) || owe;
      scan_word_q <= scan_word + {{(10-ScanBits){1'b0}}, scan_leaves};
      scan_q      <= scan_on && !function_masked_i && !reset_i && !(scan_leaves && last_scan_word);

      more_q <= notify_pend && !was_pending;
      less_q <= pend_clear;
      if (reset_i) begin
        pending_count_q <= '0;
        more_q          <= 1'b0;
        less_q          <= 1'b0;
      end else if (more_q || less_q) begin
        pending_count_q <= pending_count;
      end
    end
  end

  // What became of it: put together in the cycle after.
  logic notified_q, known_q, pends_q, was_pending_q, enable_q, master_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      evt_valid_o <= 1'b0;
      {notified_q, known_q, pends_q, was_pending_q, enable_q, master_q} <= 6'd0;
    end else begin
      evt_valid_o   <= !intx_i && (notify_i || pend_clear);
      notified_q    <= notify_i;
      known_q       <= known;
      pends_q       <= notify_pend;
      was_pending_q <= was_pending;
      enable_q      <= msix_enable_i;
      master_q      <= bus_master_i;
    end
  end
  always_comb begin
    if (notified_q && !known_q) begin
      evt_kind_o = ivshmem_regs_pkg::EvtLostNoVector;
    end else if (notified_q && !enable_q) begin
      evt_kind_o = ivshmem_regs_pkg::EvtLostMsixDisabled;
    end else if (pends_q) begin
      evt_kind_o = was_pending_q ? ivshmem_regs_pkg::EvtMerged : ivshmem_regs_pkg::EvtPended;
    end else begin
      evt_kind_o = master_q ? ivshmem_regs_pkg::EvtSent : ivshmem_regs_pkg::EvtLostMasterOff;
    end
  end

  // ---- invariants

  logic unused_bits;
  assign unused_bits = ^{pba_offset_i[1:0], word, ready_bit, bit_mask};

  logic [3:0] users;
  assign users = {sweep_q, scan, access_i, notify_i};
  `IVSHMEM_ASSERT(OneUserInACycle, (users & (users - 4'd1)) == 4'd0)
  `IVSHMEM_ASSERT(PendedExactlyWhenMasked, !notify_pend || (was_masked && !cause_o))
  `IVSHMEM_ASSERT(NoMessageOfAMaskedVector,
                  !(cause_o && !control_write) || (!function_masked_i && !mask[subject[ScanBits-1:0]]))
  `IVSHMEM_ASSERT(CountNeverNegative, !pend_clear || pending_count != 12'd0)
  `IVSHMEM_ASSERT(CountInRange, pending_count <= vectors_i && pending_count_q <= vectors_i &&
                  !(more_q && less_q) && (!less_q || pending_count_q != 12'd0))
  `IVSHMEM_ASSERT(NoMessageWithoutRoom, !cause_o || message_room_i)
  `IVSHMEM_ASSUME(VectorsFit, {20'd0, vectors_i} <= MaxVectors)

  `IVSHMEM_COVER(Sent, evt_valid_o && evt_kind_o == ivshmem_regs_pkg::EvtSent)
  `IVSHMEM_COVER(Pended, evt_valid_o && evt_kind_o == ivshmem_regs_pkg::EvtPended)
  `IVSHMEM_COVER(Merged, evt_valid_o && evt_kind_o == ivshmem_regs_pkg::EvtMerged)
  `IVSHMEM_COVER(MsixOff, evt_valid_o && evt_kind_o == ivshmem_regs_pkg::EvtLostMsixDisabled)
  `IVSHMEM_COVER(MasterOff, evt_valid_o && evt_kind_o == ivshmem_regs_pkg::EvtLostMasterOff)
  `IVSHMEM_COVER(NoVector, evt_valid_o && evt_kind_o == ivshmem_regs_pkg::EvtLostNoVector)
  `IVSHMEM_COVER(UnmaskOfOne, release_vector)
  `IVSHMEM_COVER(UnmaskTooEarly, control_write && !wdata_i[0] && function_masked_i && access_pending)
  `IVSHMEM_COVER(ScanSendsSeveral, scan_hit && ready_more)
  `IVSHMEM_COVER(ScanPassesMasked, scan && pending != '0 && !ready_any)
  `IVSHMEM_COVER(ScanInLaterWord, scan_hit && scan_word != '0)
  `IVSHMEM_COVER(ScanWaits, scan_on && !message_room_i)
  `IVSHMEM_COVER(AccessWhileScanWaits, scan_on && access_i)
  `IVSHMEM_COVER(UnmaskOwesMessage, owe && !scan_on)
  `IVSHMEM_COVER(UnmaskBeginsScanAnew, owe && scan_on)
  `IVSHMEM_COVER(MaskEndsScan, scan_on && function_masked_i)
  `IVSHMEM_COVER(ReleasedUnsent, pend_clear && !bus_master_i)
  `IVSHMEM_COVER(ResetWithPending, reset_i && pending_count != 12'd0)
`ifdef IVSHMEM_PROOF_MSIX
  `include "msix.svh"
`endif
endmodule
