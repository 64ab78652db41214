// SPDX-License-Identifier: Apache-2.0
//
// Proof of ivshmem_fifo, read inside the module: an arbitrary element comes out once, unchanged and
// in its turn; what is offered stays until it is taken.
`include "reset.svh"
`IVSHMEM_ASSUME(PushHasRoom, !push_i || room_o)
`IVSHMEM_ASSUME(PopHasElement, !pop_i || valid_o)

(* anyseq *) logic pick;       // the element that is watched is the one pushed in this cycle
logic                watch_q;  // it is inside
logic [Width-1:0]    watched_q;
logic [PtrWidth:0]   ahead_q;  // elements that come out before it
logic [PtrWidth-1:0] place;
assign place = rd_q + ahead_q[PtrWidth-1:0];
always_ff @(posedge clk_i or negedge rst_ni) begin
  if (!rst_ni) begin
    watch_q   <= 1'b0;
    watched_q <= '0;
    ahead_q   <= '0;
  end else if (!watch_q) begin
    watch_q   <= push_i && pick;
    watched_q <= data_i;
    ahead_q   <= count_q - {{PtrWidth{1'b0}}, pop_i};
  end else if (pop_i) begin
    watch_q <= ahead_q != '0;
    ahead_q <= ahead_q - 1'b1;
  end
end

`IVSHMEM_ASSERT(ElementComesOutInTurn, !(watch_q && ahead_q == '0) || (valid_o && data_o == watched_q))
`IVSHMEM_ASSERT(ElementStaysInside, !watch_q || (ahead_q < count_q && mem[place] == watched_q))
`IVSHMEM_STABLE(OfferStays, valid_o, pop_i, data_o)
