// SPDX-License-Identifier: Apache-2.0
//
// One way to write an assertion for three tools: checked in simulation by Verilator and
// Icarus, proven by Yosys (FORMAL), nothing elsewhere. A module that uses them has clk_i and rst_ni, and
// IVSHMEM_CHECKED behind its ports.
//
// IVSHMEM_COVER(name, expr) is a situation that the tests have to reach: counted by Verilator with
// --coverage-user, nothing elsewhere. Each in one line: scripts/rtl-coverage reads the name there.
`ifndef IVSHMEM_ASSERT_SVH
`define IVSHMEM_ASSERT_SVH

// Assertions do not read the reset itself: it is asynchronous, and a linter would see it used both
// ways, in the integrator's own sources too. They read a copy that changes with it.
`ifdef VERILATOR
  `define IVSHMEM_CHECKED \
    logic checked_rst_ni; \
    always_ff @(posedge rst_ni or negedge rst_ni) begin \
      if (!rst_ni) checked_rst_ni <= 1'b0; \
      else checked_rst_ni <= 1'b1; \
    end
`else
  `define IVSHMEM_CHECKED
`endif

`ifdef FORMAL
  // Holds in every cycle outside reset.
  `define IVSHMEM_ASSERT(name, expr) always @* if (rst_ni) name : assert (expr);
  // What the surroundings promise: checked in simulation, assumed in a proof.
  `define IVSHMEM_ASSUME(name, expr) always @* if (rst_ni) assume (expr);
  // What is offered stays, unchanged, until it is taken.
  `define IVSHMEM_STABLE(name, valid, ready, payload) \
    always @(posedge clk_i) if (rst_ni && $past(rst_ni)) \
      name : assert (!$past((valid) && !(ready)) || ((valid) && $stable(payload)));
  `define IVSHMEM_COVER(name, expr)
`elsif VERILATOR
  // Immediate: they read at the edge what the flip-flops read, and so cost no copy of each signal,
  // as those of concurrent assertions do, and no evaluation of the inputs before the edge.
  `define IVSHMEM_ASSERT(name, expr) \
    always @(posedge clk_i) if (checked_rst_ni) name : assert (expr);
  `define IVSHMEM_ASSUME(name, expr) \
    always @(posedge clk_i) if (checked_rst_ni) name : assert (expr);
  `define IVSHMEM_STABLE(name, valid, ready, payload) \
    logic name``Held; \
    logic [$bits(payload)-1:0] name``Payload; \
    always_ff @(posedge clk_i) begin \
      name``Held <= checked_rst_ni && (valid) && !(ready); \
      name``Payload <= payload; \
    end \
    always @(posedge clk_i) if (checked_rst_ni && name``Held) \
      name : assert ((valid) && (payload) == name``Payload);
  `define IVSHMEM_COVER(name, expr) \
    name : cover property (@(posedge clk_i) disable iff (!checked_rst_ni) (expr));
`elsif __ICARUS__
  // Ends the simulation; the name stands in the message. $bits of a concatenation crashes Icarus 11.
  `define IVSHMEM_ASSERT(name, expr) \
    always @(posedge clk_i) if (rst_ni) begin : name \
      if (!(expr)) begin \
        $display("%m does not hold"); \
        $finish; \
      end \
    end
  `define IVSHMEM_ASSUME(name, expr) `IVSHMEM_ASSERT(name, expr)
  `define IVSHMEM_STABLE(name, valid, ready, payload) \
    logic name``Held; \
    logic [1023:0] name``Payload; \
    always_ff @(posedge clk_i) begin \
      name``Held <= rst_ni && (valid) && !(ready); \
      name``Payload <= payload; \
    end \
    `IVSHMEM_ASSERT(name, !name``Held || ((valid) && (payload) == name``Payload))
  `define IVSHMEM_COVER(name, expr)
`else
  `define IVSHMEM_ASSERT(name, expr)
  `define IVSHMEM_ASSUME(name, expr)
  `define IVSHMEM_STABLE(name, valid, ready, payload)
  `define IVSHMEM_COVER(name, expr)
`endif

// A parameter's check: elaboration ends with the message, a list in parentheses as $fatal has it.
// Icarus knows that only as the first thing that a simulation does. For Verilator it is a warning,
// which -Wno-fatal lets pass: something that is an error in any case stands behind it.
`ifdef __ICARUS__
  `define IVSHMEM_REQUIRE(name, expr, message) \
    initial if (!(expr)) begin $fatal message; $finish; end
`elsif VERILATOR
  `define IVSHMEM_REQUIRE(name, expr, message) \
    if (!(expr)) begin : name $fatal message; logic stop; assign stop = {0{1'b0}}; end
`else
  `define IVSHMEM_REQUIRE(name, expr, message) \
    if (!(expr)) begin : name $fatal message; end
`endif

`endif
