// SPDX-License-Identifier: Apache-2.0
//
// First-in first-out buffer. What is pushed in cycle n is offered from n + 1; room that a pop makes
// in cycle n is there from n + 1. So no output depends on an input of the same cycle.
`include "ivshmem_assert.svh"

module ivshmem_fifo #(
  parameter int Width = 8,
  parameter int Depth = 2  // a power of two, at least 2
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             push_i,
  input  logic [Width-1:0] data_i,
  output logic             room_o,
  input  logic             pop_i,
  output logic             valid_o,
  output logic [Width-1:0] data_o
);
  `IVSHMEM_CHECKED
  localparam int PtrWidth = $clog2(Depth);
  localparam logic [PtrWidth:0] One = 1;

  logic [Width-1:0]    mem [Depth];
  logic [PtrWidth-1:0] rd_q;
  logic [PtrWidth-1:0] wr_q;
  logic [PtrWidth:0]   count_q;
  logic                valid_q;  // there is one

  assign valid_o = valid_q;
  assign room_o  = !count_q[PtrWidth];

  always_ff @(posedge clk_i) begin
    if (push_i) begin
      mem[wr_q] <= data_i;
    end
  end

  // A deep one is read a cycle ahead, as block RAM is, by an address that no pop of this cycle moves;
  // what is pushed to the head goes past it.
  if (Depth >= 16) begin : gen_block_ram
    logic [PtrWidth-1:0] next;
    logic [Width-1:0]    head_q;
    logic [Width-1:0]    fresh_q;
    logic                is_fresh_q;
    logic                to_head;
    assign next    = rd_q + 1'b1;
    assign to_head = push_i && (!valid_q || (pop_i && count_q == One));
    assign data_o  = is_fresh_q ? fresh_q : head_q;
    always_ff @(posedge clk_i) begin
      if (pop_i) begin
        head_q <= mem[next];
      end
      if (to_head) begin
        fresh_q <= data_i;
      end
      if (to_head || pop_i) begin
        is_fresh_q <= to_head;
      end
    end
  end else begin : gen_registers
    assign data_o = mem[rd_q];
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      rd_q    <= '0;
      wr_q    <= '0;
      count_q <= '0;
      valid_q <= 1'b0;
    end else begin
      if (push_i) begin
        wr_q <= wr_q + 1'b1;
      end
      if (pop_i) begin
        rd_q <= rd_q + 1'b1;
      end
      valid_q <= push_i || (pop_i ? count_q > One : valid_q);
      if (push_i && !pop_i) begin
        count_q <= count_q + 1'b1;
      end else if (pop_i && !push_i) begin
        count_q <= count_q - 1'b1;
      end
    end
  end

  `IVSHMEM_ASSERT(NoOverflow, !push_i || room_o)
  `IVSHMEM_ASSERT(NoUnderflow, !pop_i || valid_o)
  `IVSHMEM_ASSERT(CountWithinDepth, {{(31-PtrWidth){1'b0}}, count_q} <= Depth)
  `IVSHMEM_ASSERT(ValidIsCounted, valid_q == (count_q != '0))
  `IVSHMEM_ASSERT(CountIsDistance, wr_q - rd_q == count_q[PtrWidth-1:0])
`ifdef FORMAL
  // Simulation would pay for it in every cycle.
  `IVSHMEM_ASSERT(OfferIsTheHead, !valid_o || data_o == mem[rd_q])
`endif

  `IVSHMEM_COVER(PopWhenFull, pop_i && !room_o)
  `IVSHMEM_COVER(PushWithPop, push_i && pop_i)
  `IVSHMEM_COVER(WrapsAround, push_i && (&wr_q))
`ifdef IVSHMEM_PROOF_FIFO
  `include "fifo.svh"
`endif
endmodule
