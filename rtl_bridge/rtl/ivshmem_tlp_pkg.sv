// SPDX-License-Identifier: Apache-2.0
//
// Fields of TLP headers [PCIe 2.2] as this design writes them.
/* verilator lint_off UNUSED */
package ivshmem_tlp_pkg;
  // Fmt and Type together.
  localparam logic [7:0] MWr32  = 8'b010_00000;
  localparam logic [7:0] MWr64  = 8'b011_00000;
  localparam logic [7:0] Cpl    = 8'b000_01010;
  localparam logic [7:0] CplLk  = 8'b000_01011;
  localparam logic [7:0] CplD   = 8'b010_01010;
  localparam logic [7:0] MsgLocal = 8'b001_10100;  // terminates at the receiver: INTx

  localparam logic [7:0] AssertInta   = 8'h20;
  localparam logic [7:0] DeassertInta = 8'h24;

  localparam logic [2:0] StatusSc = 3'd0;
  localparam logic [2:0] StatusUr = 3'd1;
  localparam logic [2:0] StatusCa = 3'd4;

  // Bytes before the first enabled one, and after the last [PCIe 2.2.5].
  function automatic logic [1:0] lead(input logic [3:0] be);
    casez (be)
      4'b???1: lead = 2'd0;
      4'b??10: lead = 2'd1;
      4'b?100: lead = 2'd2;
      4'b1000: lead = 2'd3;
      default: lead = 2'd0;
    endcase
  endfunction

  function automatic logic [1:0] trail(input logic [3:0] be);
    casez (be)
      4'b1???: trail = 2'd0;
      4'b01??: trail = 2'd1;
      4'b001?: trail = 2'd2;
      4'b0001: trail = 2'd3;
      default: trail = 2'd0;
    endcase
  endfunction

  // Bytes from the first enabled to the last of a request, less one [PCIe 2.3.1.1, table 2-39]. `last`
  // is its dwords less one.
  function automatic logic [11:0] bytes_less_one(input logic [9:0] last, input logic [3:0] first_be,
                                                 input logic [3:0] last_be);
    if (last == 10'd0) begin
      bytes_less_one = first_be == 4'd0
                     ? 12'd0 : 12'd3 - {10'd0, trail(first_be)} - {10'd0, lead(first_be)};
    end else begin
      bytes_less_one = {last, 2'd3} - {10'd0, trail(last_be)} - {10'd0, lead(first_be)};
    end
  endfunction

  // A request that no device serves, by its header: unknown type, crosses 4 KiB, a configuration
  // request of several dwords. `last` is its dwords less one.
  function automatic logic is_bad(input logic [2:0] fmt, input logic [4:0] kind,
                                  input logic [9:0] last, input logic [9:0] at);
    casez ({fmt, kind})
      8'b0??_00000: is_bad = {1'b0, at} + {1'b0, last} > 11'd1023;  // memory
      8'b0?0_00100: is_bad = last != 10'd0;                           // configuration, type 0
      8'b0?1_10???: is_bad = 1'b0;                                     // message
      8'b0?0_00010, 8'b0?0_00101: is_bad = 1'b0;                       // I/O; configuration, type 1
      8'b00?_00001: is_bad = 1'b0;                                     // locked read
      8'b01?_01100, 8'b01?_01101, 8'b01?_01110: is_bad = 1'b0;         // AtomicOp
      default:      is_bad = 1'b1;
    endcase
  endfunction

  // The least maximum payload that so many dwords, less one, fit: 0 is 128 bytes, 1 is 256.
  function automatic logic [2:0] size_of(input logic [9:0] last);
    size_of = 3'd0;
    for (int i = 0; i < 5; i++) begin
      if (last >> (5 + i) != 10'd0) begin
        size_of = 3'd1 + i[2:0];
      end
    end
  endfunction
endpackage
/* verilator lint_on UNUSED */
