// SPDX-License-Identifier: Apache-2.0
//
// The lowest of 64 bits that is set, and whether there are more: by groups of 8, each of which knows
// its own lowest, beside the search for the first group. Without state.

module ivshmem_lowest (
  input  logic [63:0] ready_i,
  output logic        any_o,
  output logic        more_o,
  output logic [5:0]  first_o,
  output logic [63:0] bit_o   // it alone
);
  function automatic logic [2:0] lowest(input logic [7:0] bits);
    lowest = 3'd0;
    for (int i = 7; i >= 0; i--) begin
      if (bits[i]) begin
        lowest = i[2:0];
      end
    end
  endfunction

  logic [7:0] groups;
  logic [7:0] first_group;  // one of them
  logic [7:0] several;      // groups with more than one
  logic [2:0] lowest_in;    // of the first group
  assign any_o       = groups != 8'd0;
  assign first_group = groups & (~groups + 8'd1);
  assign first_o     = {lowest(groups), lowest_in};
  assign more_o      = groups != first_group || (several & first_group) != 8'd0;
  always_comb begin
    for (int i = 0; i < 8; i++) begin
      groups[i]  = |ready_i[8*i+:8];
      several[i] = (ready_i[8*i+:8] & (ready_i[8*i+:8] - 8'd1)) != 8'd0;
    end
  end
  always_comb begin
    lowest_in = 3'd0;
    for (int i = 0; i < 8; i++) begin
      if (first_group[i]) begin
        lowest_in = lowest_in | lowest(ready_i[8*i+:8]);
      end
      bit_o[8*i+:8] = first_group[i] ? ready_i[8*i+:8] & (~ready_i[8*i+:8] + 8'd1) : 8'd0;
    end
  end
endmodule
