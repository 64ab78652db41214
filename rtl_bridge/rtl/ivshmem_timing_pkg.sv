// SPDX-License-Identifier: Apache-2.0
// Generated from model/include/ivshmem/model/timing.h by timing_gen. Do not edit.
// What each number counts is in docs/timing.md. Latencies are not here: they are how many
// registers stand on the way, and the tests of the cycles find one too many.
/* verilator lint_off UNUSED */
package ivshmem_timing_pkg;
  localparam logic [31:0] RequestQueue = 32'd16;
  localparam logic [31:0] HeldBeats = 32'd8;
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
