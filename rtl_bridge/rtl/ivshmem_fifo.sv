// SPDX-License-Identifier: Apache-2.0
//
// First-in first-out buffer. What is pushed in cycle n is offered from n + 1; room that a pop makes
// in cycle n is there from n + 1. So no output depends on an input of the same cycle.
`include "ivshmem_assert.svh"

module ivshmem_fifo #(
  parameter int Width = 8,
  parameter int Depth = 2,  // a power of two, at least 2
  parameter bit Early = 0   // deep: the head stands in a register, behind no multiplexer
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

  // A deep one is read ahead, as block RAM is, by an address that no pop of this cycle moves; what is
  // pushed to a place that has been read already goes past the memory, into a register beside it.
  // The elements at the head so stand in one to three stages, which move with each pop.
  if (Depth >= 16) begin : gen_block_ram
    localparam int Stages = !Early ? 1 : Depth < 64 ? 2 : 3;
    localparam int NearlyFew = Stages + 2;
    logic [PtrWidth-1:0] ahead_q;  // behind the element of the last stage
    logic [Stages+1:0]   few_q;    // bit i: there are i or less
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        ahead_q <= Stages[PtrWidth-1:0];
        few_q   <= '1;
      end else begin
        if (pop_i) begin
          ahead_q <= ahead_q + 1'b1;
        end
        if (push_i && !pop_i) begin
          few_q <= {few_q[Stages:0], 1'b0};
        end else if (pop_i && !push_i) begin
          few_q <= {count_q <= NearlyFew[PtrWidth:0], few_q[Stages+1:1]};
        end
      end
    end

    logic [Width-1:0] read_q;      // the last stage: from the memory, or from beside it
    logic [Width-1:0] fresh_q;
    logic             is_fresh_q;
    always_ff @(posedge clk_i) begin
      if (pop_i || few_q[Stages-1]) begin
        read_q     <= mem[ahead_q];
        fresh_q    <= data_i;
        is_fresh_q <= few_q[Stages];
      end
    end

    if (Stages == 1) begin : gen_late
      assign data_o = is_fresh_q ? fresh_q : read_q;
    end else begin : gen_early
      logic [Width-1:0] second;
      logic [Width-1:0] head_q;
      assign data_o = head_q;
      always_ff @(posedge clk_i) begin
        if (pop_i || few_q[0]) begin
          head_q <= few_q[1] ? data_i : second;
        end
      end
      if (Stages == 2) begin : gen_two
        assign second = is_fresh_q ? fresh_q : read_q;
      end else begin : gen_three
        // Block RAM is slow: nothing but a register behind it.
        logic [Width-1:0] second_read_q;
        logic [Width-1:0] second_fresh_q;
        logic             second_is_fresh_q;
        assign second = second_is_fresh_q ? second_fresh_q : second_read_q;
        always_ff @(posedge clk_i) begin
          if (pop_i || few_q[1]) begin
            second_read_q     <= read_q;
            second_fresh_q    <= few_q[2] ? data_i : fresh_q;
            second_is_fresh_q <= few_q[2] || is_fresh_q;
          end
        end
`ifdef FORMAL
        `IVSHMEM_ASSERT(ThirdIsRead, few_q[2] || (is_fresh_q ? fresh_q : read_q) == mem[rd_q + 2'd2])
`endif
      end
`ifdef FORMAL
      `IVSHMEM_ASSERT(SecondIsRead, few_q[1] || second == mem[rd_q + 1'b1])
`endif
    end
`ifdef FORMAL
    `IVSHMEM_ASSERT(AheadIsBehindTheStages, ahead_q == rd_q + Stages[PtrWidth-1:0])
    logic [Stages+1:0] few;
    for (genvar i = 0; i < Stages + 2; i++) begin : gen_few
      assign few[i] = {{(31-PtrWidth){1'b0}}, count_q} <= i;
    end
    `IVSHMEM_ASSERT(FewIsCounted, few_q == few)
`endif
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
