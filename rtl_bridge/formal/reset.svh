// SPDX-License-Identifier: Apache-2.0
//
// Every run begins in reset; later it may come and go at any time.
logic began_q = 1'b0;
always @(posedge clk_i) begin
  began_q <= 1'b1;
end
always @* assume (began_q || !rst_ni);
