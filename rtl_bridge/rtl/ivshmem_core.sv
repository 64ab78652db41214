// SPDX-License-Identifier: Apache-2.0
//
// The ivshmem device behind three TLP ports and an AXI4 memory port. What it is (vectors, memory
// size, variant) comes in by static straps, so that one netlist or one simulation model serves
// every configuration; ivshmem_endpoint ties them to parameters. docs/rtl.md describes the ports,
// docs/timing.md what happens in which cycle.
//
// Size: the device's ports and the wiring between its parts belong on one page.
`include "ivshmem_assert.svh"

module ivshmem_core #(
  parameter int DataWidth  = 64,   // of TLP payload and memory: 64, 128 or 256
  // From 1 on: what table and pending bits have room for.
  parameter int MaxVectors = ivshmem_regs_pkg::MaxVectors
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,

  // Straps: static while out of reset.
  input  logic [11:0]             cfg_vectors_i,           // 0: no MSI-X
  input  logic [5:0]              cfg_memory_log2_i,       // 12 to 33
  input  logic                    cfg_legacy_i,            // revision 0, interrupt pin A
  input  logic                    cfg_intx_i,              // notifications raise INTx
  input  logic                    cfg_express_i,           // PCI Express capability
  input  logic [3:0]              cfg_max_payload_log2_i,  // 7 to 12
  input  logic                    cfg_flush_i,             // a function reset discards completions
  input  logic [15:0]             iv_position_i,

  // Requests.
  input  logic                    rx_valid_i,
  output logic                    rx_ready_o,
  input  logic [127:0]            rx_hdr_i,
  input  logic [DataWidth-1:0]    rx_data_i,
  input  logic [DataWidth/32-1:0] rx_strb_i,
  input  logic                    rx_sop_i,
  input  logic                    rx_eop_i,
  output logic                    rx_done_o,               // a request left the buffer

  // Completions.
  output logic                    tx_cpl_valid_o,
  input  logic                    tx_cpl_ready_i,
  output logic [127:0]            tx_cpl_hdr_o,
  output logic [DataWidth-1:0]    tx_cpl_data_o,
  output logic [DataWidth/32-1:0] tx_cpl_strb_o,
  output logic                    tx_cpl_sop_o,
  output logic                    tx_cpl_eop_o,
  output logic                    tx_cpl_err_o,            // with eop: nullify the TLP

  // MSI-X writes and INTx messages.
  output logic                    tx_msg_valid_o,
  input  logic                    tx_msg_ready_i,
  output logic [127:0]            tx_msg_hdr_o,
  output logic [DataWidth-1:0]    tx_msg_data_o,
  output logic [DataWidth/32-1:0] tx_msg_strb_o,
  output logic                    tx_msg_sop_o,
  output logic                    tx_msg_eop_o,

  // Shared memory; addresses are offsets in BAR2.
  output logic                    m_axi_awvalid_o,
  input  logic                    m_axi_awready_i,
  output logic [63:0]             m_axi_awaddr_o,
  output logic [7:0]              m_axi_awlen_o,
  output logic [2:0]              m_axi_awsize_o,
  output logic [1:0]              m_axi_awburst_o,
  output logic                    m_axi_wvalid_o,
  input  logic                    m_axi_wready_i,
  output logic [DataWidth-1:0]    m_axi_wdata_o,
  output logic [DataWidth/8-1:0]  m_axi_wstrb_o,
  output logic                    m_axi_wlast_o,
  input  logic                    m_axi_bvalid_i,
  output logic                    m_axi_bready_o,
  input  logic [1:0]              m_axi_bresp_i,
  output logic                    m_axi_arvalid_o,
  input  logic                    m_axi_arready_i,
  output logic [63:0]             m_axi_araddr_o,
  output logic [7:0]              m_axi_arlen_o,
  output logic [2:0]              m_axi_arsize_o,
  output logic [1:0]              m_axi_arburst_o,
  input  logic                    m_axi_rvalid_i,
  output logic                    m_axi_rready_o,
  input  logic [DataWidth-1:0]    m_axi_rdata_i,
  input  logic [1:0]              m_axi_rresp_i,
  input  logic                    m_axi_rlast_i,

  // Doorbells out.
  output logic                    db_valid_o,
  input  logic                    db_ready_i,
  output logic [15:0]             db_peer_o,
  output logic [15:0]             db_value_o,
  output logic                    db_word_o,               // one write of the whole register

  // Notifications in.
  input  logic                    ntf_valid_i,
  output logic                    ntf_ready_o,
  input  logic [10:0]             ntf_vector_i,

  // Function reset: machine or hot reset.
  input  logic                    frst_valid_i,
  output logic                    frst_ready_o,

  // What became of a notification or a pending vector; for counters and error reporting.
  output logic                    evt_valid_o,
  output logic [2:0]              evt_kind_o,
  output logic [10:0]             evt_vector_o,
  output logic                    err_ur_o,
  output logic                    err_malformed_o,
  output logic                    err_poisoned_o,
  output logic                    err_memory_o,            // the memory refused a write
  output logic                    busy_o                   // 0: without input nothing will happen
);
  `IVSHMEM_CHECKED
  localparam int LaneBits = $clog2(DataWidth / 32);

  // ---- straps

  logic [11:0] strap_vectors;
  logic [5:0]  strap_memory_log2;
  logic        strap_legacy;
  logic        strap_intx;
  logic        strap_express;
  logic [3:0]  strap_max_payload_log2;
  logic [15:0] strap_iv_position;

`ifdef IVSHMEM_HELD_STRAPS
  // A simulation by Verilator evaluates anew in each cycle what follows from an input. What is taken
  // over with the end of the reset does not; the straps are static from then on.
  always_ff @(posedge rst_ni) begin
    strap_vectors <= cfg_vectors_i;
    strap_memory_log2 <= cfg_memory_log2_i;
    strap_legacy <= cfg_legacy_i;
    strap_intx <= cfg_intx_i;
    strap_express <= cfg_express_i;
    strap_max_payload_log2 <= cfg_max_payload_log2_i;
    strap_iv_position <= iv_position_i;
  end
`else
  assign strap_vectors = cfg_vectors_i;
  assign strap_memory_log2 = cfg_memory_log2_i;
  assign strap_legacy = cfg_legacy_i;
  assign strap_intx = cfg_intx_i;
  assign strap_express = cfg_express_i;
  assign strap_max_payload_log2 = cfg_max_payload_log2_i;
  assign strap_iv_position = iv_position_i;
`endif

  // ---- request at hand

  logic                 hold, take, done, present, beat, eop, waiting;
  logic                 wrong, known, known_wrong;
  logic [DataWidth-1:0] data;
  logic                 is_read, is_write, is_message, is_malformed, is_non_posted;
  logic                 has_data, is_locked;
  logic                 to_config, to_bar0, to_bar1, to_write, to_null, to_read, to_none;
  logic                 interrupts, spoiled, held;
  logic                 refuse, register_read, register_write, answers;
  logic                 begins;    // for the proof
  logic                 bar1_here;
  logic [11:2]          next_addr;
  logic [3:0]           next_first_be;
  logic [9:0]           next_last, last;
  logic [10:0]          next_span;
  logic [11:0]          next_bytes;
  logic [63:2]          addr;
  logic [3:0]           first_be, last_be;
  logic [11:0]          bytes;
  logic [31:0]          echo;
  logic                 up_q;
  logic [3:0]           max_payload_log2;

  logic         bar0_on, bar1_on, bar2_on;
  logic [31:ivshmem_regs_pkg::Bar0Log2] bar0;
  logic [31:12] bar1, bar1_mask;
  logic [63:12] bar2, bar2_mask;
  logic [15:0]  pba_offset;

  ivshmem_request #(
    .DataWidth(DataWidth)
  ) u_request (
    .clk_i,
    .rst_ni,
    .up_i              (up_q),
    .max_payload_log2_i(max_payload_log2),
    .rx_valid_i,
    .rx_ready_o,
    .rx_hdr_i,
    .rx_data_i,
    .rx_strb_i,
    .rx_sop_i,
    .rx_eop_i,
    .hold_i            (hold),
    .take_i            (take),
    .done_i            (done),
    .present_o         (present),
    .beat_o            (beat),
    .data_o            (data),
    .eop_o             (eop),
    .wrong_o           (wrong),
    .known_o           (known),
    .known_wrong_o     (known_wrong),
    .waiting_o         (waiting),
    .intx_i            (strap_intx),
    .bar0_on_i         (bar0_on),
    .bar0_i            (bar0),
    .bar1_on_i         (bar1_on),
    .bar1_i            (bar1),
    .bar1_mask_i       (bar1_mask),
    .bar2_on_i         (bar2_on),
    .bar2_i            (bar2),
    .bar2_mask_i       (bar2_mask),
    .begin_o           (begins),
    .next_addr_o       (next_addr),
    .next_first_be_o   (next_first_be),
    .next_last_o       (next_last),
    .next_span_o       (next_span),
    .next_bytes_o      (next_bytes),
    .is_read_o         (is_read),
    .is_write_o        (is_write),
    .is_message_o      (is_message),
    .is_malformed_o    (is_malformed),
    .is_non_posted_o   (is_non_posted),
    .is_locked_o       (is_locked),
    .has_data_o        (has_data),
    .to_config_o       (to_config),
    .to_bar0_o         (to_bar0),
    .to_bar1_o         (to_bar1),
    .bar1_here_o       (bar1_here),
    .to_write_o        (to_write),
    .to_null_o         (to_null),
    .to_read_o         (to_read),
    .to_none_o         (to_none),
    .interrupts_o      (interrupts),
    .spoiled_o         (spoiled),
    .held_o            (held),
    .refuse_o          (refuse),
    .register_read_o   (register_read),
    .register_write_o  (register_write),
    .answers_o         (answers),
    .addr_o            (addr),
    .last_o            (last),
    .first_be_o        (first_be),
    .last_be_o         (last_be),
    .bytes_o           (bytes),
    .echo_o            (echo)
  );

  // ---- execution

  logic [12:0]  id;
  logic         slot_room, message_room, doorbell_room, confirmed, write_room, burst_room;
  logic         read_room, blocks_notify;
  logic         scan, sweep, sweep_last, sweep_more;
  logic         config_step, bar0_step, bar1_step, write_step;
  logic [13:0]  dword;
  logic [3:0]   be;
  logic [31:0]  wdata, piece_value;
  logic         piece_word, piece_valid, ring;
  logic         mem_write, mem_first, mem_last, mem_end, mem_read;
  logic [63:0]  mem_addr;
  logic [7:0]   mem_len;
  logic [DataWidth-1:0]   mem_data;
  logic [DataWidth/8-1:0] mem_be;
  logic [LaneBits-1:0]    mem_shift;
  logic         reserve, piece, piece_memory, piece_data, piece_end, piece_locked;
  logic [2:0]   piece_status;
  logic [10:0]  piece_dwords;
  logic [12:0]  piece_bytes;
  logic [6:0]   piece_lower;
  logic [LaneBits-1:0] piece_shift;
  logic [15:0]  piece_completer;
  logic         value_step, value_last;
  logic [4:0]   value_index;
  logic         unsupported, malformed, poisoned_write;

  ivshmem_execute #(
    .DataWidth(DataWidth)
  ) u_execute (
    .clk_i,
    .rst_ni,
    .memory_log2_i     (strap_memory_log2),
    .max_payload_log2_i(max_payload_log2),
    .present_i         (present),
    .beat_i            (beat),
    .data_i            (data),
    .eop_i             (eop),
    .wrong_i           (wrong),
    .known_i           (known),
    .known_wrong_i     (known_wrong),
    .is_read_i         (is_read),
    .is_write_i        (is_write),
    .is_message_i      (is_message),
    .is_malformed_i    (is_malformed),
    .is_non_posted_i   (is_non_posted),
    .is_locked_i       (is_locked),
    .has_data_i        (has_data),
    .to_config_i       (to_config),
    .to_bar0_i         (to_bar0),
    .to_bar1_i         (to_bar1),
    .to_write_i        (to_write),
    .to_null_i         (to_null),
    .to_read_i         (to_read),
    .to_none_i         (to_none),
    .interrupts_i      (interrupts),
    .spoiled_i         (spoiled),
    .held_i            (held),
    .refuse_i          (refuse),
    .register_read_i   (register_read),
    .register_write_i  (register_write),
    .answers_i         (answers),
    .addr_i            (addr),
    .last_i            (last),
    .first_be_i        (first_be),
    .last_be_i         (last_be),
    .bytes_i           (bytes),
    .take_o            (take),
    .done_o            (done),
    .next_addr_i       (next_addr),
    .next_first_be_i   (next_first_be),
    .next_last_i       (next_last),
    .next_span_i       (next_span),
    .next_bytes_i      (next_bytes),
    .bar1_mask_i       (bar1_mask[15:12]),
    .id_i              (id),
    .slot_room_i       (slot_room),
    .interrupts_idle_i (!scan),  // nothing is in execution in a sweep
    .doorbell_room_i   (doorbell_room),
    .confirmed_i       (confirmed),
    .write_room_i      (write_room),
    .burst_room_i      (burst_room),
    .read_room_i       (read_room),
    .blocks_notify_o   (blocks_notify),
    .config_o          (config_step),
    .bar0_o            (bar0_step),
    .bar1_o            (bar1_step),
    .write_o           (write_step),
    .dword_o           (dword),
    .be_o              (be),
    .wdata_o           (wdata),
    .piece_value_o     (piece_value),
    .piece_word_o      (piece_word),
    .piece_valid_o     (piece_valid),
    .ring_o            (ring),
    .mem_write_o       (mem_write),
    .mem_addr_o        (mem_addr),
    .mem_first_o       (mem_first),
    .mem_len_o         (mem_len),
    .mem_last_o        (mem_last),
    .mem_end_o         (mem_end),
    .mem_data_o        (mem_data),
    .mem_be_o          (mem_be),
    .mem_shift_o       (mem_shift),
    .mem_read_o        (mem_read),
    .reserve_o         (reserve),
    .piece_o           (piece),
    .piece_memory_o    (piece_memory),
    .piece_data_o      (piece_data),
    .piece_end_o       (piece_end),
    .piece_locked_o    (piece_locked),
    .piece_status_o    (piece_status),
    .piece_dwords_o    (piece_dwords),
    .piece_bytes_o     (piece_bytes),
    .piece_lower_o     (piece_lower),
    .piece_shift_o     (piece_shift),
    .piece_completer_o (piece_completer),
    .value_o           (value_step),
    .value_index_o     (value_index),
    .value_last_o      (value_last),
    .unsupported_o     (unsupported),
    .malformed_o       (malformed),
    .poisoned_o        (poisoned_write)
  );

  // ---- notifications and function reset: taken between register accesses

  logic frst_q;  // a function reset waits
  logic notify, function_reset;
  assign ntf_ready_o    = !blocks_notify && !scan && !sweep && message_room && !frst_q;
  assign notify         = ntf_valid_i && ntf_ready_o;
  assign frst_ready_o   = frst_q && !present && !scan && !sweep;
  assign function_reset = frst_valid_i && frst_ready_o;
  // The request behind a configuration write is decoded with what that has written.
  assign hold           = frst_valid_i || frst_q || sweep_more ||
                          (present && to_config && has_data);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      frst_q <= 1'b0;
      up_q   <= 1'b0;
    end else begin
      frst_q <= frst_valid_i && !function_reset;
      up_q   <= up_q || sweep_last;
    end
  end

  // ---- registers

  logic [31:0] config_rdata, bar0_rdata, bar1_rdata;
  logic        bus_master, intx_disable_next, msix_enable, function_masked, unmask;
  logic        intx_level, intx_change, intx_next;

  ivshmem_config u_config (
    .clk_i,
    .rst_ni,
    .vectors_i          (strap_vectors),
    .memory_log2_i      (strap_memory_log2),
    .legacy_i           (strap_legacy),
    .express_i          (strap_express),
    .max_payload_log2_i (strap_max_payload_log2),
    .interrupt_i        (intx_level),
    .register_i         (addr[11:2]),
    .rdata_o            (config_rdata),
    .write_i            (config_step && write_step),
    .be_i               (be),
    .wdata_i            (wdata),
    .target_i           (addr[31:19]),
    .reset_i            (function_reset),
    .bus_master_o       (bus_master),
    .intx_disable_next_o(intx_disable_next),
    .msix_enable_o      (msix_enable),
    .function_masked_o  (function_masked),
    .unmask_o           (unmask),
    .id_o               (id),
    .max_payload_log2_o (max_payload_log2),
    .bar0_on_o          (bar0_on),
    .bar0_o             (bar0),
    .bar1_on_o          (bar1_on),
    .bar1_o             (bar1),
    .bar1_mask_o        (bar1_mask),
    .pba_offset_o       (pba_offset),
    .bar2_on_o          (bar2_on),
    .bar2_o             (bar2),
    .bar2_mask_o        (bar2_mask)
  );

  ivshmem_registers u_registers (
    .clk_i,
    .rst_ni,
    .intx_i             (strap_intx),
    .iv_position_i      (strap_iv_position),
    .register_i         (dword[ivshmem_regs_pkg::Bar0Log2-3:0]),
    .read_i             (bar0_step && !write_step),
    .be_i               (be),
    .rdata_o            (bar0_rdata),
    .write_i            (bar0_step && write_step && piece_valid),
    .value_i            (piece_value),
    .notify_i           (notify),
    .reset_i            (function_reset),
    .intx_disable_next_i(intx_disable_next),
    .message_room_i     (message_room),
    .level_o            (intx_level),
    .intx_change_o      (intx_change),
    .intx_next_o        (intx_next)
  );

  // ---- doorbells

  ivshmem_fifo #(
    .Width(33),
    .Depth(ivshmem_timing_pkg::DoorbellQueue)
  ) u_doorbells (
    .clk_i,
    .rst_ni,
    .push_i (ring),
    .data_i ({piece_value, piece_word}),
    .room_o (doorbell_room),
    .pop_i  (db_valid_o && db_ready_i),
    .valid_o(db_valid_o),
    .data_o ({db_peer_o, db_value_o, db_word_o})
  );

  // ---- interrupts

  logic        msix_cause;
  logic [63:0] msix_address;
  logic [31:0] msix_data;

  ivshmem_msix #(
    .MaxVectors(MaxVectors)
  ) u_msix (
    .clk_i,
    .rst_ni,
    .vectors_i        (strap_vectors),
    .pba_offset_i     (pba_offset),
    .intx_i           (strap_intx),
    .bus_master_i     (bus_master),
    .msix_enable_i    (msix_enable),
    .function_masked_i(function_masked),
    .unmask_i         (config_step && write_step && unmask),
    .message_room_i   (message_room),
    .here_i           (bar1_here),
    .access_i         (bar1_step),
    .write_i          (write_step),
    .dword_i          (dword),
    .wdata_i          (wdata),
    .rdata_o          (bar1_rdata),
    .notify_i         (notify),
    .vector_i         (ntf_vector_i),
    .reset_i          (function_reset),
    .scan_o           (scan),
    .sweep_o          (sweep),
    .sweep_last_o     (sweep_last),
    .sweep_more_o     (sweep_more),
    .cause_o          (msix_cause),
    .address_o        (msix_address),
    .data_o           (msix_data),
    .evt_valid_o,
    .evt_kind_o,
    .evt_vector_o
  );

  logic messages_busy;
  ivshmem_messages #(
    .DataWidth(DataWidth)
  ) u_messages (
    .clk_i,
    .rst_ni,
    .id_i          (id),
    .msix_cause_i  (msix_cause),
    .msix_address_i(msix_address),
    .msix_data_i   (msix_data),
    .intx_cause_i  (intx_change),
    .intx_level_i  (intx_next),
    .room_o        (message_room),
    .busy_o        (messages_busy),
    .tx_valid_o    (tx_msg_valid_o),
    .tx_ready_i    (tx_msg_ready_i),
    .tx_hdr_o      (tx_msg_hdr_o),
    .tx_data_o     (tx_msg_data_o),
    .tx_strb_o     (tx_msg_strb_o),
    .tx_sop_o      (tx_msg_sop_o),
    .tx_eop_o      (tx_msg_eop_o)
  );

  // ---- completions

  logic [31:0] value_q;
  logic        bar1_read_q;
  logic        completions_busy;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      value_q     <= '0;
      bar1_read_q <= 1'b0;
    end else begin
      value_q     <= to_config ? config_rdata : (to_bar0 ? bar0_rdata : 32'd0);
      bar1_read_q <= bar1_step;
    end
  end

  logic                    completer_rst_n, flush_busy;
  logic                    cpl_rvalid, cpl_rready, cpl_valid, cpl_ready, cpl_sop, cpl_eop, cpl_err;
  logic [DataWidth/32-1:0] cpl_strb;
  ivshmem_flush #(
    .DataWidth(DataWidth)
  ) u_flush (
    .clk_i,
    .rst_ni,
    .enable_i        (cfg_flush_i),
    .reset_i         (function_reset),
    .completer_rst_no(completer_rst_n),
    .busy_o          (flush_busy),
    .read_i          (mem_read),
    .rvalid_i        (m_axi_rvalid_i),
    .rready_o        (m_axi_rready_o),
    .rlast_i         (m_axi_rlast_i),
    .rvalid_o        (cpl_rvalid),
    .rready_i        (cpl_rready),
    .cpl_valid_i     (cpl_valid),
    .cpl_ready_o     (cpl_ready),
    .cpl_strb_i      (cpl_strb),
    .cpl_sop_i       (cpl_sop),
    .cpl_eop_i       (cpl_eop),
    .cpl_err_i       (cpl_err),
    .tx_valid_o      (tx_cpl_valid_o),
    .tx_ready_i      (tx_cpl_ready_i),
    .tx_strb_o       (tx_cpl_strb_o),
    .tx_sop_o        (tx_cpl_sop_o),
    .tx_eop_o        (tx_cpl_eop_o),
    .tx_err_o        (tx_cpl_err_o)
  );

  ivshmem_completions #(
    .DataWidth(DataWidth)
  ) u_completions (
    .clk_i,
    .rst_ni           (completer_rst_n),
    .reserve_i        (reserve),
    .room_o           (slot_room),
    .busy_o           (completions_busy),
    .piece_i          (piece),
    .piece_memory_i   (piece_memory),
    .piece_data_i     (piece_data),
    .piece_end_i      (piece_end),
    .piece_locked_i   (piece_locked),
    .piece_status_i   (piece_status),
    .piece_dwords_i   (piece_dwords),
    .piece_bytes_i    (piece_bytes),
    .piece_lower_i    (piece_lower),
    .piece_shift_i    (piece_shift),
    .piece_completer_i(piece_completer),
    .piece_echo_i     (echo),
    .value_i          (value_step),
    .value_index_i    (value_index),
    .value_last_i     (value_last),
    .value_data_i     (bar1_read_q ? bar1_rdata : value_q),
    .rvalid_i         (cpl_rvalid),
    .rready_o         (cpl_rready),
    .rdata_i          (m_axi_rdata_i),
    .rerror_i         (m_axi_rresp_i[1]),
    .rlast_i          (m_axi_rlast_i),
    .tx_valid_o       (cpl_valid),
    .tx_ready_i       (cpl_ready),
    .tx_hdr_o         (tx_cpl_hdr_o),
    .tx_data_o        (tx_cpl_data_o),
    .tx_strb_o        (cpl_strb),
    .tx_sop_o         (cpl_sop),
    .tx_eop_o         (cpl_eop),
    .tx_err_o         (cpl_err)
  );

  // ---- shared memory

  logic memory_busy;
  ivshmem_memory #(
    .DataWidth(DataWidth)
  ) u_memory (
    .clk_i,
    .rst_ni,
    .write_i      (mem_write),
    .write_addr_i (mem_addr),
    .write_first_i(mem_first),
    .write_len_i  (mem_len),
    .write_last_i (mem_last),
    .write_end_i  (mem_end),
    .write_data_i (mem_data),
    .write_be_i   (mem_be),
    .write_shift_i(mem_shift),
    .write_room_o (write_room),
    .burst_room_o (burst_room),
    .confirmed_o  (confirmed),
    .busy_o       (memory_busy),
    .read_i       (mem_read),
    .read_addr_i  (mem_addr),
    .read_len_i   (mem_len),
    .read_room_o  (read_room),
    .awvalid_o    (m_axi_awvalid_o),
    .awready_i    (m_axi_awready_i),
    .awaddr_o     (m_axi_awaddr_o),
    .awlen_o      (m_axi_awlen_o),
    .wvalid_o     (m_axi_wvalid_o),
    .wready_i     (m_axi_wready_i),
    .wdata_o      (m_axi_wdata_o),
    .wstrb_o      (m_axi_wstrb_o),
    .wlast_o      (m_axi_wlast_o),
    .bvalid_i     (m_axi_bvalid_i),
    .arvalid_o    (m_axi_arvalid_o),
    .arready_i    (m_axi_arready_i),
    .araddr_o     (m_axi_araddr_o),
    .arlen_o      (m_axi_arlen_o)
  );
  assign m_axi_awsize_o  = 3'd2 + LaneBits[2:0];
  assign m_axi_arsize_o  = 3'd2 + LaneBits[2:0];
  assign m_axi_awburst_o = 2'b01;  // INCR
  assign m_axi_arburst_o = 2'b01;
  assign m_axi_bready_o  = 1'b1;

  // ---- reporting

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      rx_done_o       <= 1'b0;
      err_ur_o        <= 1'b0;
      err_malformed_o <= 1'b0;
      err_poisoned_o  <= 1'b0;
      err_memory_o    <= 1'b0;
    end else begin
      rx_done_o       <= done;
      err_ur_o        <= unsupported;
      err_malformed_o <= malformed;
      err_poisoned_o  <= poisoned_write;
      err_memory_o    <= m_axi_bvalid_i && m_axi_bresp_i[1];
    end
  end

  assign busy_o = waiting || present || completions_busy || flush_busy || messages_busy ||
                  memory_busy || db_valid_o || scan || sweep || frst_q || rx_done_o ||
                  evt_valid_o || err_memory_o;

  logic unused_bits;
  assign unused_bits = ^{m_axi_bresp_i[0], m_axi_rresp_i[0], begins};

  // ---- invariants

  logic awakened_q; // since reset something came in
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      awakened_q <= 1'b0;
    end else if ((rx_valid_i && rx_ready_o) || (ntf_valid_i && ntf_ready_o)) begin
      awakened_q <= 1'b1;
    end
  end
  `IVSHMEM_ASSERT(NothingAfterReset,
                  awakened_q || !(tx_cpl_valid_o || tx_msg_valid_o || db_valid_o ||
                                  m_axi_awvalid_o || m_axi_wvalid_o || m_axi_arvalid_o))
  `IVSHMEM_ASSERT(RingIsAWrite, ring == (bar0_step && write_step && piece_valid &&
                                         dword == 14'(ivshmem_regs_pkg::Doorbell)))
  `IVSHMEM_ASSERT(RingHasRoom, !ring || doorbell_room)
  `IVSHMEM_ASSERT(IntxChangeHasRoom, !intx_change || message_room)
  `IVSHMEM_ASSERT(ResetIsAlone, !function_reset || !(present || scan || sweep || notify))
  `IVSHMEM_STABLE(DoorbellStays, db_valid_o, db_ready_i, {db_peer_o, db_value_o, db_word_o})

  `IVSHMEM_COVER(DoorbellsFull, !doorbell_room)
  `IVSHMEM_COVER(DoorbellStalls, db_valid_o && !db_ready_i)
  `IVSHMEM_COVER(NotifiedInTableWrite, ntf_valid_i && bar1_step && write_step)
  `IVSHMEM_COVER(NotifiedInTableRead, ntf_valid_i && bar1_step && !write_step)
  `IVSHMEM_COVER(NotifiedInConfigWrite, ntf_valid_i && config_step && write_step)
  `IVSHMEM_COVER(NotifiedInScan, ntf_valid_i && scan)
  `IVSHMEM_COVER(NotifiedInSweep, ntf_valid_i && sweep)
  `IVSHMEM_COVER(NotifiedWithoutRoom, ntf_valid_i && !message_room)
  `IVSHMEM_COVER(NotifiedBesideMemory, notify && (mem_write || mem_read))
  `IVSHMEM_COVER(ResetInPacket, frst_valid_i && beat && !eop)
  `IVSHMEM_COVER(ResetBeforeRequests, function_reset && waiting)
  `IVSHMEM_COVER(ResetWithMessages, function_reset && messages_busy)
  `IVSHMEM_COVER(ResetWithCompletions, function_reset && completions_busy)
`ifdef IVSHMEM_PROOF_CORE
  `include "core.svh"
`endif
endmodule
