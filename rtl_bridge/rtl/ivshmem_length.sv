// SPDX-License-Identifier: Apache-2.0
//
// Measures packets as they come in: each beat must have the strobes and the end that Length gives
// it. From the first beat that has not, all of the packet's beats are wrong. Strobes of a beat that
// should have no payload say nothing.
`include "ivshmem_assert.svh"

module ivshmem_length #(
  parameter int DataWidth = 64
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    push_i,         // a beat comes in
  input  logic                    sop_i,
  input  logic                    eop_i,
  input  logic                    has_payload_i,  // with sop: of the header
  input  logic [9:0]              length_i,       // likewise; 0: 1024
  input  logic [DataWidth/32-1:0] strb_i,
  output logic                    wrong_o,        // this beat, or one before it in its packet
  output logic                    verdict_o       // with it all is known: the first wrong, or the end
);
  `IVSHMEM_CHECKED
  localparam int Lanes = DataWidth / 32;

  logic [10:0]      left_q;    // dwords that Length says are to come
  logic             wrong_q;   // the packet has had a wrong beat
  logic [10:0]      left;
  logic [Lanes-1:0] strb;      // as this beat should have them
  logic             earlier;
  always_comb begin
    left = left_q;
    if (sop_i) begin
      left = has_payload_i ? {length_i == 10'd0, length_i} : 11'd0;
    end
    for (int i = 0; i < Lanes; i++) begin
      strb[i] = i[10:0] < left;
    end
  end
  assign earlier   = wrong_q && !sop_i;
  assign wrong_o   = earlier || (left != 11'd0 && strb_i != strb) || eop_i != (left <= Lanes[10:0]);
  assign verdict_o = !earlier && (wrong_o || eop_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      left_q  <= '0;
      wrong_q <= 1'b0;
    end else if (push_i) begin
      left_q  <= left > Lanes[10:0] ? left - Lanes[10:0] : 11'd0;
      wrong_q <= wrong_o;
    end
  end

  `IVSHMEM_COVER(WrongStrobes, push_i && wrong_o && !earlier && eop_i == (left <= Lanes[10:0]))
  `IVSHMEM_COVER(EndsTooEarly, push_i && !earlier && eop_i && left > Lanes[10:0])
  `IVSHMEM_COVER(EndsTooLate, push_i && !earlier && !eop_i && left <= Lanes[10:0])
`ifdef IVSHMEM_PROOF_LENGTH
  `include "length.svh"
`endif
endmodule
