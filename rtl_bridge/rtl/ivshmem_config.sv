// SPDX-License-Identifier: Apache-2.0
//
// Configuration space, byte for byte that of the model (model/src/config_space.cpp): type 0 header,
// MSI-X capability, optional PCI Express capability; every other byte from CfgScratch on is plain
// storage that survives reset. Offsets, resets and bits are those of ivshmem_regs_pkg. A read has
// its value in the same cycle, a write takes effect with its end.
`include "ivshmem_assert.svh"

module ivshmem_config (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [11:0] vectors_i,          // 0: no MSI-X
  input  logic [5:0]  memory_log2_i,
  input  logic        legacy_i,
  input  logic        express_i,
  input  logic [3:0]  max_payload_log2_i,  // what Device Capabilities shows
  input  logic        interrupt_i,        // Status: level of INTx before Interrupt Disable

  input  logic [9:0]  register_i,         // dword number
  output logic [31:0] rdata_o,
  input  logic        write_i,
  input  logic [3:0]  be_i,
  input  logic [31:0] wdata_i,
  input  logic [12:0] target_i,           // bus and device number that the write was sent to
  input  logic        reset_i,            // function reset

  output logic        bus_master_o,
  output logic        intx_disable_next_o,  // as it will be after this cycle
  output logic        msix_enable_o,
  output logic        function_masked_o,    // MSI-X disabled or function mask set
  output logic        unmask_o,             // a write, if there is one, ends function_masked_o
  output logic [12:0] id_o,                 // bus and device number
  output logic [3:0]  max_payload_log2_o,   // what Device Control leaves of it [PCIe 2.2.2]

  output logic        bar0_on_o,
  output logic [31:ivshmem_regs_pkg::Bar0Log2] bar0_o,
  output logic        bar1_on_o,
  output logic [31:12] bar1_o,
  output logic [31:12] bar1_mask_o,
  output logic [15:0] pba_offset_o,
  output logic        bar2_on_o,
  output logic [63:12] bar2_o,
  output logic [63:12] bar2_mask_o
);
  `IVSHMEM_CHECKED

  // ---- what the straps make of it

  logic        has_msix;
  logic [16:0] bar1_used;  // bytes of BAR1 that table and pending bits need
  logic [15:0] table_bytes;
  assign has_msix    = vectors_i != 12'd0;
  assign table_bytes = {vectors_i, 4'd0};
  // The pending bits stand behind the table, and at PbaMinimum at least.
  assign pba_offset_o = table_bytes > ivshmem_regs_pkg::PbaMinimum ? table_bytes
                                                                   : ivshmem_regs_pkg::PbaMinimum;
  assign bar1_used    = {1'b0, pba_offset_o} + {7'd0, {1'b0, vectors_i[11:6]} +
                                                {6'd0, vectors_i[5:0] != 6'd0}, 3'd0} - 17'd1;
  assign bar1_mask_o  = !has_msix     ? '0
                      : bar1_used[15] ? 20'hffff0
                      : bar1_used[14] ? 20'hffff8
                      : bar1_used[13] ? 20'hffffc
                      : bar1_used[12] ? 20'hffffe
                                      : 20'hfffff;
  assign bar2_mask_o  = {52{1'b1}} << (memory_log2_i - 6'd12);

  logic [2:0] payload_most;  // 0: 128 bytes, 1: 256
  logic [2:0] payload_bits;  // of Device Control: those that no supported value needs stay zero
  assign payload_most = 3'(max_payload_log2_i - ivshmem_regs_pkg::PayloadLog2);
  assign payload_bits = payload_most | payload_most >> 1 | payload_most >> 2;

  // ---- registers

  logic        io_q, memory_q, master_q, serr_q, intx_disable_q;
  logic [7:0]  cache_line_q;
  logic [7:0]  line_q;
  logic [31:ivshmem_regs_pkg::Bar0Log2] bar0_q;
  logic [31:12] bar1_q;
  logic [63:12] bar2_q;
  logic        msix_enable_q, function_mask_q;
  logic [ivshmem_regs_pkg::DeviceControlBits-1:0] device_control_q;
  logic        link_boundary_q, link_clock_q, link_sync_q;
  logic [12:0] id_q;
  // Neither zero nor all ones; of BAR2 each half, with a bit for each of these.
  logic        bar0_is_q, bar1_is_q;
  logic [1:0]  bar2_low_q, bar2_high_q;

  logic in_space;
  logic [5:0] dword;   // within it
  logic express_here;  // a register of the PCI Express capability
  logic msix_here;
  logic scratch_here;
  assign in_space     = register_i[9:6] == '0;
  assign dword        = register_i[5:0];
  assign msix_here    = has_msix && in_space && dword >= ivshmem_regs_pkg::CfgMsixControl &&
                        dword < ivshmem_regs_pkg::CfgMsixEnd;
  assign express_here = express_i && in_space && dword >= ivshmem_regs_pkg::CfgExpress &&
                        dword < ivshmem_regs_pkg::CfgExpressEnd;
  assign scratch_here = in_space && dword >= ivshmem_regs_pkg::CfgScratch && !msix_here &&
                        !express_here;

  function automatic logic [31:0] merge(input logic [31:0] old, input logic [31:0] value,
                                        input logic [3:0] be);
    for (int i = 0; i < 4; i++) begin
      merge[8*i+:8] = be[i] ? value[8*i+:8] : old[8*i+:8];
    end
  endfunction

  // Storage without reset: what is in it survives.
  logic [31:0] scratch_mem [64];
  logic [31:0] scratch;
  initial begin
    for (int i = 0; i < 64; i++) begin
      scratch_mem[i] = 32'd0;
    end
  end
  assign scratch = scratch_mem[dword];
  always_ff @(posedge clk_i) begin
    if (write_i && scratch_here) begin
      scratch_mem[dword] <= merge(scratch, wdata_i, be_i);
    end
  end

  // ---- reading

  logic [31:0] command, subsystem, msix_control, msix_pba, express, link_control;
  logic [31:0] device_capabilities, device_control;
  logic [7:0]  revision, interrupt_pin, express_pointer, first_pointer;
  assign revision        = legacy_i ? ivshmem_regs_pkg::LegacyRevision : ivshmem_regs_pkg::Revision;
  assign interrupt_pin   = legacy_i ? ivshmem_regs_pkg::LegacyInterruptPin
                                    : ivshmem_regs_pkg::InterruptPin;
  assign subsystem       = {ivshmem_regs_pkg::SubsystemId, ivshmem_regs_pkg::SubsystemVendor};
  assign msix_pba        = {16'd0, pba_offset_o} | {29'd0, ivshmem_regs_pkg::MsixBir};
  assign express         = {ivshmem_regs_pkg::ExpressCapabilities, 8'd0,
                            ivshmem_regs_pkg::ExpressCapabilityId};
  assign device_control  = 32'(device_control_q);
  assign express_pointer = express_i ? ivshmem_regs_pkg::ExpressCapability : 8'd0;
  assign first_pointer   = has_msix ? ivshmem_regs_pkg::MsixCapability : express_pointer;
  always_comb begin
    command = 32'd0;
    command[ivshmem_regs_pkg::CommandIo]          = io_q;
    command[ivshmem_regs_pkg::CommandMemory]      = memory_q;
    command[ivshmem_regs_pkg::CommandMaster]      = master_q;
    command[ivshmem_regs_pkg::CommandSerr]        = serr_q;
    command[ivshmem_regs_pkg::CommandIntxDisable] = intx_disable_q;
    command[ivshmem_regs_pkg::StatusInterrupt]    = interrupt_i;
    command[ivshmem_regs_pkg::StatusCapabilities] = has_msix || express_i;

    msix_control = {16'd0, express_pointer, ivshmem_regs_pkg::MsixCapabilityId};
    msix_control[ivshmem_regs_pkg::MsixVectors +: 11] = vectors_i[10:0] - 11'd1;
    msix_control[ivshmem_regs_pkg::MsixFunctionMask]  = function_mask_q;
    msix_control[ivshmem_regs_pkg::MsixEnable]        = msix_enable_q;

    device_capabilities = ivshmem_regs_pkg::DeviceCapabilities;
    device_capabilities[ivshmem_regs_pkg::PayloadSupported +: 3] = payload_most;

    link_control = {ivshmem_regs_pkg::LinkStatus, 16'd0};
    link_control[ivshmem_regs_pkg::LinkReadBoundary]  = link_boundary_q;
    link_control[ivshmem_regs_pkg::LinkCommonClock]   = link_clock_q;
    link_control[ivshmem_regs_pkg::LinkExtendedSync]  = link_sync_q;
  end

  // Beside each other, as all of it comes late.
  logic [31:0] register;
  always_comb begin
    case (dword)
      ivshmem_regs_pkg::CfgVendorId:          register = {ivshmem_regs_pkg::DeviceId, ivshmem_regs_pkg::VendorId};
      ivshmem_regs_pkg::CfgCommand:           register = command;
      ivshmem_regs_pkg::CfgRevision:          register = {ivshmem_regs_pkg::ClassCode, revision};
      ivshmem_regs_pkg::CfgCacheLine:         register = {24'd0, cache_line_q};
      ivshmem_regs_pkg::CfgBar0:              register = {bar0_q, {ivshmem_regs_pkg::Bar0Log2{1'b0}}};
      ivshmem_regs_pkg::CfgBar1:              register = {bar1_q, 12'd0};
      ivshmem_regs_pkg::CfgBar2:              register = {bar2_q[31:12], 8'd0, ivshmem_regs_pkg::Bar2Flags};
      ivshmem_regs_pkg::CfgBar2High:          register = bar2_q[63:32];
      ivshmem_regs_pkg::CfgSubsystemVendor:   register = subsystem;
      ivshmem_regs_pkg::CfgCapabilities:      register = {24'd0, first_pointer};
      ivshmem_regs_pkg::CfgInterruptLine:     register = {16'd0, interrupt_pin, line_q};
      ivshmem_regs_pkg::CfgMsixControl:       register = msix_control;
      ivshmem_regs_pkg::CfgMsixTable:         register = ivshmem_regs_pkg::MsixTable;
      ivshmem_regs_pkg::CfgMsixPba:           register = msix_pba;
      ivshmem_regs_pkg::CfgExpress:           register = express;
      ivshmem_regs_pkg::CfgDeviceCapabilities:register = device_capabilities;
      ivshmem_regs_pkg::CfgDeviceControl:     register = device_control;
      ivshmem_regs_pkg::CfgLinkCapabilities:  register = ivshmem_regs_pkg::LinkCapabilities;
      ivshmem_regs_pkg::CfgLinkControl:       register = link_control;
      default:                                register = 32'd0;
    endcase
  end
  assign rdata_o = (in_space && !scratch_here ? register : 32'd0) | (scratch_here ? scratch : 32'd0) |
                   {32{!in_space && !express_i}};

  // ---- writing

  // Each register by itself, not by what is read, which comes later.
  logic [31:0] command_d, bar0_d, bar1_d, bar2_d, bar2_high_d, device_control_d, link_control_d;
  logic        master_d, msix_enable_d, function_mask_d, intx_disable_d;
  assign command_d      = merge(command, wdata_i, be_i);
  assign bar0_d         = merge({bar0_q, {ivshmem_regs_pkg::Bar0Log2{1'b0}}}, wdata_i, be_i);
  assign bar1_d         = merge({bar1_q, 12'd0}, wdata_i, be_i) & {bar1_mask_o, 12'd0};
  assign bar2_d         = merge({bar2_q[31:12], 12'd0}, wdata_i, be_i) & {bar2_mask_o[31:12], 12'd0};
  assign bar2_high_d    = merge(bar2_q[63:32], wdata_i, be_i) & bar2_mask_o[63:32];
  assign link_control_d = merge(link_control, wdata_i, be_i);
  logic [31:0] device_control_w;
  assign device_control_w = merge(device_control, wdata_i, be_i);
  always_comb begin
    device_control_d = device_control_w;
    device_control_d[ivshmem_regs_pkg::PayloadSize +: 3] =
      device_control_w[ivshmem_regs_pkg::PayloadSize +: 3] & payload_bits;
  end

  logic write_command, control_here;
  assign write_command   = write_i && in_space && dword == ivshmem_regs_pkg::CfgCommand;
  assign control_here    = msix_here && dword == ivshmem_regs_pkg::CfgMsixControl;
  // A bit as the write leaves it: not by what is read, which comes later.
  function automatic logic bit_of(input logic [4:0] at, input logic old, input logic [31:0] value,
                                  input logic [3:0] be);
    bit_of = be[at[4:3]] ? value[at] : old;
  endfunction
  assign master_d        = write_command ? bit_of(ivshmem_regs_pkg::CommandMaster, master_q, wdata_i, be_i)
                                         : master_q;
  assign intx_disable_d  = reset_i       ? 1'b0
                         : write_command ? bit_of(ivshmem_regs_pkg::CommandIntxDisable, intx_disable_q, wdata_i, be_i)
                                         : intx_disable_q;
  assign msix_enable_d   = control_here ? bit_of(ivshmem_regs_pkg::MsixEnable, msix_enable_q, wdata_i, be_i)
                                        : msix_enable_q;
  assign function_mask_d = control_here ? bit_of(ivshmem_regs_pkg::MsixFunctionMask, function_mask_q, wdata_i, be_i)
                                        : function_mask_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {io_q, memory_q, master_q, serr_q, intx_disable_q} <= 5'd0;
      cache_line_q     <= ivshmem_regs_pkg::CacheLineReset;
      line_q           <= ivshmem_regs_pkg::InterruptLineReset;
      bar0_q           <= '0;
      bar1_q           <= '0;
      bar2_q           <= '0;
      {bar0_is_q, bar1_is_q} <= 2'b00;
      {bar2_low_q, bar2_high_q} <= 4'b0101;
      msix_enable_q    <= 1'b0;
      function_mask_q  <= 1'b0;
      device_control_q <= ivshmem_regs_pkg::DeviceControlReset;
      {link_boundary_q, link_clock_q, link_sync_q} <= 3'd0;
      id_q             <= '0;
    end else begin
      if (write_i) begin
        id_q <= target_i;
      end
      if (reset_i) begin
        {io_q, memory_q, master_q, serr_q, intx_disable_q} <= 5'd0;
        cache_line_q    <= ivshmem_regs_pkg::CacheLineReset;
        line_q          <= ivshmem_regs_pkg::InterruptLineReset;
        bar0_q          <= '0;
        bar1_q          <= '0;
        bar2_q          <= '0;
        {bar0_is_q, bar1_is_q} <= 2'b00;
        {bar2_low_q, bar2_high_q} <= 4'b0101;
        msix_enable_q   <= 1'b0;
        function_mask_q <= 1'b0;
        device_control_q <= ivshmem_regs_pkg::DeviceControlReset;
        {link_boundary_q, link_clock_q, link_sync_q} <= 3'd0;
      end else if (write_i) begin
        master_q        <= master_d;
        intx_disable_q  <= intx_disable_d;
        msix_enable_q   <= msix_enable_d;
        function_mask_q <= function_mask_d;
        if (in_space) begin
          case (dword)
            ivshmem_regs_pkg::CfgCommand: begin
              io_q     <= command_d[ivshmem_regs_pkg::CommandIo];
              memory_q <= command_d[ivshmem_regs_pkg::CommandMemory];
              serr_q   <= command_d[ivshmem_regs_pkg::CommandSerr];
            end
            ivshmem_regs_pkg::CfgCacheLine:     cache_line_q <= be_i[0] ? wdata_i[7:0] : cache_line_q;
            ivshmem_regs_pkg::CfgBar0: begin
              bar0_q    <= bar0_d[31:ivshmem_regs_pkg::Bar0Log2];
              bar0_is_q <= bar0_d[31:ivshmem_regs_pkg::Bar0Log2] != '0 &&
                           bar0_d[31:ivshmem_regs_pkg::Bar0Log2] != '1;
            end
            ivshmem_regs_pkg::CfgBar1: begin
              bar1_q    <= bar1_d[31:12];
              bar1_is_q <= bar1_d[31:12] != '0 && bar1_d[31:12] != bar1_mask_o;
            end
            ivshmem_regs_pkg::CfgBar2: begin
              bar2_q[31:12] <= bar2_d[31:12];
              bar2_low_q    <= {bar2_d[31:12] != '0, bar2_d[31:12] != bar2_mask_o[31:12]};
            end
            ivshmem_regs_pkg::CfgBar2High: begin
              bar2_q[63:32] <= bar2_high_d;
              bar2_high_q   <= {bar2_high_d != '0, bar2_high_d != bar2_mask_o[63:32]};
            end
            ivshmem_regs_pkg::CfgInterruptLine: line_q <= be_i[0] ? wdata_i[7:0] : line_q;
            default: ;
          endcase
        end
        if (express_here && dword == ivshmem_regs_pkg::CfgDeviceControl) begin
          device_control_q <= device_control_d[ivshmem_regs_pkg::DeviceControlBits-1:0];
        end
        if (express_here && dword == ivshmem_regs_pkg::CfgLinkControl) begin
          link_boundary_q <= link_control_d[ivshmem_regs_pkg::LinkReadBoundary];
          link_clock_q    <= link_control_d[ivshmem_regs_pkg::LinkCommonClock];
          link_sync_q     <= link_control_d[ivshmem_regs_pkg::LinkExtendedSync];
        end
      end
    end
  end

  // ---- what the rest of the device needs

  // Zero is what reset leaves in a BAR and all ones what sizing does: neither is an address.
  assign bar0_o    = bar0_q;
  assign bar0_on_o = memory_q && bar0_is_q;
  assign bar1_o    = bar1_q;
  assign bar1_on_o = memory_q && has_msix && bar1_is_q;
  assign bar2_o    = bar2_q;
  // Of 8 GiB no bit of the lower half is kept: it is what sizing leaves from the beginning.
  assign bar2_on_o = memory_q && (bar2_low_q[1] || bar2_high_q[1]) &&
                     ((bar2_low_q[0] && bar2_mask_o[31:12] != '0) || bar2_high_q[0]);

  assign bus_master_o        = master_q;
  assign intx_disable_next_o = intx_disable_d;
  assign msix_enable_o       = msix_enable_q;
  assign function_masked_o   = !msix_enable_q || function_mask_q;
  assign unmask_o            = function_masked_o && msix_enable_d && !function_mask_d;
  assign id_o                = id_q;

  logic [2:0] payload_set;
  assign payload_set        = device_control[ivshmem_regs_pkg::PayloadSize +: 3];
  assign max_payload_log2_o = express_i && payload_set < payload_most
                            ? ivshmem_regs_pkg::PayloadLog2 + 4'(payload_set) : max_payload_log2_i;

  logic unused_bits;
  assign unused_bits = ^{bar1_used[16], bar1_used[11:0], device_control_d, command_d, bar0_d, bar1_d,
                         bar2_d, link_control_d};

  `IVSHMEM_ASSERT(BarsAreMarked, bar0_is_q == (bar0_q != '0 && bar0_q != '1) &&
                  (!has_msix || bar1_is_q == (bar1_q != '0 && bar1_q != bar1_mask_o)) &&
                  bar2_low_q[1] == (bar2_q[31:12] != '0) && bar2_high_q[1] == (bar2_q[63:32] != '0) &&
                  (bar2_low_q[0] == (bar2_q[31:12] != bar2_mask_o[31:12]) || bar2_mask_o[31:12] == '0) &&
                  bar2_high_q[0] == (bar2_q[63:32] != bar2_mask_o[63:32]))
  `IVSHMEM_ASSERT(Bar2IsOn, bar2_on_o == (memory_q && bar2_q != '0 && bar2_q != bar2_mask_o))
endmodule
