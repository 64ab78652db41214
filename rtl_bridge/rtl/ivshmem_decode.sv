// SPDX-License-Identifier: Apache-2.0
//
// Where the request goes that is next: which BAR takes it whole, if one does. Without state:
// ivshmem_request registers what this says together with the request, so no configuration write may
// be in execution in the same cycle.

module ivshmem_decode (
  input  logic         is_read_i,         // memory read
  input  logic         is_write_i,        // memory write
  input  logic         is_config_i,       // configuration request, type 0
  input  logic         is_malformed_i,
  input  logic         poisoned_i,        // it has data, and they are
  input  logic [63:ivshmem_regs_pkg::Bar0Log2] addr_i,
  input  logic         high_i,            // beyond 4 GiB
  input  logic         fits_bar0_i,       // it does not end behind BAR0, if it begins there
  input  logic         empty_i,           // one dword, no byte
  input  logic         intx_i,            // BAR0 has to do with interrupts
  input  logic [2:0]   function_i,        // of a configuration request

  // Windows.
  input  logic         bar0_on_i,
  input  logic [31:ivshmem_regs_pkg::Bar0Log2] bar0_i,
  input  logic         bar1_on_i,
  input  logic [31:12] bar1_i,
  input  logic [31:12] bar1_mask_i,
  input  logic         bar2_on_i,
  input  logic [63:12] bar2_i,
  input  logic [63:12] bar2_mask_i,

  output logic         to_config_o,
  output logic         to_bar0_o,
  output logic         to_bar1_o,
  output logic         to_write_o,        // BAR2
  output logic         to_null_o,         // BAR2: a write of no bytes does nothing, not even there
  output logic         to_read_o,         // BAR2
  output logic         to_none_o,         // none of these: refused or dropped
  output logic         interrupts_o,      // it may change what a notification does
  output logic         spoiled_o          // poisoned, and it would be served if it were not
);
  localparam int Bar0Log2 = ivshmem_regs_pkg::Bar0Log2;

  logic in_bar0, in_bar1, in_bar2;
  assign in_bar0    = bar0_on_i && !high_i && addr_i[31:Bar0Log2] == bar0_i;
  assign in_bar1    = bar1_on_i && !high_i && (addr_i[31:12] & bar1_mask_i) == bar1_i;
  assign in_bar2    = bar2_on_i && (addr_i[63:12] & bar2_mask_i) == bar2_i;

  logic good, to_bar2;
  assign good        = (is_read_i || is_write_i) && !is_malformed_i && !poisoned_i;
  assign to_bar2     = good && in_bar2 && !in_bar0 && !in_bar1;
  assign to_config_o = is_config_i && !is_malformed_i && function_i == 3'd0 && !poisoned_i;
  assign to_bar0_o   = good && in_bar0 && fits_bar0_i;
  assign to_bar1_o   = good && in_bar1 && !in_bar0;
  assign to_read_o   = to_bar2 && is_read_i;
  assign to_null_o   = to_bar2 && is_write_i && empty_i;
  assign to_write_o  = to_bar2 && is_write_i && !empty_i;
  assign to_none_o   = !(to_config_o || to_bar0_o || to_bar1_o || to_bar2);
  assign interrupts_o = to_config_o || to_bar1_o || (to_bar0_o && intx_i);
  assign spoiled_o   = poisoned_i && (is_write_i ? (in_bar0 ? fits_bar0_i : in_bar1 || in_bar2)
                                                 : is_config_i && function_i == 3'd0);
endmodule
