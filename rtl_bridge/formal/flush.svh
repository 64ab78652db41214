// SPDX-License-Identifier: Apache-2.0
//
// Proof of ivshmem_flush: of an arbitrary read, the completer gets the beats exactly if no reset
// came behind it; packets at the port stay whole. Assumed of the completer: after it was cleared it
// offers nothing of before (proof of ivshmem_completions, whose reset may come at any time), and its
// packets are framed; it keeps room for what it asks for.
`include "reset.svh"
(* anyconst *) logic enable;
`IVSHMEM_ASSUME(StrapStays, enable_i == enable)
logic [CountBits-1:0] owed_q;  // bursts that the memory owes
`IVSHMEM_ASSUME(ReadsHaveSlots, !read_i || owed_q < Slots[CountBits-1:0])
`IVSHMEM_ASSUME(MemoryAnswersReads, !rvalid_i || owed_q != '0)
`IVSHMEM_ASSUME(ResetIsAlone, !reset_i || !read_i)
`IVSHMEM_ASSUME(ClearedIsQuiet, !flush_q || (!cpl_valid_i && !rready_i && !read_i))
logic cpl_open_q;  // the completer is inside a packet
`IVSHMEM_ASSUME(CompletionsAreFramed, !cpl_valid_i || cpl_sop_i == !cpl_open_q)

(* anyseq *) logic pick;      // the read that is watched is the one of this cycle
logic                 watch_q;
logic                 flushed_q;  // a reset came behind it
logic [CountBits-1:0] ahead_q;    // bursts before it
always_ff @(posedge clk_i or negedge rst_ni) begin
  if (!rst_ni) begin
    owed_q     <= '0;
    cpl_open_q <= 1'b0;
    watch_q    <= 1'b0;
    flushed_q  <= 1'b0;
    ahead_q    <= '0;
  end else begin
    owed_q     <= owed_q + {{(CountBits-1){1'b0}}, read_i} -
                  {{(CountBits-1){1'b0}}, rvalid_i && rready_o && rlast_i};
    cpl_open_q <= !(reset_i && enable_i) && (cpl_valid_i && cpl_ready_o ? !cpl_eop_i : cpl_open_q);
    if (!watch_q) begin
      watch_q   <= read_i && pick;
      flushed_q <= 1'b0;
      ahead_q   <= reads_q - {{(CountBits-1){1'b0}}, ends};
    end else begin
      flushed_q <= flushed_q || (reset_i && enable_i);
      if (ends) begin
        watch_q <= ahead_q != '0;
        ahead_q <= ahead_q - 1'b1;
      end
    end
  end
end
`IVSHMEM_ASSERT(NothingOfBeforeReachesTheCompleter, !(watch_q && ahead_q == '0 && flushed_q) || !rvalid_o)
`IVSHMEM_ASSERT(WhatComesLaterDoes, !(watch_q && ahead_q == '0 && !flushed_q && rvalid_i) || rvalid_o)
`IVSHMEM_ASSERT(WatchedIsOwed, !watch_q || (ahead_q < reads_q && flushed_q == (ahead_q < stale_q)))
`IVSHMEM_ASSERT(ReadsAreCounted, reads_q == owed_q && reads_q <= Slots[CountBits-1:0])
`IVSHMEM_ASSERT(PortIsFramed, !tx_valid_o || tx_sop_o == !open_q)
`IVSHMEM_ASSERT(OpenIsOfTheCompleter, open_q == (cpl_open_q || close_q) && !(cpl_open_q && close_q))
`IVSHMEM_ASSERT(ClosedIsVoid, !close_q || (tx_valid_o && tx_eop_o && tx_err_o && tx_strb_o == '0))
