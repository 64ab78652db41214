// SPDX-License-Identifier: Apache-2.0
//
// What a function reset leaves of completions that were under way: nothing. It clears the completer,
// drops the beats of reads that the memory still owes, and ends a packet that has begun at the port
// with a beat that voids it. A beat that is offered may vanish then, and only then.
`include "ivshmem_assert.svh"

module ivshmem_flush #(
  parameter int DataWidth = 64
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    enable_i,        // static
  input  logic                    reset_i,         // function reset: nothing is in execution
  output logic                    completer_rst_no,
  output logic                    busy_o,

  // Reads: asked for, what the memory gives, and what of it the completer gets.
  input  logic                    read_i,
  input  logic                    rvalid_i,
  output logic                    rready_o,
  input  logic                    rlast_i,
  output logic                    rvalid_o,
  input  logic                    rready_i,

  // From the completer to the port.
  input  logic                    cpl_valid_i,
  output logic                    cpl_ready_o,
  input  logic [DataWidth/32-1:0] cpl_strb_i,
  input  logic                    cpl_sop_i,
  input  logic                    cpl_eop_i,
  input  logic                    cpl_err_i,
  output logic                    tx_valid_o,
  input  logic                    tx_ready_i,
  output logic [DataWidth/32-1:0] tx_strb_o,
  output logic                    tx_sop_o,
  output logic                    tx_eop_o,
  output logic                    tx_err_o
);
  `IVSHMEM_CHECKED
  localparam int Slots = ivshmem_timing_pkg::CompletionQueue;
  localparam int CountBits = $clog2(Slots) + 1;

  logic                 flush_q;   // the cycle after the reset: the completer is cleared
  logic [CountBits-1:0] reads_q;   // bursts that the memory owes
  logic [CountBits-1:0] stale_q;   // of them from before the last reset: the first ones
  logic [CountBits-1:0] reads;     // after this cycle
  logic                 ends;      // a burst does
  logic                 open_q;    // a packet has begun at the port
  logic                 open;
  logic                 close_q;   // it ends with a beat that voids it
  logic                 take;
  assign completer_rst_no = rst_ni && !flush_q;
  assign busy_o   = reads_q != '0 || close_q;
  assign rvalid_o = rvalid_i && stale_q == '0;
  assign rready_o = rready_i || stale_q != '0;
  assign ends     = rvalid_i && rready_o && rlast_i;
  assign reads    = reads_q + {{(CountBits-1){1'b0}}, read_i} - {{(CountBits-1){1'b0}}, ends};

  assign tx_valid_o  = cpl_valid_i || close_q;
  assign tx_strb_o   = close_q ? '0 : cpl_strb_i;
  assign tx_sop_o    = cpl_sop_i && !close_q;
  assign tx_eop_o    = cpl_eop_i || close_q;
  assign tx_err_o    = cpl_err_i || close_q;
  assign cpl_ready_o = tx_ready_i && !close_q;
  assign take        = tx_valid_o && tx_ready_i;
  assign open        = take ? !tx_eop_o : open_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      flush_q <= 1'b0;
      reads_q <= '0;
      stale_q <= '0;
      open_q  <= 1'b0;
      close_q <= 1'b0;
    end else begin
      flush_q <= reset_i && enable_i;
      reads_q <= reads;
      open_q  <= open;
      if (reset_i && enable_i) begin
        stale_q <= reads;
      end else if (ends && stale_q != '0) begin
        stale_q <= stale_q - 1'b1;
      end
      close_q <= (close_q || (reset_i && enable_i)) && open;
    end
  end

  `IVSHMEM_ASSERT(StaleWithinReads, stale_q <= reads_q)
  `IVSHMEM_ASSERT(ReadsNeverNegative, !ends || reads_q != '0)
  `IVSHMEM_ASSERT(ClosesWhatIsOpen, !close_q || open_q)

  `IVSHMEM_COVER(FlushDropsReads, stale_q != '0 && rvalid_i)
  `IVSHMEM_COVER(FlushClosesPacket, close_q && take)
`ifdef IVSHMEM_PROOF_FLUSH
  `include "flush.svh"
`endif
endmodule
