// SPDX-License-Identifier: Apache-2.0
//
// One of each kind of assertion in ivshmem_assert.svh; assert_check drives it.
`include "ivshmem_assert.svh"

module assert_tb (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       holds_i,
  input logic       valid_i,
  input logic       ready_i,
  input logic [7:0] payload_i
);
  `IVSHMEM_CHECKED

  // What follows from an input: an assertion sees it as it is at the edge.
  logic holds;
  assign holds = holds_i ^ 1'b0;

  `IVSHMEM_ASSERT(Holds, holds)
  `IVSHMEM_STABLE(Stays, valid_i, ready_i, {payload_i, 1'b0})
endmodule
