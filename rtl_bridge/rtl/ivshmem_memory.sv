// SPDX-License-Identifier: Apache-2.0
//
// BAR2 as an AXI4 manager: places payload, which starts at its own dword, into aligned beats, cuts
// bursts at multiples of 1 KiB, and knows when every write has been confirmed.
`include "ivshmem_assert.svh"

module ivshmem_memory #(
  parameter int DataWidth = 64
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,

  // One beat of a write: payload of this cycle and, shifted in, what was left of the one before.
  input  logic                    write_i,
  input  logic [63:0]             write_addr_i,   // of this beat, aligned
  input  logic                    write_first_i,  // first beat of a burst
  input  logic [7:0]              write_len_i,    // beats of the burst less one, with the first
  input  logic                    write_last_i,   // last beat of the burst
  input  logic                    write_end_i,    // last beat of the request
  input  logic [DataWidth-1:0]    write_data_i,
  input  logic [DataWidth/8-1:0]  write_be_i,
  input  logic [$clog2(DataWidth/32)-1:0] write_shift_i,  // dwords
  output logic                    write_room_o,
  output logic                    burst_room_o,
  output logic                    confirmed_o,    // no write without response
  output logic                    busy_o,

  input  logic                    read_i,
  input  logic [63:0]             read_addr_i,
  input  logic [7:0]              read_len_i,
  output logic                    read_room_o,

  output logic                    awvalid_o,
  input  logic                    awready_i,
  output logic [63:0]             awaddr_o,
  output logic [7:0]              awlen_o,
  output logic                    wvalid_o,
  input  logic                    wready_i,
  output logic [DataWidth-1:0]    wdata_o,
  output logic [DataWidth/8-1:0]  wstrb_o,
  output logic                    wlast_o,
  input  logic                    bvalid_i,
  output logic                    arvalid_o,
  input  logic                    arready_i,
  output logic [63:0]             araddr_o,
  output logic [7:0]              arlen_o
);
  `IVSHMEM_CHECKED
  localparam int Bytes = DataWidth / 8;
  localparam int MaxOutstanding = 255;

  // ---- alignment

  logic [DataWidth-1:0]   left_data_q;
  logic [Bytes-1:0]       left_be_q;
  logic [2*DataWidth-1:0] both_data;
  logic [2*Bytes-1:0]     both_be;
  logic [DataWidth-1:0]   data;
  logic [Bytes-1:0]       strb;
  assign both_data = {write_data_i, left_data_q};
  assign both_be   = {write_be_i, left_be_q};
  always_comb begin
    data = write_data_i;
    strb = write_be_i;
    for (int s = 1; s < DataWidth / 32; s++) begin
      if (write_shift_i == s[$clog2(DataWidth/32)-1:0]) begin
        data = both_data[DataWidth-32*s+:DataWidth];
        strb = both_be[Bytes-4*s+:Bytes];
      end
    end
  end

  // Nothing of a request's last beat belongs into the next request's first.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      left_data_q <= '0;
      left_be_q   <= '0;
    end else if (write_i) begin
      left_data_q <= write_data_i;
      left_be_q   <= write_end_i ? '0 : write_be_i;
    end
  end

  // ---- channels

  logic aw_room;
  ivshmem_fifo #(
    .Width(64 + 8),
    .Depth(ivshmem_timing_pkg::MemoryQueue)
  ) u_aw (
    .clk_i,
    .rst_ni,
    .push_i (write_i && write_first_i),
    .data_i ({write_addr_i, write_len_i}),
    .room_o (aw_room),
    .pop_i  (awvalid_o && awready_i),
    .valid_o(awvalid_o),
    .data_o ({awaddr_o, awlen_o})
  );

  ivshmem_fifo #(
    .Width(DataWidth + Bytes + 1),
    .Depth(ivshmem_timing_pkg::MemoryQueue)
  ) u_w (
    .clk_i,
    .rst_ni,
    .push_i (write_i),
    .data_i ({data, strb, write_last_i}),
    .room_o (write_room_o),
    .pop_i  (wvalid_o && wready_i),
    .valid_o(wvalid_o),
    .data_o ({wdata_o, wstrb_o, wlast_o})
  );

  ivshmem_fifo #(
    .Width(64 + 8),
    .Depth(ivshmem_timing_pkg::MemoryQueue)
  ) u_ar (
    .clk_i,
    .rst_ni,
    .push_i (read_i),
    .data_i ({read_addr_i, read_len_i}),
    .room_o (read_room_o),
    .pop_i  (arvalid_o && arready_i),
    .valid_o(arvalid_o),
    .data_o ({araddr_o, arlen_o})
  );

  // ---- responses

  logic [7:0] outstanding_q;
  logic       confirmed_q;  // none
  logic       full_q;       // as many as may be
  logic       begin_burst;
  assign begin_burst  = write_i && write_first_i;
  assign confirmed_o  = confirmed_q;
  assign burst_room_o = aw_room && !full_q;
  assign busy_o       = !confirmed_o || arvalid_o;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      outstanding_q <= '0;
      confirmed_q   <= 1'b1;
      full_q        <= 1'b0;
    end else if (begin_burst && !bvalid_i) begin
      outstanding_q <= outstanding_q + 8'd1;
      confirmed_q   <= 1'b0;
      full_q        <= outstanding_q == MaxOutstanding[7:0] - 8'd1;
    end else if (bvalid_i && !begin_burst) begin
      outstanding_q <= outstanding_q - 8'd1;
      confirmed_q   <= outstanding_q == 8'd1;
      full_q        <= 1'b0;
    end
  end

  `IVSHMEM_ASSUME(NoResponseWithoutWrite, !bvalid_i || outstanding_q != 8'd0)
  `IVSHMEM_ASSERT(OutstandingIsMarked, confirmed_q == (outstanding_q == 8'd0) &&
                  full_q == (outstanding_q == MaxOutstanding[7:0]))
  `IVSHMEM_ASSERT(ChannelsDrainFirst, !(awvalid_o || wvalid_o) || !confirmed_o)
  `IVSHMEM_ASSERT(NoBeatWithoutRoom, !write_i || write_room_o)
  `IVSHMEM_ASSERT(NoBurstWithoutRoom, !(write_i && write_first_i) || burst_room_o)
  `IVSHMEM_ASSERT(NoReadWithoutRoom, !read_i || read_room_o)
  `IVSHMEM_STABLE(WriteAddressStays, awvalid_o, awready_i, {awaddr_o, awlen_o})
  `IVSHMEM_STABLE(WriteDataStays, wvalid_o, wready_i, {wdata_o, wstrb_o, wlast_o})
  `IVSHMEM_STABLE(ReadAddressStays, arvalid_o, arready_i, {araddr_o, arlen_o})

  `IVSHMEM_COVER(MostBursts, outstanding_q == MaxOutstanding[7:0])
  `IVSHMEM_COVER(BurstWithResponse, begin_burst && bvalid_i)
  `IVSHMEM_COVER(DataBeforeAddress, wvalid_o && wready_i && awvalid_o && !awready_i)
  `IVSHMEM_COVER(StallsMiddleData, wvalid_o && !wready_i && !wlast_o)
  `IVSHMEM_COVER(StallsLastData, wvalid_o && !wready_i && wlast_o)
  `IVSHMEM_COVER(StallsReadAddress, arvalid_o && !arready_i)
  `IVSHMEM_COVER(ReadBesideWrite, arvalid_o && awvalid_o)
  `IVSHMEM_COVER(PartialStrobes, wvalid_o && wstrb_o != '0 && !(&wstrb_o))
  `IVSHMEM_COVER(NoStrobes, wvalid_o && wstrb_o == '0)
`ifdef IVSHMEM_PROOF_MEMORY
  `include "memory.svh"
`endif
endmodule
