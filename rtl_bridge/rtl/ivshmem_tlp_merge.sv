// SPDX-License-Identifier: Apache-2.0
//
// Completions and messages of ivshmem_endpoint on one stream of TLPs, in an order that PCI Express
// allows: a completion never passes a message that was there before it [PCIe 2.4.1].
//
// Between packets messages go first. A completion that is offered waits for MessageQueue of them at
// most: no more are under way in the device, so those that were there before it are gone then, and
// a stream of notifications does not hold it up for ever.
`include "ivshmem_assert.svh"

module ivshmem_tlp_merge #(
  parameter int DataWidth = 64    // 64, 128 or 256
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,

  // ivshmem_endpoint: the ports of the same names, seen from the other side.
  input  logic                    tx_cpl_valid_i,
  output logic                    tx_cpl_ready_o,
  input  logic [127:0]            tx_cpl_hdr_i,
  input  logic [DataWidth-1:0]    tx_cpl_data_i,
  input  logic [DataWidth/32-1:0] tx_cpl_strb_i,
  input  logic                    tx_cpl_sop_i,
  input  logic                    tx_cpl_eop_i,
  input  logic                    tx_cpl_err_i,

  input  logic                    tx_msg_valid_i,
  output logic                    tx_msg_ready_o,
  input  logic [127:0]            tx_msg_hdr_i,
  input  logic [DataWidth-1:0]    tx_msg_data_i,
  input  logic [DataWidth/32-1:0] tx_msg_strb_i,
  input  logic                    tx_msg_sop_i,
  input  logic                    tx_msg_eop_i,

  output logic                    tx_valid_o,
  input  logic                    tx_ready_i,
  output logic [127:0]            tx_hdr_o,
  output logic [DataWidth-1:0]    tx_data_o,
  output logic [DataWidth/32-1:0] tx_strb_o,
  output logic                    tx_sop_o,
  output logic                    tx_eop_o,
  output logic                    tx_err_o    // with eop: nullify the TLP
);
  `IVSHMEM_CHECKED
  localparam int Queue = ivshmem_timing_pkg::MessageQueue;
  localparam int CountBits = $clog2(Queue) + 1;

  `IVSHMEM_REQUIRE(gen_width, DataWidth == 64 || DataWidth == 128 || DataWidth == 256,
    (1, "ivshmem_tlp_merge: DataWidth = %0d: must be 64, 128 or 256", DataWidth))

  logic                 inside_q;  // of a packet: its end is to come
  logic                 held_q;    // a beat is offered and was not taken
  logic                 choice_q;  // of the cycle before
  logic                 choice;    // 0: completions, 1: messages
  logic                 take;
  logic [CountBits-1:0] passed_q;  // messages that went while the completion waited
  assign choice = (held_q || inside_q) ? choice_q
                : tx_msg_valid_i && !(tx_cpl_valid_i && passed_q == Queue[CountBits-1:0]);
  assign take   = tx_valid_o && tx_ready_i;

  assign tx_valid_o     = choice ? tx_msg_valid_i : tx_cpl_valid_i;
  assign tx_hdr_o       = choice ? tx_msg_hdr_i : tx_cpl_hdr_i;
  assign tx_data_o      = choice ? tx_msg_data_i : tx_cpl_data_i;
  assign tx_strb_o      = choice ? tx_msg_strb_i : tx_cpl_strb_i;
  assign tx_sop_o       = choice ? tx_msg_sop_i : tx_cpl_sop_i;
  assign tx_eop_o       = choice ? tx_msg_eop_i : tx_cpl_eop_i;
  assign tx_err_o       = !choice && tx_cpl_err_i;
  assign tx_cpl_ready_o = tx_ready_i && !choice;
  assign tx_msg_ready_o = tx_ready_i && choice;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      inside_q <= 1'b0;
      held_q   <= 1'b0;
      choice_q <= 1'b0;
      passed_q <= '0;
    end else begin
      held_q   <= tx_valid_o && !tx_ready_i;
      choice_q <= choice;
      if (take) begin
        inside_q <= !tx_eop_o;
      end
      if (!tx_cpl_valid_i || (take && !choice)) begin
        passed_q <= '0;
      end else if (take) begin
        passed_q <= passed_q + 1'b1;
      end
    end
  end

  // A message has one beat, so that only completions are open.
  `IVSHMEM_ASSUME(CompletionsAreFramed, !tx_cpl_valid_i || tx_cpl_sop_i == !inside_q)
  `IVSHMEM_ASSERT(OneSourceAtATime, !inside_q || choice == choice_q)
  `IVSHMEM_ASSERT(TakenIsSent, take == ((tx_cpl_valid_i && tx_cpl_ready_o) ||
                                        (tx_msg_valid_i && tx_msg_ready_o)) &&
                  !(tx_cpl_ready_o && tx_msg_ready_o))
  `IVSHMEM_ASSERT(WaitsForTheQueueAtMost, passed_q <= Queue[CountBits-1:0] &&
                  !(passed_q == Queue[CountBits-1:0] && tx_cpl_valid_i && !held_q && !inside_q &&
                    choice))
  `IVSHMEM_STABLE(MergedStays, tx_valid_o, tx_ready_i,
                  {tx_hdr_o, tx_data_o, tx_strb_o, tx_sop_o, tx_eop_o, tx_err_o})
`ifdef IVSHMEM_PROOF_MERGE
  `include "tlp_merge.svh"
`endif
endmodule
