// SPDX-License-Identifier: Apache-2.0
//
// Pieces: each is reserved once, then announced once, before its request is done; register values
// of a piece come one by one, in order.
logic       open_q;    // reserved, not announced
logic [5:0] values_q;  // values of it so far
always_ff @(posedge clk_i or negedge rst_ni) begin
  if (!rst_ni) begin
    open_q   <= 1'b0;
    values_q <= '0;
  end else begin
    open_q   <= (open_q || reserve_o) && !piece_o;
    values_q <= piece_o ? 6'd0 : values_q + {5'd0, value_o};
  end
end
`IVSHMEM_ASSERT(ReservedOnce, !(reserve_o && open_q))
`IVSHMEM_ASSERT(AnnouncedWhenReserved, !piece_o || reserve_o || open_q)
`IVSHMEM_ASSERT(NothingLeftOpen, !done_o || !open_q || piece_o)
`IVSHMEM_ASSERT(OpenOnlyInRegisterReads, !open_q || (present_i && to_registers && is_read_i && !drain_q))
`IVSHMEM_ASSERT(ReservedWithRoom, !reserve_o || slot_room_i)
`IVSHMEM_ASSERT(ValueBelongsToAPiece, !value_o || reserve_o || open_q)
`IVSHMEM_ASSERT(ValuesInOrder, !value_o || {1'b0, value_index_o} == values_q)
`IVSHMEM_ASSERT(ValuesFillThePiece, !(piece_o && piece_data_o && !piece_memory_o) ||
                (value_o && value_last_o && piece_dwords_o == {5'd0, values_q} + 11'd1 &&
                 values_q < 6'd32))
`IVSHMEM_ASSERT(LastValueIsOfThePiece, !value_o || value_last_o == piece_o)
`IVSHMEM_ASSERT(OpenCountsValues, values_q == (open_q ? {1'b0, piece_offset} : 6'd0))
`IVSHMEM_ASSERT(OpenIsPastItsFirst, !open_q || (run_q && piece_offset != 5'd0))
`IVSHMEM_ASSERT(RegisterPieceWithin128Bytes, !open_q || {1'b0, in_piece} >= {1'b0, values_q})
`IVSHMEM_ASSERT(OpenHasValues, !open_q || (values_q >= 6'd1 && values_q <= 6'd31 && in_piece != 5'd0))
`IVSHMEM_ASSERT(MidPieceIsOpen, !(present_i && to_registers && is_read_i && run_q && !drain_q) ||
                open_q == (in_piece != 5'd0))
`IVSHMEM_ASSERT(OthersAtOnce, !(piece_o && (piece_memory_o || !piece_data_o)) ||
                (reserve_o && !value_o))
`IVSHMEM_ASSERT(DwordsOfPiece, !(piece_o && piece_data_o) ||
                (piece_dwords_o >= 11'd1 && piece_dwords_o <= (piece_memory_o ? 11'd256 : 11'd32)))
`IVSHMEM_ASSERT(PieceWithinThePayload, !(piece_o && piece_data_o) ||
                {1'b0, piece_dwords_o} <= 12'd1 << (max_payload_log2_i - 4'd2))
`IVSHMEM_ASSERT(MemoryHasData, !(piece_o && piece_memory_o) || piece_data_o)
`IVSHMEM_ASSERT(BegunWithAValue, !(reserve_o && !piece_o) || value_o)
