// SPDX-License-Identifier: Apache-2.0
//
// Drives assert_tb in Icarus. +broken=holds, stays: breaks that assertion; reset: both, in reset.
`timescale 1ns / 1ns

module assert_icarus_tb;
  logic       clk = 1'b0, rst_n = 1'b0, holds = 1'b1, valid = 1'b0, ready = 1'b0;
  logic [7:0] payload = 8'd0;
  always #5 clk = !clk;

  assert_tb u_tb (
    .clk_i(clk), .rst_ni(rst_n), .holds_i(holds), .valid_i(valid), .ready_i(ready),
    .payload_i(payload)
  );

  reg [8*8-1:0] broken;
  initial begin
    if (!$value$plusargs("broken=%s", broken)) begin
      broken = "none";
    end
    holds = broken != "reset";
    valid = broken == "reset";
    repeat (4) @(posedge clk) payload <= payload + (broken == "reset");
    holds <= 1'b1;
    valid <= 1'b0;
    @(posedge clk) rst_n <= 1'b1;
    repeat (4) @(posedge clk);
    holds   <= broken != "holds";
    valid   <= 1'b1;
    payload <= 8'd1;
    repeat (3) @(posedge clk);
    payload <= broken == "stays" ? 8'd2 : 8'd1;
    @(posedge clk) ready <= 1'b1;
    @(posedge clk) payload <= 8'd3;
    repeat (2) @(posedge clk);
    $display("passed");
    $finish;
  end
endmodule
