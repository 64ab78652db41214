// SPDX-License-Identifier: Apache-2.0
//
// A dword of BAR0 is written in runs of enabled bytes, cut at their alignment, lowest first
// [behaviour 2]: the value of one of them. Without state.

module ivshmem_piece (
  input  logic [31:0] word_i,
  input  logic [3:0]  be_i,
  input  logic        whole_i,   // all four bytes
  input  logic        second_i,  // the second run of two
  output logic [31:0] value_o
);
  logic low;  // there is one in the lower half
  assign low = !whole_i && be_i[1:0] != 2'd0;
  always_comb begin
    if (whole_i) begin
      value_o = word_i;
    end else if (low && !second_i) begin
      value_o = be_i[1:0] == 2'b11 ? {16'd0, word_i[15:0]}
              : be_i[0]            ? {24'd0, word_i[7:0]}
                                   : {24'd0, word_i[15:8]};
    end else begin
      value_o = be_i[3:2] == 2'b11 ? {16'd0, word_i[31:16]}
              : be_i[2]            ? {24'd0, word_i[23:16]}
                                   : {24'd0, word_i[31:24]};
    end
  end
endmodule
