// SPDX-License-Identifier: Apache-2.0
//
// Proof of ivshmem_memory. Assumed, proven in ivshmem_execute: steps have room, and first and last
// beats frame the bursts. Assumed of the memory, as AXI has it: a response to a write comes after
// its address and its last data.
`include "reset.svh"
`IVSHMEM_ASSUME(WriteHasRoom, !write_i || write_room_o)
`IVSHMEM_ASSUME(BurstHasRoom, !(write_i && write_first_i) || burst_room_o)
`IVSHMEM_ASSUME(ReadHasRoom, !read_i || read_room_o)
`IVSHMEM_ASSUME(FirstBeginsBurst, !write_i || write_first_i == !in_burst_q)

logic       in_burst_q;  // a burst has begun, its last beat is to come
logic [8:0] addressed_q; // bursts without response whose address was taken
logic [8:0] written_q;   // bursts without response whose last beat was taken
`IVSHMEM_ASSUME(ResponseAfterWrite, !bvalid_i || (addressed_q != 9'd0 && written_q != 9'd0))
always_ff @(posedge clk_i or negedge rst_ni) begin
  if (!rst_ni) begin
    in_burst_q  <= 1'b0;
    addressed_q <= '0;
    written_q   <= '0;
  end else begin
    if (write_i) begin
      in_burst_q <= !write_last_i;
    end
    addressed_q <= addressed_q + {8'd0, awvalid_o && awready_i} - {8'd0, bvalid_i};
    written_q   <= written_q + {8'd0, wvalid_o && wready_i && wlast_o} - {8'd0, bvalid_i};
  end
end

// Connected to u_aw.count_q, u_w.count_q, u_w.rd_q, and the entries of u_w.mem.
(* keep *) logic [1:0]             addresses;
(* keep *) logic [1:0]             beats;
(* keep *) logic                   beat_rd;
(* keep *) logic [DataWidth+Bytes:0] beat_0, beat_1;
logic [1:0] lasts;  // last beats that stand in the queue
assign lasts = {1'b0, (beats[1] || (beats[0] && !beat_rd)) && beat_0[0]} +
               {1'b0, (beats[1] || (beats[0] && beat_rd)) && beat_1[0]};

`IVSHMEM_ASSERT(EveryAddressIsOutstanding, {1'b0, outstanding_q} == addressed_q + {7'd0, addresses})
`IVSHMEM_ASSERT(EveryBurstIsOutstanding,
                {1'b0, outstanding_q} == written_q + {7'd0, lasts} + {8'd0, in_burst_q})
`IVSHMEM_ASSERT(BurstIsOpenUntilItsLast, beats == 2'd0 || in_burst_q ==
                !((beat_rd ^ !beats[0]) ? beat_1[0] : beat_0[0]))
`IVSHMEM_ASSERT(OutstandingWithinCount, addressed_q <= MaxOutstanding && written_q <= MaxOutstanding)
