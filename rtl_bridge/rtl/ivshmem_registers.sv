// SPDX-License-Identifier: Apache-2.0
//
// BAR0: IntrMask, IntrStatus, IVPosition. A write of 1 or 2 bytes replaces the whole register with
// its value; a read counts only at the register's own offset, and clears IntrStatus.
// [ivshmem.c:ivshmem_io_read, ivshmem_io_write]
//
// INTx is a level that is told upstream when it differs from what was told last and there is room.

module ivshmem_registers (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        intx_i,               // the variant with INTx
  input  logic [15:0] iv_position_i,

  input  logic [ivshmem_regs_pkg::Bar0Log2-3:0] register_i,  // dword number
  input  logic        read_i,
  input  logic [3:0]  be_i,
  output logic [31:0] rdata_o,              // in the same cycle
  input  logic        write_i,
  input  logic [31:0] value_i,              // of one piece, extended with zeros

  input  logic        notify_i,
  input  logic        reset_i,
  input  logic        intx_disable_next_i,
  input  logic        message_room_i,

  output logic        level_o,              // before Interrupt Disable
  output logic        intx_change_o,        // the level is told with the end of this cycle
  output logic        intx_next_o
);
  logic [31:0] mask_q, mask_d;
  logic [31:0] status_q, status_d;
  logic        wire_q;  // as it was told

  always_comb begin
    mask_d   = mask_q;
    status_d = status_q;
    if (write_i && register_i == ivshmem_regs_pkg::IntrMask) begin
      mask_d = value_i;
    end
    if (write_i && register_i == ivshmem_regs_pkg::IntrStatus) begin
      status_d = value_i;
    end
    if (read_i && register_i == ivshmem_regs_pkg::IntrStatus && be_i[0]) begin
      status_d = 32'd0;
    end
    if (notify_i && intx_i) begin
      status_d = 32'd1;
    end
    if (reset_i) begin
      mask_d   = ivshmem_regs_pkg::IntrMaskReset;
      status_d = ivshmem_regs_pkg::IntrStatusReset;
    end
  end

  logic [31:0] value;
  logic [31:0] bytes;
  assign value   = register_i == ivshmem_regs_pkg::IntrMask   ? mask_q
                 : register_i == ivshmem_regs_pkg::IntrStatus ? status_q
                 : register_i == ivshmem_regs_pkg::IVPosition ? {16'd0, iv_position_i}
                                                              : 32'd0;
  assign bytes   = !be_i[0]        ? 32'h0000_0000
                 : be_i == 4'b1111 ? 32'hffff_ffff
                 : be_i[1]         ? 32'h0000_ffff
                                   : 32'h0000_00ff;
  assign rdata_o = value & bytes;

  assign level_o       = intx_i && (status_q & mask_q) != 32'd0;
  assign intx_next_o   = intx_i && (status_d & mask_d) != 32'd0 && !intx_disable_next_i;
  assign intx_change_o = intx_next_o != wire_q && message_room_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      mask_q   <= ivshmem_regs_pkg::IntrMaskReset;
      status_q <= ivshmem_regs_pkg::IntrStatusReset;
      wire_q   <= 1'b0;
    end else begin
      mask_q   <= mask_d;
      status_q <= status_d;
      wire_q   <= intx_change_o ? intx_next_o : wire_q;
    end
  end
endmodule
