// SPDX-License-Identifier: Apache-2.0
//
// MSI-X: table, pending bits, masks, and the decision what becomes of a notification
// [PCI 3.0 6.8.2]. Table and bits stand in memories; a sweep gives them their reset values.
//
// One thing happens in a cycle: an access of the table or the pending bits, a notification, a step
// of a scan, or a step of the sweep. Each may cause one message: cause_o in that cycle, its address
// and data one cycle later.
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

  output logic        cause_o,
  output logic [63:0] address_o,            // one cycle after cause_o
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
  // Vectors of a word that there can be.
  localparam logic [Scan-1:0] Exists =
    MaxVectors < Scan ? (Scan'(1) << MaxVectors) - Scan'(1) : {Scan{1'b1}};
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
  logic [Scan-1:0] pending_mem [Words];
  logic [Scan-1:0] mask_mem [Words];  // control bit 0 of these vectors: read at once by an unmask

  // ---- what BAR1 holds at an offset

  logic [13:0] pba_dword;
  logic [13:0] pba_index;
  logic        in_table;
  logic        in_pba;
  assign in_table  = {1'b0, dword_i} < {1'b0, vectors_i, 2'd0};
  assign pba_dword = pba_offset_i[15:2];
  assign pba_index = dword_i - pba_dword;
  // Two dwords for each 64 vectors that have begun [PCI 3.0 6.8.2.10].
  assign in_pba    = dword_i >= pba_dword && {3'd0, pba_index[13:1]} < {4'd0, vectors_i} + 16'd63 >> 6;

  // ---- sweep and scan

  logic        sweep_q, scan_q;
  logic        scan;
  logic [10:0] sweep_vector_q;
  logic [10:0] last_vector;
  logic [10-ScanBits:0] scan_word_q;
  logic [11:0] pending_count_q;  // as it was a cycle ago
  logic        more_q, less_q;
  logic [11:0] pending_count;
  logic        some_pending;
  logic        last_scan_word;
  assign pending_count  = pending_count_q + {{11{less_q}}, less_q || more_q};
  assign some_pending   = more_q || pending_count_q != {11'd0, less_q};
  assign sweep_o        = sweep_q;
  assign last_vector    = vectors_i == 12'd0 ? 11'd0 : 11'(vectors_i - 12'd1);
  assign sweep_last_o   = sweep_q && sweep_vector_q == last_vector;
  assign scan           = scan_q && message_room_i && !function_masked_i;
  assign scan_o         = scan;
  assign last_scan_word = ({2'd0, scan_word_q, {ScanBits{1'b0}}} + Scan[12:0]) >= {1'b0, vectors_i};

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
  assign vector        = sweep_q                         ? sweep_vector_q
                       : here_i                          ? dword_i[12:2]
                       :                                   vector_i;
  assign word          = scan                            ? scan_word_q
                       : (here_i && !write_i)            ? pba_index[5:1]
                       :                                   vector[10:ScanBits];
  assign pending       = pending_mem[word[WordBits-1:0]];
  assign mask          = mask_mem[word[WordBits-1:0]];

  // Lowest vector of the word that the scan can release, and whether more follow: by groups of 8.
  function automatic logic [2:0] lowest(input logic [7:0] bits);
    lowest = 3'd0;
    for (int i = 7; i >= 0; i--) begin
      if (bits[i]) begin
        lowest = i[2:0];
      end
    end
  endfunction

  // Each group knows its lowest, beside the search for the first group.
  logic [Scan-1:0] ready;
  logic [Scan-1:0] ready_bit;    // the lowest alone
  logic [7:0]  groups;
  logic [7:0]  first_group;      // one of them
  logic [7:0]  several;          // groups with more than one
  logic [2:0]  lowest_in;        // of the first group
  logic [ScanBits-1:0] ready_first;
  logic        ready_more;
  assign ready       = pending & ~mask & Exists;
  assign first_group = groups & (~groups + 8'd1);
  assign ready_first = {lowest(groups), lowest_in};
  assign ready_more  = groups != first_group || (several & first_group) != 8'd0;
  always_comb begin
    for (int i = 0; i < 8; i++) begin
      groups[i]  = |ready[8*i+:8];
      several[i] = (ready[8*i+:8] & (ready[8*i+:8] - 8'd1)) != 8'd0;
    end
  end
  always_comb begin
    lowest_in = 3'd0;
    for (int i = 0; i < 8; i++) begin
      if (first_group[i]) begin
        lowest_in = lowest_in | lowest(ready[8*i+:8]);
      end
      ready_bit[8*i+:8] = first_group[i] ? ready[8*i+:8] & (~ready[8*i+:8] + 8'd1) : 8'd0;
    end
  end

  // ---- what happens

  logic        scan_hit;
  logic        known;        // the notified vector exists
  logic [ScanBits-1:0] place;  // of the vector in its word
  logic        was_pending;
  logic        was_masked;
  logic        unmasks;        // the access at hand would unmask a pending vector
  logic        release_vector;
  logic        owe;            // its message, until there is room
  logic        notify_pend;
  logic        notify_send;
  logic [Scan-1:0]     bit_mask;   // of an access or a notification
  logic [10:0] subject;      // vector of the message or event
  logic        send;
  logic        pend_clear;

  assign scan_hit       = scan && groups != 8'd0;
  assign subject        = scan ? {scan_word_q, ready_first} : vector;
  assign bit_mask       = Scan'(1) << vector[ScanBits-1:0];
  assign place          = ScanBits'(vector[BitBits-1:0]);
  assign was_pending    = pending[place];  // of an access or a notification
  assign was_masked     = function_masked_i || mask[place];
  assign known          = {1'b0, vector_i} < vectors_i;
  assign unmasks        = control_here && !wdata_i[0] && !function_masked_i && was_pending;
  assign release_vector = access_i && unmasks && message_room_i;
  assign owe            = access_i && unmasks && !message_room_i;
  assign notify_pend    = notify_i && known && msix_enable_i && was_masked;
  assign notify_send    = notify_i && known && msix_enable_i && !was_masked;
  assign send           = scan_hit || release_vector || notify_send;
  assign pend_clear     = scan_hit || release_vector;
  assign cause_o        = send && bus_master_i;

  logic write_pending;
  assign write_pending = notify_pend || pend_clear;

  always_ff @(posedge clk_i) begin
    if (sweep_q) begin
      pending_mem[word[WordBits-1:0]] <= '0;
      mask_mem[word[WordBits-1:0]]    <= '1;
    end else begin
      if (write_pending) begin
        pending_mem[word[WordBits-1:0]] <= scan       ? pending & ~ready_bit
                                         : pend_clear ? pending & ~bit_mask : pending | bit_mask;
      end
      if (control_write) begin
        mask_mem[word[WordBits-1:0]] <= wdata_i[0] ? mask | bit_mask : mask & ~bit_mask;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (sweep_q || (table_write && dword_i[1:0] == ivshmem_regs_pkg::EntryAddressLow)) begin
      address_low_mem[vector[VectorBits-1:0]] <= sweep_q ? 32'd0 : wdata_i;
    end
    if (sweep_q || (table_write && dword_i[1:0] == ivshmem_regs_pkg::EntryAddressHigh)) begin
      address_high_mem[vector[VectorBits-1:0]] <= sweep_q ? 32'd0 : wdata_i;
    end
    if (sweep_q || (table_write && dword_i[1:0] == ivshmem_regs_pkg::EntryData)) begin
      data_mem[vector[VectorBits-1:0]] <= sweep_q ? 32'd0 : wdata_i;
    end
    if (sweep_q || control_write) begin
      control_mem[vector[VectorBits-1:0]] <= sweep_q ? ivshmem_regs_pkg::EntryControlReset : wdata_i;
    end
  end

  // ---- reading BAR1: table by the access port, pending bits beside it

  logic [31:0] low_q, high_q, field_data_q, control_q, pba_q;
  logic [1:0]  field_q;
  logic        from_table_q;
  logic        from_pba_q;
  always_ff @(posedge clk_i) begin
    low_q        <= address_low_mem[dword_i[VectorBits+1:2]];
    high_q       <= address_high_mem[dword_i[VectorBits+1:2]];
    field_data_q <= data_mem[dword_i[VectorBits+1:2]];
    control_q    <= control_mem[dword_i[VectorBits+1:2]];
    pba_q        <= pba_index[0] ? pending[63:32] : pending[31:0];
    field_q      <= dword_i[1:0];
    from_table_q <= access_i && in_table;
    from_pba_q   <= access_i && in_pba && !in_table;
  end
  always_comb begin
    rdata_o = 32'd0;
    if (from_table_q) begin
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

  // ---- the message's fields, by a port of their own

  logic [31:0] message_low_q, message_high_q, message_data_q;
  always_ff @(posedge clk_i) begin
    message_low_q  <= address_low_mem[subject[VectorBits-1:0]];
    message_high_q <= address_high_mem[subject[VectorBits-1:0]];
    message_data_q <= data_mem[subject[VectorBits-1:0]];
  end
  assign address_o = {message_high_q, message_low_q};
  assign data_o    = message_data_q;

  // ---- state

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      sweep_q         <= 1'b1;
      sweep_vector_q  <= '0;
      scan_q          <= 1'b0;
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

      if ((unmask_i && some_pending) || owe) begin
        scan_q      <= 1'b1;
        scan_word_q <= '0;
      end else if (function_masked_i || reset_i) begin
        scan_q      <= 1'b0;
      end else if (scan && (groups == 8'd0 || !ready_more)) begin
        scan_q      <= !last_scan_word;
        scan_word_q <= scan_word_q + 1'b1;
      end

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

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      evt_valid_o  <= 1'b0;
      evt_kind_o   <= '0;
      evt_vector_o <= '0;
    end else begin
      evt_valid_o  <= !intx_i && (notify_i || pend_clear);
      evt_vector_o <= subject;
      if (notify_i && !known) begin
        evt_kind_o <= ivshmem_regs_pkg::EvtLostNoVector;
      end else if (notify_i && !msix_enable_i) begin
        evt_kind_o <= ivshmem_regs_pkg::EvtLostMsixDisabled;
      end else if (notify_pend) begin
        evt_kind_o <= was_pending ? ivshmem_regs_pkg::EvtMerged : ivshmem_regs_pkg::EvtPended;
      end else begin
        evt_kind_o <= bus_master_i ? ivshmem_regs_pkg::EvtSent : ivshmem_regs_pkg::EvtLostMasterOff;
      end
    end
  end

  // ---- invariants

  logic unused_bits;
  assign unused_bits = ^{pba_offset_i[1:0], word};

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
  `IVSHMEM_COVER(UnmaskTooEarly, control_write && !wdata_i[0] && function_masked_i && was_pending)
  `IVSHMEM_COVER(ScanSendsSeveral, scan_hit && ready_more)
  `IVSHMEM_COVER(ScanPassesMasked, scan && pending != '0 && ready == '0)
  `IVSHMEM_COVER(ScanInLaterWord, scan_hit && scan_word_q != '0)
  `IVSHMEM_COVER(ScanWaits, scan_q && !message_room_i)
  `IVSHMEM_COVER(AccessWhileScanWaits, scan_q && access_i)
  `IVSHMEM_COVER(UnmaskOwesMessage, owe && !scan_q)
  `IVSHMEM_COVER(UnmaskBeginsScanAnew, owe && scan_q)
  `IVSHMEM_COVER(MaskEndsScan, scan_q && function_masked_i)
  `IVSHMEM_COVER(ReleasedUnsent, pend_clear && !bus_master_i)
  `IVSHMEM_COVER(ResetWithPending, reset_i && pending_count != 12'd0)
`ifdef IVSHMEM_PROOF_MSIX
  `include "msix.svh"
`endif
endmodule
