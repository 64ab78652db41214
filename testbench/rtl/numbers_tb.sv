// SPDX-License-Identifier: Apache-2.0
//
// What a guest finds at ivshmem_core, in a simulator of its own (Icarus): every dword of
// configuration space after reset, which dwords of BAR0 keep what is written and which one rings,
// and how deep the queues are. numbers_model.cpp prints the same of the model.
`timescale 1ns / 1ns

module numbers_tb;
  localparam logic [31:0] Bar0 = 32'hfebf_0000;
  localparam logic [7:0] CfgRd0 = 8'b000_00100, CfgWr0 = 8'b010_00100;
  localparam logic [7:0] MRd32 = 8'b000_00000, MWr32 = 8'b010_00000;

  logic clk = 1'b0;
  logic rst_n = 1'b0;
  always #5 clk = !clk;

  logic         rx_valid = 1'b0, rx_ready;
  logic [127:0] rx_hdr = '0;
  logic [63:0]  rx_data = '0;
  logic         cpl_valid, db_valid;
  logic [63:0]  cpl_data;
  logic [127:0] cpl_hdr;

  ivshmem_core #(.DataWidth(64), .MaxVectors(8)) dut (
    .clk_i(clk), .rst_ni(rst_n),
    .cfg_vectors_i(12'd1), .cfg_memory_log2_i(6'd12), .cfg_legacy_i(1'b0), .cfg_intx_i(1'b0),
    .cfg_express_i(1'b1), .cfg_max_payload_log2_i(4'd8), .cfg_flush_i(1'b1), .iv_position_i(16'd7),
    .rx_valid_i(rx_valid), .rx_ready_o(rx_ready), .rx_hdr_i(rx_hdr), .rx_data_i(rx_data),
    .rx_strb_i(2'b01), .rx_sop_i(1'b1), .rx_eop_i(1'b1), .rx_done_o(),
    .tx_cpl_valid_o(cpl_valid), .tx_cpl_ready_i(1'b1), .tx_cpl_hdr_o(cpl_hdr),
    .tx_cpl_data_o(cpl_data), .tx_cpl_strb_o(), .tx_cpl_sop_o(), .tx_cpl_eop_o(), .tx_cpl_err_o(),
    .tx_msg_valid_o(), .tx_msg_ready_i(1'b1), .tx_msg_hdr_o(), .tx_msg_data_o(),
    .tx_msg_strb_o(), .tx_msg_sop_o(), .tx_msg_eop_o(),
    .m_axi_awvalid_o(), .m_axi_awready_i(1'b1), .m_axi_awaddr_o(), .m_axi_awlen_o(),
    .m_axi_awsize_o(), .m_axi_awburst_o(), .m_axi_wvalid_o(), .m_axi_wready_i(1'b1),
    .m_axi_wdata_o(), .m_axi_wstrb_o(), .m_axi_wlast_o(), .m_axi_bvalid_i(1'b0),
    .m_axi_bready_o(), .m_axi_bresp_i(2'b00), .m_axi_arvalid_o(), .m_axi_arready_i(1'b1),
    .m_axi_araddr_o(), .m_axi_arlen_o(), .m_axi_arsize_o(), .m_axi_arburst_o(),
    .m_axi_rvalid_i(1'b0), .m_axi_rready_o(), .m_axi_rdata_i(64'd0), .m_axi_rresp_i(2'b00),
    .m_axi_rlast_i(1'b0),
    .db_valid_o(db_valid), .db_ready_i(1'b1), .db_peer_o(), .db_value_o(), .db_word_o(),
    .ntf_valid_i(1'b0), .ntf_ready_o(), .ntf_vector_i(11'd0),
    .frst_valid_i(1'b0), .frst_ready_o(),
    .evt_valid_o(), .evt_kind_o(), .evt_vector_o(), .err_ur_o(), .err_malformed_o(),
    .err_poisoned_o(), .err_memory_o(), .busy_o()
  );

  logic [31:0] answer;
  logic        rung;
  // One dword to or from `address`: waits until the device is through with it.
  task automatic request(input logic [7:0] kind, input logic [31:0] address,
                         input logic [31:0] value);
    do @(negedge clk); while (!rx_ready);
    rx_hdr   = {kind, 14'd0, 10'd1, 16'd0, 8'd0, 8'h0f, address, 32'd0};
    rx_data  = {32'd0, value};
    rx_valid = 1'b1;
    answer   = 'x;
    rung     = 1'b0;
    @(posedge clk);
    #1 rx_valid = 1'b0;
    repeat (12) begin
      @(negedge clk);
      if (cpl_valid) begin
        answer = cpl_data[31:0];
      end
      rung = rung || db_valid;
    end
  endtask

  initial begin
    repeat (4) @(negedge clk);
    rst_n = 1'b1;
    for (int at = 0; at < 256; at += 4) begin
      request(CfgRd0, at, 32'd0);
      $display("configuration %0h reads %08x", at, answer);
    end
    request(CfgWr0, 32'h10, Bar0);
    request(CfgWr0, 32'h04, 32'h2);  // memory space
    for (int at = 0; at < 64; at += 4) begin
      request(MWr32, Bar0 + at, 32'hffff_0000 + at);
      if (rung) begin
        $display("BAR0 %0h rings", at);
      end
      request(MRd32, Bar0 + at, 32'd0);
      if (answer != 32'd0) begin
        $display("BAR0 %0h reads %08x", at, answer);
      end
    end
    $display("queue of requests %0d", dut.u_request.u_receive.u_buffer.Depth);
    $display("queue of completions %0d", dut.u_completions.u_order.Depth);
    $display("queue of completion beats %0d", dut.u_completions.u_out.Depth);
    $display("queue of messages %0d", dut.u_messages.u_queue.Depth);
    $display("queue of doorbells %0d", dut.u_doorbells.Depth);
    $display("queue of write addresses %0d", dut.u_memory.u_aw.Depth);
    $display("queue of write data %0d", dut.u_memory.u_w.Depth);
    $display("queue of read addresses %0d", dut.u_memory.u_ar.Depth);
    $finish;
  end
endmodule
