// SPDX-License-Identifier: Apache-2.0
//
// Configuration space, byte for byte that of the model (model/src/pci_config.cpp): type 0 header,
// MSI-X capability, optional PCI Express capability; every other byte from 0x40 on is plain storage
// that survives reset. A read has its value in the same cycle, a write takes effect with its end.

module ivshmem_config (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [11:0] vectors_i,          // 0: no MSI-X
  input  logic [5:0]  memory_log2_i,
  input  logic        legacy_i,
  input  logic        express_i,
  input  logic        interrupt_i,        // Status: level of INTx before Interrupt Disable

  input  logic [9:0]  register_i,         // dword number
  output logic [31:0] rdata_o,
  input  logic        write_i,
  input  logic [3:0]  be_i,
  input  logic [31:0] wdata_i,
  input  logic [12:0] target_i,           // bus and device number that the write was sent to
  input  logic        reset_i,            // function reset

  output logic        bus_master_o,
  output logic        intx_disable_next_o,  // as it will be after this cycle
  output logic        msix_enable_o,
  output logic        function_masked_o,    // MSI-X disabled or function mask set
  output logic        unmask_o,             // this write ends function_masked_o
  output logic [12:0] id_o,                 // bus and device number

  output logic        bar0_on_o,
  output logic [31:8] bar0_o,
  output logic        bar1_on_o,
  output logic [31:12] bar1_o,
  output logic [31:12] bar1_mask_o,
  output logic [15:0] pba_offset_o,
  output logic        bar2_on_o,
  output logic [63:12] bar2_o,
  output logic [63:12] bar2_mask_o
);
  // ---- what the straps make of it

  logic        has_msix;
  logic [16:0] bar1_used;  // bytes of BAR1 that table and pending bits need
  logic [15:0] table_bytes;
  assign has_msix    = vectors_i != 12'd0;
  assign table_bytes = {vectors_i, 4'd0};
  // The pending bits stand behind the table, and at 0x800 at least.
  assign pba_offset_o = table_bytes > 16'h0800 ? table_bytes : 16'h0800;
  assign bar1_used    = {1'b0, pba_offset_o} + {7'd0, {1'b0, vectors_i[11:6]} +
                                                {6'd0, vectors_i[5:0] != 6'd0}, 3'd0} - 17'd1;
  assign bar1_mask_o  = !has_msix     ? '0
                      : bar1_used[15] ? 20'hffff0
                      : bar1_used[14] ? 20'hffff8
                      : bar1_used[13] ? 20'hffffc
                      : bar1_used[12] ? 20'hffffe
                                      : 20'hfffff;
  assign bar2_mask_o  = {52{1'b1}} << (memory_log2_i - 6'd12);

  // ---- registers

  logic        io_q, memory_q, master_q, serr_q, intx_disable_q;
  logic [7:0]  cache_line_q;
  logic [7:0]  line_q;
  logic [31:8] bar0_q;
  logic [31:12] bar1_q;
  logic [63:12] bar2_q;
  logic        msix_enable_q, function_mask_q;
  logic [14:0] device_control_q;
  logic [2:0]  link_control_q;  // bits 7, 6 and 3
  logic [12:0] id_q;

  logic in_space;
  logic express_here;  // a register of the PCI Express capability
  logic msix_here;
  logic scratch_here;
  assign in_space     = register_i[9:6] == 4'd0;
  assign msix_here    = has_msix && in_space && register_i[5:2] == 4'h4 && register_i[1:0] != 2'd3;
  assign express_here = express_i && in_space && register_i[5:0] >= 6'h20 && register_i[5:0] < 6'h2f;
  assign scratch_here = in_space && register_i[5:4] != 2'd0 && !msix_here && !express_here;

  function automatic logic [31:0] merge(input logic [31:0] old, input logic [31:0] value,
                                        input logic [3:0] be);
    for (int i = 0; i < 4; i++) begin
      merge[8*i+:8] = be[i] ? value[8*i+:8] : old[8*i+:8];
    end
  endfunction

  // Storage without reset: what is in it survives.
  logic [31:0] scratch_mem [64];
  logic [31:0] scratch;
  initial begin
    for (int i = 0; i < 64; i++) begin
      scratch_mem[i] = 32'd0;
    end
  end
  assign scratch = scratch_mem[register_i[5:0]];
  always_ff @(posedge clk_i) begin
    if (write_i && scratch_here) begin
      scratch_mem[register_i[5:0]] <= merge(scratch, wdata_i, be_i);
    end
  end

  // ---- reading

  logic [31:0] command, bar0_word, bar1_word, bar2_low, bar2_high, control_word;
  assign command      = {11'd0, has_msix || express_i, interrupt_i, 3'd0,
                         5'd0, intx_disable_q, 1'b0, serr_q, 5'd0, master_q, memory_q, io_q};
  assign bar0_word    = {bar0_q, 8'd0};
  assign bar1_word    = {bar1_q, 12'd0};
  assign bar2_low     = {bar2_q[31:12], 12'h00c};
  assign bar2_high    = bar2_q[63:32];
  assign control_word = {msix_enable_q, function_mask_q, 3'd0, vectors_i[10:0] - 11'd1,
                         express_i ? 8'h80 : 8'h00, 8'h11};

  always_comb begin
    rdata_o = 32'd0;
    if (!in_space) begin
      rdata_o = express_i ? 32'd0 : 32'hffff_ffff;
    end else if (scratch_here) begin
      rdata_o = scratch;
    end else begin
      case (register_i[5:0])
        6'h00:   rdata_o = 32'h1110_1af4;
        6'h01:   rdata_o = command;
        6'h02:   rdata_o = {24'h05_0000, 7'd0, !legacy_i};
        6'h03:   rdata_o = {24'd0, cache_line_q};
        6'h04:   rdata_o = bar0_word;
        6'h05:   rdata_o = bar1_word;
        6'h06:   rdata_o = bar2_low;
        6'h07:   rdata_o = bar2_high;
        6'h0b:   rdata_o = 32'h1100_1af4;
        6'h0d:   rdata_o = has_msix ? 32'h40 : (express_i ? 32'h80 : 32'h0);
        6'h0f:   rdata_o = {16'd0, 7'd0, legacy_i, line_q};
        6'h10:   rdata_o = control_word;
        6'h11:   rdata_o = 32'h0000_0001;
        6'h12:   rdata_o = {16'd0, pba_offset_o} | 32'd1;
        6'h20:   rdata_o = 32'h0002_0010;
        6'h21:   rdata_o = 32'h0000_8000;
        6'h22:   rdata_o = {17'd0, device_control_q};
        6'h23:   rdata_o = 32'h0000_0011;
        6'h24:   rdata_o = {16'h0011, 8'd0, link_control_q[2:1], 2'd0, link_control_q[0], 3'd0};
        default: rdata_o = 32'd0;
      endcase
    end
  end

  // ---- writing

  logic [31:0] merged;
  logic        master_d, msix_enable_d, function_mask_d, intx_disable_d;
  assign merged = merge(rdata_o, wdata_i, be_i);

  logic write_command, write_control;
  assign write_command   = write_i && register_i == 10'h001;
  assign write_control   = write_i && msix_here && register_i[1:0] == 2'd0;
  assign master_d        = write_command ? merged[2] : master_q;
  assign intx_disable_d  = reset_i ? 1'b0 : (write_command ? merged[10] : intx_disable_q);
  assign msix_enable_d   = write_control ? merged[31] : msix_enable_q;
  assign function_mask_d = write_control ? merged[30] : function_mask_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {io_q, memory_q, master_q, serr_q, intx_disable_q} <= 5'd0;
      cache_line_q     <= '0;
      line_q           <= '0;
      bar0_q           <= '0;
      bar1_q           <= '0;
      bar2_q           <= '0;
      msix_enable_q    <= 1'b0;
      function_mask_q  <= 1'b0;
      device_control_q <= 15'h2810;
      link_control_q   <= '0;
      id_q             <= '0;
    end else begin
      if (write_i && be_i != 4'd0) begin
        id_q <= target_i;
      end
      if (reset_i) begin
        {io_q, memory_q, master_q, serr_q, intx_disable_q} <= 5'd0;
        cache_line_q    <= '0;
        line_q          <= '0;
        bar0_q          <= '0;
        bar1_q          <= '0;
        bar2_q          <= '0;
        msix_enable_q   <= 1'b0;
        function_mask_q <= 1'b0;
      end else if (write_i) begin
        master_q        <= master_d;
        intx_disable_q  <= intx_disable_d;
        msix_enable_q   <= msix_enable_d;
        function_mask_q <= function_mask_d;
        case (register_i)
          10'h001: begin
            io_q     <= merged[0];
            memory_q <= merged[1];
            serr_q   <= merged[8];
          end
          10'h003: cache_line_q <= merged[7:0];
          10'h004: bar0_q <= merged[31:8];
          10'h005: bar1_q <= merged[31:12] & bar1_mask_o;
          10'h006: bar2_q[31:12] <= merged[31:12] & bar2_mask_o[31:12];
          10'h007: bar2_q[63:32] <= merged & bar2_mask_o[63:32];
          10'h00f: line_q <= merged[7:0];
          10'h022: if (express_here) device_control_q <= merged[14:0];
          10'h024: if (express_here) link_control_q <= {merged[7:6], merged[3]};
          default: ;
        endcase
      end
    end
  end

  // ---- what the rest of the device needs

  // Zero is what reset leaves in a BAR and all ones what sizing does: neither is an address.
  assign bar0_o    = bar0_q;
  assign bar0_on_o = memory_q && bar0_q != '0 && bar0_q != '1;
  assign bar1_o    = bar1_q;
  assign bar1_on_o = memory_q && has_msix && bar1_q != '0 && bar1_q != bar1_mask_o;
  assign bar2_o    = bar2_q;
  assign bar2_on_o = memory_q && bar2_q != '0 && bar2_q != bar2_mask_o;

  assign bus_master_o        = master_q;
  assign intx_disable_next_o = intx_disable_d;
  assign msix_enable_o       = msix_enable_q;
  assign function_masked_o   = !msix_enable_q || function_mask_q;
  assign unmask_o            = function_masked_o && msix_enable_d && !function_mask_d;
  assign id_o                = id_q;

  logic unused_bits;
  assign unused_bits = ^{bar1_used[16], bar1_used[11:0]};
endmodule
