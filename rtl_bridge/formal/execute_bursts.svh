// SPDX-License-Identifier: Apache-2.0
//
// Bursts: a first beat begins one, it has as many beats as its length says, and both it and a
// read lie within the memory and within a multiple of 1 KiB.
logic       burst_q;  // begun, beats are to come
logic [8:0] to_come_q;
logic [8:0] to_come;
assign to_come = mem_first_o ? {1'b0, mem_len_o} : to_come_q - 9'd1;
always_ff @(posedge clk_i or negedge rst_ni) begin
  if (!rst_ni) begin
    burst_q   <= 1'b0;
    to_come_q <= '0;
  end else if (mem_write_o) begin
    burst_q   <= !mem_last_o;
    to_come_q <= to_come;
  end
end
logic [10:0] rest;  // of the burst that is under way
assign rest = write_left < burst_left ? write_left : burst_left;
logic [63:0] mem_end;
logic [63:0] span;
assign span    = {56'd0, mem_len_o} + 64'd1;
assign mem_end = mem_addr_o + span * (DataWidth / 8);
`IVSHMEM_ASSERT(FirstBeatBeginsABurst, !mem_write_o || mem_first_o == !burst_q)
`IVSHMEM_ASSERT(LastBeatAsTheLengthSays, !mem_write_o || mem_last_o == (to_come == 9'd0))
`IVSHMEM_ASSERT(LengthIsCounted, !burst_q || {2'd0, to_come_q} == rest)
`IVSHMEM_ASSERT(BurstIsOfAWrite, !burst_q || (present_i && to_write_i && run_q && !drain_q && burst_at != '0))
`IVSHMEM_ASSERT(StepWithinWrite, !(present_i && to_write_i && run_q && !drain_q) ||
                (steps < write_beats && steps != 11'd0 && (burst_q || burst_at == '0)))
`IVSHMEM_ASSERT(WithinAKiB, !((mem_write_o && mem_first_o) || mem_read_o) ||
                mem_addr_o[9:0] + span * (DataWidth / 8) <= 64'd1024)
`IVSHMEM_ASSERT(WithinTheMemory, !((mem_write_o && mem_first_o) || mem_read_o) ||
                mem_end <= 64'd1 << memory_log2)
`IVSHMEM_ASSERT(WriteWithRoom, !mem_write_o || (write_room_i && (!mem_first_o || burst_room_i)))
`IVSHMEM_ASSERT(ReadWithRoom, !mem_read_o || (read_room_i && slot_room_i))
`IVSHMEM_ASSERT(ReadAfterWrites, !(mem_read_o || config_o || bar0_o || bar1_o) || run_q || confirmed_i)

