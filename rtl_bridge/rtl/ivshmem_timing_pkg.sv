// SPDX-License-Identifier: Apache-2.0
// Generated from model/include/ivshmem/model/timing.h by timing_gen. Do not edit.
// What each number counts is in docs/timing.md.
/* verilator lint_off UNUSED */
package ivshmem_timing_pkg;
  localparam logic [31:0] ExecuteCycles = 32'd2;
  localparam logic [31:0] RegisterCycles = 32'd4;
  localparam logic [31:0] MemoryRequestCycles = 32'd3;
  localparam logic [31:0] MemoryReturnCycles = 32'd1;
  localparam logic [31:0] DoorbellCycles = 32'd1;
  localparam logic [31:0] MessageCycles = 32'd3;
  localparam logic [31:0] MessageIntervalCycles = 32'd1;
  localparam logic [31:0] CompletionQueue = 32'd16;
endpackage
/* verilator lint_on UNUSED */
