// SPDX-License-Identifier: Apache-2.0
// Generated from model/include/ivshmem/model/timing.h by timing_gen. Do not edit.
// What each number counts is in docs/timing.md.
/* verilator lint_off UNUSED */
package ivshmem_timing_pkg;
  localparam logic [31:0] ExecuteCycles = 32'd2;
  localparam logic [31:0] BuildCycles = 32'd2;
  localparam logic [31:0] OutputCycles = 32'd1;
  localparam logic [31:0] RegisterCycles = 32'd5;
  localparam logic [31:0] MemoryRequestCycles = 32'd3;
  localparam logic [31:0] MemoryReturnCycles = 32'd1;
  localparam logic [31:0] DoorbellCycles = 32'd1;
  localparam logic [31:0] MessageCycles = 32'd3;
  localparam logic [31:0] ResetCycles = 32'd1;
  localparam logic [31:0] CreditCycles = 32'd1;
  localparam logic [31:0] MessageIntervalCycles = 32'd1;
  localparam logic [31:0] RequestQueue = 32'd16;
  localparam logic [31:0] CompletionQueue = 32'd16;
  localparam logic [31:0] OutputQueue = 32'd2;
  localparam logic [31:0] MessageQueue = 32'd16;
  localparam logic [31:0] DoorbellQueue = 32'd4;
  localparam logic [31:0] MemoryQueue = 32'd2;
  localparam logic [31:0] BurstBytes = 32'd1024;
  localparam logic [31:0] RegisterPieceBytes = 32'd128;
  localparam logic [31:0] ScanVectors = 32'd64;
endpackage
/* verilator lint_on UNUSED */
