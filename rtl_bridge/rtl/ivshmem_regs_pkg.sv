// SPDX-License-Identifier: Apache-2.0
// Generated from model/include/ivshmem/model/regmap.h by regmap_gen. Do not edit.
// The registers are described in docs/registers.md.
/* verilator lint_off UNUSED */
package ivshmem_regs_pkg;
  // What a device may have.
  localparam logic [31:0] MaxVectors = 32'd2048;
  localparam logic [63:0] MinMemoryBytes = 64'h1000;
  localparam logic [63:0] MaxMemoryBytes = 64'h200000000;

  // BAR0: its size, and numbers of dwords.
  localparam logic [31:0] Bar0Log2 = 32'd8;
  localparam logic [5:0] IntrMask = 6'h0;
  localparam logic [5:0] IntrStatus = 6'h1;
  localparam logic [5:0] IVPosition = 6'h2;
  localparam logic [5:0] Doorbell = 6'h3;
  localparam logic [31:0] IntrMaskReset = 32'h0;
  localparam logic [31:0] IntrStatusReset = 32'h0;

  // Configuration space: numbers of dwords.
  localparam logic [5:0] CfgVendorId = 6'h0;
  localparam logic [5:0] CfgCommand = 6'h1;
  localparam logic [5:0] CfgRevision = 6'h2;
  localparam logic [5:0] CfgCacheLine = 6'h3;
  localparam logic [5:0] CfgBar0 = 6'h4;
  localparam logic [5:0] CfgBar1 = 6'h5;
  localparam logic [5:0] CfgBar2 = 6'h6;
  localparam logic [5:0] CfgBar2High = 6'h7;
  localparam logic [5:0] CfgSubsystemVendor = 6'hb;
  localparam logic [5:0] CfgCapabilities = 6'hd;
  localparam logic [5:0] CfgInterruptLine = 6'hf;
  localparam logic [5:0] CfgScratch = 6'h10;
  // What they read as.
  localparam logic [15:0] VendorId = 16'h1af4;
  localparam logic [15:0] DeviceId = 16'h1110;
  localparam logic [7:0] Revision = 8'h1;
  localparam logic [7:0] LegacyRevision = 8'h0;
  localparam logic [23:0] ClassCode = 24'h50000;
  localparam logic [15:0] SubsystemVendor = 16'h1af4;
  localparam logic [15:0] SubsystemId = 16'h1100;
  localparam logic [7:0] CacheLineReset = 8'h0;
  localparam logic [7:0] InterruptLineReset = 8'h0;
  localparam logic [7:0] InterruptPin = 8'h0;
  localparam logic [7:0] LegacyInterruptPin = 8'h1;
  localparam logic [3:0] Bar2Flags = 4'hc;
  // Places of bits in a dword.
  localparam logic [4:0] CommandIo = 5'd0;
  localparam logic [4:0] CommandMemory = 5'd1;
  localparam logic [4:0] CommandMaster = 5'd2;
  localparam logic [4:0] CommandSerr = 5'd8;
  localparam logic [4:0] CommandIntxDisable = 5'd10;
  localparam logic [4:0] StatusInterrupt = 5'd19;
  localparam logic [4:0] StatusCapabilities = 5'd20;

  // MSI-X capability.
  localparam logic [7:0] MsixCapability = 8'h40;
  localparam logic [7:0] MsixCapabilityId = 8'h11;
  localparam logic [5:0] CfgMsixControl = 6'h10;
  localparam logic [5:0] CfgMsixTable = 6'h11;
  localparam logic [5:0] CfgMsixPba = 6'h12;
  localparam logic [5:0] CfgMsixEnd = 6'h13;
  localparam logic [4:0] MsixVectors = 5'd16;
  localparam logic [4:0] MsixFunctionMask = 5'd30;
  localparam logic [4:0] MsixEnable = 5'd31;
  localparam logic [31:0] MsixTable = 32'h1;
  localparam logic [2:0] MsixBir = 3'h1;

  // PCI Express capability.
  localparam logic [7:0] ExpressCapability = 8'h80;
  localparam logic [7:0] ExpressCapabilityId = 8'h10;
  localparam logic [5:0] CfgExpress = 6'h20;
  localparam logic [5:0] CfgDeviceCapabilities = 6'h21;
  localparam logic [5:0] CfgDeviceControl = 6'h22;
  localparam logic [5:0] CfgLinkCapabilities = 6'h23;
  localparam logic [5:0] CfgLinkControl = 6'h24;
  localparam logic [5:0] CfgExpressEnd = 6'h2f;
  localparam logic [15:0] ExpressCapabilities = 16'h2;
  localparam logic [31:0] DeviceCapabilities = 32'h8000;
  localparam logic [31:0] DeviceControlBits = 32'd15;
  localparam logic [14:0] DeviceControlReset = 15'h2810;
  localparam logic [3:0] PayloadLog2 = 4'h7;
  localparam logic [4:0] PayloadSupported = 5'd0;
  localparam logic [4:0] PayloadSize = 5'd5;
  localparam logic [31:0] LinkCapabilities = 32'h11;
  localparam logic [15:0] LinkStatus = 16'h11;
  localparam logic [4:0] LinkReadBoundary = 5'd3;
  localparam logic [4:0] LinkCommonClock = 5'd6;
  localparam logic [4:0] LinkExtendedSync = 5'd7;

  // BAR1: where the pending bits begin at least, and the dwords of a table entry.
  localparam logic [15:0] PbaMinimum = 16'h800;
  localparam logic [1:0] EntryAddressLow = 2'h0;
  localparam logic [1:0] EntryAddressHigh = 2'h1;
  localparam logic [1:0] EntryData = 2'h2;
  localparam logic [1:0] EntryControl = 2'h3;
  localparam logic [31:0] EntryControlReset = 32'h1;

  // What evt_kind_o says.
  localparam logic [2:0] EvtSent = 3'h0;
  localparam logic [2:0] EvtPended = 3'h1;
  localparam logic [2:0] EvtMerged = 3'h2;
  localparam logic [2:0] EvtLostMsixDisabled = 3'h3;
  localparam logic [2:0] EvtLostMasterOff = 3'h4;
  localparam logic [2:0] EvtLostNoVector = 3'h5;
endpackage
/* verilator lint_on UNUSED */
