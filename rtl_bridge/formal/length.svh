// SPDX-License-Identifier: Apache-2.0
//
// Proof of ivshmem_length against what a length is: the dwords of a packet, counted by its strobes,
// and full beats before the last. Assumed: packets begin with sop and end with eop.
`include "reset.svh"
logic        inside_q;    // a packet has begun, its end is to come
logic        payload_q;   // it has payload
logic [9:0]  length_q;
logic [11:0] counted_q;   // dwords so far, as far as they matter
logic        holes_q;     // a beat was not full, or not from the lowest dword on
logic        verdict_q;   // there was one
logic        was_wrong_q;
`IVSHMEM_ASSUME(PacketsAreFramed, !push_i || sop_i == !inside_q)

logic        payload;
logic [9:0]  length;
logic [11:0] wanted;
logic [11:0] counted;     // with this beat
logic [3:0]  here;
logic        holes;
assign payload = sop_i ? has_payload_i : payload_q;
assign length  = sop_i ? length_i : length_q;
assign wanted  = !payload ? 12'd0 : length == 10'd0 ? 12'd1024 : {2'd0, length};
always_comb begin
  here = 4'd0;
  for (int i = 0; i < Lanes; i++) begin
    here = here + {3'd0, strb_i[i]};
  end
end
assign counted = (sop_i ? 12'd0 : counted_q) + {8'd0, here};
assign holes   = !sop_i && (holes_q || (payload && counted_q == wanted));
always_ff @(posedge clk_i or negedge rst_ni) begin
  if (!rst_ni) begin
    inside_q    <= 1'b0;
    payload_q   <= 1'b0;
    length_q    <= '0;
    counted_q   <= '0;
    holes_q     <= 1'b0;
    verdict_q   <= 1'b0;
    was_wrong_q <= 1'b0;
  end else if (push_i) begin
    inside_q    <= !eop_i;
    payload_q   <= payload;
    length_q    <= length;
    counted_q   <= counted > wanted ? wanted + 12'd1 : counted;  // too many stay too many
    holes_q     <= holes || (strb_i & (strb_i + 1'b1)) != '0 || !(&strb_i);
    verdict_q   <= !eop_i && (verdict_o || (!sop_i && verdict_q));
    was_wrong_q <= wrong_o;
  end
end
logic right;  // what is said of a whole packet with its last beat
assign right = payload ? counted == wanted && !holes && (strb_i & (strb_i + 1'b1)) == '0 && strb_i[0]
                       : sop_i;
`IVSHMEM_ASSERT(WrongIfNotAsLengthSays, !(push_i && eop_i) || wrong_o == !right)
`IVSHMEM_ASSERT(WrongStaysWrong, !(push_i && !sop_i && was_wrong_q) || wrong_o)
`IVSHMEM_ASSERT(OneVerdict, !(push_i && verdict_o) || sop_i || !verdict_q)
`IVSHMEM_ASSERT(AVerdictForEach, !(push_i && eop_i) || verdict_o || (!sop_i && verdict_q))
`IVSHMEM_ASSERT(VerdictWithTheWrongBeat,
                !(push_i && wrong_o) || verdict_o == (sop_i || !was_wrong_q))

// For the induction.
logic [11:0] wanted_q;
assign wanted_q = !payload_q ? 12'd0 : length_q == 10'd0 ? 12'd1024 : {2'd0, length_q};
`IVSHMEM_ASSERT(WrongIsRemembered, !inside_q || (wrong_q == was_wrong_q && verdict_q == wrong_q))
`IVSHMEM_ASSERT(LeftIsWhatIsMissing, !inside_q || wrong_q ||
                (!holes_q && payload_q && counted_q < wanted_q && {1'b0, left_q} == wanted_q - counted_q))
`IVSHMEM_ASSERT(WrongHasAReason, !(inside_q && wrong_q && payload_q) ||
                ((holes_q || counted_q >= wanted_q) && counted_q <= wanted_q + 12'd1))
