// SPDX-License-Identifier: Apache-2.0
//
// ivshmem_endpoint behind ivshmem_axis_adapter, in a simulator of its own (Icarus): configuration,
// memory, MSI-X and errors through the two AXI4-Streams, with random gaps and stalls.
// Prints "passed", or what differed; +seed=N chooses the pattern.
`timescale 1ns / 1ns

module axis_adapter_tb;
  parameter int DataWidth = 64;
  parameter bit PayloadBigEndian = 1'b0;
  localparam int Lanes = DataWidth / 32;
  localparam int Bytes = DataWidth / 8;
  localparam int Most = 64;       // dwords of the longest packet

  logic clk = 1'b0;
  logic rst_n = 1'b0;
  always #5 clk = !clk;

  integer seed = 1;
  integer errors = 0;
  function automatic logic chance(input integer percent);
    chance = $unsigned($random(seed)) % 100 < percent;
  endfunction

  task automatic check(input logic [31:0] got, input logic [31:0] wanted, input [8*40-1:0] what);
    if (got !== wanted) begin
      errors = errors + 1;
      $display("%0t: %0s: got %08x, wanted %08x", $time, what, got, wanted);
    end
  endtask

  // ---- device and adapter

  logic                 s_valid = 1'b0, s_ready, s_last = 1'b0;
  logic [DataWidth-1:0] s_data = '0, m_data;
  logic [Bytes-1:0]     s_keep = '0, m_keep;
  logic                 m_valid, m_ready = 1'b0, m_last, m_user;
  logic                 err_short;

  logic                 rx_valid, rx_ready, rx_sop, rx_eop;
  logic [127:0]         rx_hdr, cpl_hdr, msg_hdr;
  logic [DataWidth-1:0] rx_data, cpl_data, msg_data;
  logic [Lanes-1:0]     rx_strb, cpl_strb, msg_strb;
  logic                 cpl_valid, cpl_ready, cpl_sop, cpl_eop, cpl_err;
  logic                 msg_valid, msg_ready, msg_sop, msg_eop;

  ivshmem_axis_adapter #(
    .DataWidth       (DataWidth),
    .PayloadBigEndian(PayloadBigEndian)
  ) u_adapter (
    .clk_i(clk), .rst_ni(rst_n),
    .s_axis_tvalid_i(s_valid), .s_axis_tready_o(s_ready), .s_axis_tdata_i(s_data),
    .s_axis_tkeep_i(s_keep), .s_axis_tlast_i(s_last),
    .m_axis_tvalid_o(m_valid), .m_axis_tready_i(m_ready), .m_axis_tdata_o(m_data),
    .m_axis_tkeep_o(m_keep), .m_axis_tlast_o(m_last), .m_axis_tuser_o(m_user),
    .rx_valid_o(rx_valid), .rx_ready_i(rx_ready), .rx_hdr_o(rx_hdr), .rx_data_o(rx_data),
    .rx_strb_o(rx_strb), .rx_sop_o(rx_sop), .rx_eop_o(rx_eop),
    .tx_cpl_valid_i(cpl_valid), .tx_cpl_ready_o(cpl_ready), .tx_cpl_hdr_i(cpl_hdr),
    .tx_cpl_data_i(cpl_data), .tx_cpl_strb_i(cpl_strb), .tx_cpl_sop_i(cpl_sop),
    .tx_cpl_eop_i(cpl_eop), .tx_cpl_err_i(cpl_err),
    .tx_msg_valid_i(msg_valid), .tx_msg_ready_o(msg_ready), .tx_msg_hdr_i(msg_hdr),
    .tx_msg_data_i(msg_data), .tx_msg_strb_i(msg_strb), .tx_msg_sop_i(msg_sop),
    .tx_msg_eop_i(msg_eop),
    .err_short_o(err_short)
  );

  logic                 awvalid, wvalid, wlast, bvalid = 1'b0, arvalid, rvalid = 1'b0, rready;
  logic [63:0]          awaddr, araddr;
  logic [7:0]           awlen, arlen;
  logic [DataWidth-1:0] wdata, rdata = '0;
  logic [Bytes-1:0]     wstrb;
  logic                 ntf_valid = 1'b0, ntf_ready;
  logic                 awready = 1'b0, wready = 1'b0, arready = 1'b0, rlast = 1'b0;

  ivshmem_endpoint #(
    .DataWidth  (DataWidth),
    .Vectors    (2),
    .MemoryBytes(4096)
  ) u_endpoint (
    .clk_i(clk), .rst_ni(rst_n), .iv_position_i(16'd3),
    .rx_valid_i(rx_valid), .rx_ready_o(rx_ready), .rx_hdr_i(rx_hdr), .rx_data_i(rx_data),
    .rx_strb_i(rx_strb), .rx_sop_i(rx_sop), .rx_eop_i(rx_eop), .rx_done_o(),
    .tx_cpl_valid_o(cpl_valid), .tx_cpl_ready_i(cpl_ready), .tx_cpl_hdr_o(cpl_hdr),
    .tx_cpl_data_o(cpl_data), .tx_cpl_strb_o(cpl_strb), .tx_cpl_sop_o(cpl_sop),
    .tx_cpl_eop_o(cpl_eop), .tx_cpl_err_o(cpl_err),
    .tx_msg_valid_o(msg_valid), .tx_msg_ready_i(msg_ready), .tx_msg_hdr_o(msg_hdr),
    .tx_msg_data_o(msg_data), .tx_msg_strb_o(msg_strb), .tx_msg_sop_o(msg_sop),
    .tx_msg_eop_o(msg_eop),
    .m_axi_awvalid_o(awvalid), .m_axi_awready_i(awready), .m_axi_awaddr_o(awaddr),
    .m_axi_awlen_o(awlen), .m_axi_awsize_o(), .m_axi_awburst_o(),
    .m_axi_wvalid_o(wvalid), .m_axi_wready_i(wready), .m_axi_wdata_o(wdata),
    .m_axi_wstrb_o(wstrb), .m_axi_wlast_o(wlast),
    .m_axi_bvalid_i(bvalid), .m_axi_bready_o(), .m_axi_bresp_i(2'b00),
    .m_axi_arvalid_o(arvalid), .m_axi_arready_i(arready), .m_axi_araddr_o(araddr),
    .m_axi_arlen_o(arlen), .m_axi_arsize_o(), .m_axi_arburst_o(),
    .m_axi_rvalid_i(rvalid), .m_axi_rready_o(rready), .m_axi_rdata_i(rdata),
    .m_axi_rresp_i(2'b00), .m_axi_rlast_i(rlast),
    .db_valid_o(), .db_ready_i(1'b1), .db_peer_o(), .db_value_o(), .db_word_o(),
    .ntf_valid_i(ntf_valid), .ntf_ready_o(ntf_ready), .ntf_vector_i(11'd1),
    .frst_valid_i(1'b0), .frst_ready_o(),
    .evt_valid_o(), .evt_kind_o(), .evt_vector_o(),
    .err_ur_o(), .err_malformed_o(), .err_poisoned_o(), .err_memory_o(), .busy_o()
  );

  // ---- memory: one burst at a time

  logic [7:0]   memory [4096];
  logic         writing = 1'b0, reading = 1'b0;
  logic [63:0]  write_at, read_at;
  logic [7:0]   read_left;
  always @(posedge clk) begin
    awready <= 1'b0;
    arready <= 1'b0;
    wready  <= 1'b0;
    bvalid  <= 1'b0;
    if (!writing && awvalid && !awready && !bvalid) begin
      awready  <= 1'b1;
      writing  <= 1'b1;
      write_at <= awaddr;
    end
    if (writing && wvalid && !wready) begin
      wready <= chance(50);
    end
    if (wvalid && wready) begin
      for (int i = 0; i < Bytes; i++) begin
        if (wstrb[i]) begin
          memory[write_at + i] <= wdata[8*i+:8];
        end
      end
      write_at <= write_at + Bytes;
      writing  <= !wlast;
      bvalid   <= wlast;
    end
    if (!reading && arvalid && !arready) begin
      arready   <= 1'b1;
      reading   <= 1'b1;
      read_at   <= araddr;
      read_left <= arlen;
    end
    if (reading && !rvalid && chance(70)) begin
      rvalid <= 1'b1;
      rlast  <= read_left == 8'd0;
      for (int i = 0; i < Bytes; i++) begin
        rdata[8*i+:8] <= memory[read_at + i];
      end
    end
    if (rvalid && rready) begin
      rvalid    <= 1'b0;
      reading   <= !rlast;
      read_at   <= read_at + Bytes;
      read_left <= read_left - 8'd1;
    end
  end

  // ---- streams

  logic [31:0] packet [Most];     // to be sent
  task automatic send(input integer count);
    integer at;
    at = 0;
    while (at < count) begin
      while (chance(30)) begin
        @(posedge clk);
      end
      s_valid <= 1'b1;
      s_last  <= at + Lanes >= count;
      for (int i = 0; i < Lanes; i++) begin
        s_data[32*i+:32] <= at + i < count ? packet[at + i] : $random(seed);
        s_keep[4*i+:4]   <= at + i < count ? 4'hf : 4'h0;
      end
      @(posedge clk);
      while (!s_ready) begin
        @(posedge clk);
      end
      s_valid <= 1'b0;
      at = at + Lanes;
    end
  endtask

  logic [31:0] answer [Most];     // the last completion
  integer      answers = 0;       // completions so far
  logic [31:0] message [Most];    // the last message
  integer      messages = 0;
  logic [31:0] taken [Most];
  integer      taken_count = 0;
  integer      shorts = 0;
  integer      ready_every = 0;   // cycles; 0: at random, -1: never
  integer      phase = 0;
  integer      messages_before;   // at the last completion
  always @(posedge clk) begin
    phase   <= phase + 1;
    m_ready <= ready_every == 0 ? chance(60) : ready_every > 0 && phase % ready_every == 0;
    shorts  = shorts + (err_short === 1'b1);
    if (rst_n && m_valid && m_ready) begin
      for (int i = 0; i < Lanes; i++) begin
        if (m_keep[4*i]) begin
          taken[taken_count] = m_data[32*i+:32];
          taken_count = taken_count + 1;
        end
      end
      if (!m_last && !(&m_keep)) begin
        check(1, 0, "a beat before the last is not full");
      end
      if (m_last) begin
        // As many dwords as the header says.
        check(taken_count, 3 + taken[0][29] + (taken[0][30] ? taken[0][9:0] : 0), "packet length");
        check(m_user, 0, "nullified");
        for (int i = 0; i < Most; i++) begin
          if (taken[0][28:24] == 5'b01010) begin
            answer[i] = taken[i];
          end else begin
            message[i] = taken[i];
          end
        end
        if (taken[0][28:24] == 5'b01010) begin
          answers = answers + 1;
          messages_before = messages;
        end else begin
          messages = messages + 1;
        end
        taken_count = 0;
      end
    end
  end

  // A payload dword as it is on the stream.
  function automatic logic [31:0] on_stream(input logic [31:0] value);
    on_stream = PayloadBigEndian ? {value[7:0], value[15:8], value[23:16], value[31:24]} : value;
  endfunction

  task automatic await_answer(input integer count);
    integer patience;
    patience = 0;
    while (answers < count && patience < 2000) begin
      @(posedge clk);
      patience = patience + 1;
    end
    check(answers, count, "completions");
  endtask

  task automatic config_write(input logic [9:0] register, input logic [31:0] value);
    packet[0] = 32'h44000001;
    packet[1] = 32'h0000010f;
    packet[2] = {16'h0100, 4'd0, register, 2'd0};
    packet[3] = on_stream(value);
    send(4);
    await_answer(answers + 1);
    check(answer[0] & 32'hff0003ff, 32'h0a000000, "completion of a configuration write");
  endtask

  task automatic config_read(input logic [9:0] register, input logic [31:0] wanted);
    packet[0] = 32'h04000001;
    packet[1] = 32'h0000020f;
    packet[2] = {16'h0100, 4'd0, register, 2'd0};
    send(3);
    await_answer(answers + 1);
    check(answer[0], 32'h4a000001, "completion of a configuration read");
    check(answer[2], 32'h00000200, "requester and tag");
    check(on_stream(answer[3]), wanted, "configuration register");
  endtask

  // Memory write of values seed * first + i; a 64-bit address is one of BAR2.
  task automatic memory_write(input logic [63:0] address, input integer count,
                              input logic [31:0] first);
    integer header;
    header = address[63:32] != 0 ? 4 : 3;
    packet[0] = (header == 4 ? 32'h60000000 : 32'h40000000) | count;
    packet[1] = count == 1 ? 32'h0000030f : 32'h000003ff;
    packet[2] = header == 4 ? address[63:32] : address[31:0];
    packet[3] = address[31:0];
    for (int i = 0; i < count; i++) begin
      packet[header + i] = on_stream(first + i);
    end
    send(header + count);
  endtask

  task automatic memory_read(input logic [63:0] address, input integer count,
                             input logic [31:0] first);
    integer header;
    header = address[63:32] != 0 ? 4 : 3;
    packet[0] = (header == 4 ? 32'h20000000 : 32'h00000000) | count;
    packet[1] = count == 1 ? 32'h0000040f : 32'h000004ff;
    packet[2] = header == 4 ? address[63:32] : address[31:0];
    packet[3] = address[31:0];
    send(header);
    await_answer(answers + 1);
    check(answer[0], 32'h4a000000 | count, "completion of a memory read");
    check(answer[1], 32'h01000000 | 4 * count, "status and byte count");
    for (int i = 0; i < count; i++) begin
      check(on_stream(answer[3 + i]), first + i, "memory");
    end
  endtask

  task automatic notify(input integer count);
    for (int i = 0; i < count; i++) begin
      ntf_valid <= 1'b1;
      @(posedge clk);
      while (!ntf_ready) begin
        @(posedge clk);
      end
    end
    ntf_valid <= 1'b0;
  endtask

  // The completion of a read comes behind the messages that were there before it [PCIe 2.4.1].
  task automatic read_behind_messages(input integer count, input integer every, input bit stalls);
    integer rung, awaited;
    rung    = messages + count;
    awaited = answers + 1;
    ready_every = stalls ? -1 : every;
    notify(count);
    memory_write(Bar1 + 28, 1, 32'h00000001);
    {packet[0], packet[1], packet[2]} = {32'h00000001, 32'h0000040f, 32'(Bar1) + 32'd28};
    send(3);
    repeat (40) @(posedge clk);
    ready_every = every;
    await_answer(awaited);
    check(messages_before, rung, "messages before the completion");
    check(on_stream(answer[3]), 32'h00000001, "mask read back");
    memory_write(Bar1 + 28, 1, 32'h00000000);
    repeat (100) @(posedge clk);
    ready_every = 0;
  endtask

  localparam logic [63:0] Bar1 = 64'hfe00_1000;
  localparam logic [63:0] Bar2 = 64'h4_0000_0000;
  integer earlier;
  initial begin
    if ($value$plusargs("seed=%d", seed)) begin end
    repeat (4) @(posedge clk);
    rst_n <= 1'b1;
    repeat (4) @(posedge clk);

    config_read(10'h000, 32'h11101af4);
    config_write(10'h004, 32'hfe000000);
    config_write(10'h005, Bar1[31:0]);
    config_write(10'h006, Bar2[31:0]);
    config_write(10'h007, Bar2[63:32]);
    config_write(10'h001, 32'h00000006);
    config_write(10'h010, 32'h80000000);
    config_read(10'h007, Bar2[63:32]);

    // Every length and start, with 4-dword headers.
    for (int count = 1; count <= 24; count++) begin
      memory_write(Bar2 + 4 * (count % 7), count, 32'h03020100 + 32'h01000000 * count);
      memory_read(Bar2 + 4 * (count % 7), count, 32'h03020100 + 32'h01000000 * count);
      check({memory[4*(count%7)+3], memory[4*(count%7)+2], memory[4*(count%7)+1],
             memory[4*(count%7)]}, 32'h03020100 + 32'h01000000 * count, "bytes in memory");
    end
    // 3-dword headers: the entry of vector 1.
    memory_write(Bar1 + 16, 1, 32'hfee00000);
    memory_write(Bar1 + 20, 1, 32'h00000000);
    memory_write(Bar1 + 24, 1, 32'h00004021);
    memory_write(Bar1 + 28, 1, 32'h00000000);
    memory_read(Bar1 + 24, 1, 32'h00004021);

    // A packet that ends within its header is dropped; the next one is served.
    earlier = answers;
    packet[0] = 32'h04000001;
    send(1);
    packet[0] = 32'h04000001;
    send(2);
    config_read(10'h00b, 32'h11001af4);
    check(answers, earlier + 1, "answers around short packets");
    check(shorts, 2, "short packets");

    // Notifications, while reads are answered on the same stream.
    earlier = messages;
    fork
      for (int i = 0; i < 20; i++) begin
        ntf_valid <= 1'b1;
        @(posedge clk);
        while (!ntf_ready) begin
          @(posedge clk);
        end
        ntf_valid <= 1'b0;
        repeat (5) @(posedge clk);
      end
      for (int i = 0; i < 20; i++) begin
        memory_read(Bar2 + 4 * (24 % 7), 1 + i, 32'h03020100 + 32'h01000000 * 24);
      end
    join
    repeat (100) @(posedge clk);
    check(messages, earlier + 20, "messages");
    check(message[0], 32'h40000001, "message header");
    check(message[1], 32'h0100000f, "message requester and bytes");
    check(message[2], 32'hfee00000, "message address");
    check(on_stream(message[3]), 32'h00004021, "message data");

    for (int every = 0; every <= 8; every++) begin
      read_behind_messages(8, every, 1'b1);
      read_behind_messages(16, every, 1'b0);
    end

    if (errors == 0) begin
      $display("passed");
    end
    $finish;
  end
endmodule
