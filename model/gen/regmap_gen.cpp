// SPDX-License-Identifier: Apache-2.0
//
// regmap_gen md|sv: writes docs/registers.md or rtl_bridge/rtl/ivshmem_regs_pkg.sv from the
// register map, so that neither can disagree with the model.
#include <cinttypes>
#include <cstdio>
#include <string>

#include "ivshmem/model/interrupt_event.h"
#include "ivshmem/model/regmap.h"
#include "ivshmem/model/type1.h"

namespace {

using namespace ivshmem;

// ---- the package

// What ivshmem_config.sv and ivshmem_registers.sv do not take from the package but have as wires.
constexpr bool share_a_dword(const reg_desc& first, const reg_desc& second) {
  return first.offset % 4 == 0 && second.offset == first.offset + first.bytes;
}
constexpr bool begins_a_dword(const reg_desc& reg) { return reg.offset % 4 == 0; }

static_assert(share_a_dword(cfg::vendor_id, cfg::device_id), "one dword of ivshmem_config");
static_assert(share_a_dword(cfg::command, cfg::status), "one dword of ivshmem_config");
static_assert(share_a_dword(cfg::revision, cfg::class_code), "one dword of ivshmem_config");
static_assert(share_a_dword(cfg::subsystem_vendor, cfg::subsystem_id),
              "one dword of ivshmem_config");
static_assert(share_a_dword(cfg::interrupt_line, cfg::interrupt_pin),
              "one dword of ivshmem_config");
static_assert(share_a_dword(cfg::link_control, cfg::link_status), "one dword of ivshmem_config");
static_assert(begins_a_dword(cfg::cache_line) && begins_a_dword(cfg::capabilities) &&
                  begins_a_dword(cfg::bar0_reg) && begins_a_dword(cfg::device_control),
              "ivshmem_config has them in the low bits of a dword");
static_assert(cfg::command.reset == 0 && cfg::msix_control.reset == 0 &&
                  cfg::link_control.reset == 0 && cfg::bar0_reg.reset == 0 &&
                  cfg::bar1_reg.reset == 0 && cfg::bar2_reg.reset <= cfg::bar_flags,
              "ivshmem_config resets these to zero");
static_assert(cfg::header_type.reset == 0, "ivshmem_config has no Header Type: it reads as 0");
static_assert(cfg::command_writable ==
                  (cfg::command_io | cfg::command_memory | cfg::command_master | cfg::command_serr |
                   cfg::command_intx_disable),
              "ivshmem_config stores these bits of Command");
static_assert(cfg::link_control.writable ==
                  (cfg::express::read_completion_boundary | cfg::express::common_clock |
                   cfg::express::extended_sync),
              "ivshmem_config stores these bits of Link Control");
static_assert((cfg::device_control.writable & (cfg::device_control.writable + 1)) == 0 &&
                  (cfg::device_control.reset & ~cfg::device_control.writable) == 0,
              "ivshmem_config stores Device Control from bit 0 on, and nothing above");
static_assert(cfg::express::payload_supported == 7 &&
                  cfg::express::payload_size == 7U << cfg::express::payload_size_shift &&
                  (cfg::device_control.reset & cfg::express::payload_size) == 0 &&
                  (cfg::device_capabilities.reset & cfg::express::payload_supported) == 0,
              "ivshmem_config has three bits for the maximum payload, zero after reset");
static_assert(cfg::msix_control.offset % 4 == 2 && cfg::express_capabilities.offset % 4 == 2,
              "an ID, a pointer, and 16 bits");
static_assert(cfg::size_bytes == 0x100, "ivshmem_config has 64 dwords");
static_assert(bar1::entry_bytes == 16 && bar1::control_masked == 1 &&
                  bar1::smallest_bytes == 0x1000 && bar1::pending_bits == 64,
              "ivshmem_msix and ivshmem_config address BAR1 like this");
static_assert(min_memory_bytes == 0x1000, "ivshmem_config decodes BAR2 by bits 12 and up");

constexpr unsigned log2_of(std::uint64_t value) {
  unsigned bit = 0;
  while (value >> (bit + 1) != 0) {
    ++bit;
  }
  return bit;
}

void constant(const char* name, unsigned bits, std::uint64_t value) {
  std::printf("  localparam logic [%u:0] %s = %u'h%" PRIx64 ";\n", bits - 1, name, bits, value);
}

void number(const char* name, unsigned value) {
  std::printf("  localparam logic [31:0] %s = 32'd%u;\n", name, value);
}

/// Number of the dword that holds byte `offset`; one of configuration space.
void dword(const char* name, std::uint32_t offset) { constant(name, 6, offset / 4); }
void dword(const char* name, const reg_desc& reg) { dword(name, reg.offset); }

void reset(const char* name, const reg_desc& reg) { constant(name, 8 * reg.bytes, reg.reset); }

/// Place, in the dword of `reg`, of the lowest of its bits `mask`.
void place(const char* name, const reg_desc& reg, std::uint32_t mask) {
  std::printf("  localparam logic [4:0] %s = 5'd%u;\n", name,
              8 * (reg.offset % 4) + log2_of(mask & (~mask + 1)));
}

std::string camel(std::string_view snake) {
  std::string name;
  bool upper = true;
  for (const char letter : snake) {
    if (letter != '_') {
      name += static_cast<char>(upper ? letter - 'a' + 'A' : letter);
    }
    upper = letter == '_';
  }
  return name;
}

void package_header() {
  std::printf("\n  // Configuration space: numbers of dwords.\n");
  dword("CfgVendorId", cfg::vendor_id);
  dword("CfgCommand", cfg::command);
  dword("CfgRevision", cfg::revision);
  dword("CfgCacheLine", cfg::cache_line);
  dword("CfgBar0", cfg::bar0_reg);
  dword("CfgBar1", cfg::bar1_reg);
  dword("CfgBar2", cfg::bar2_reg);
  dword("CfgBar2High", cfg::bar2_reg.offset + 4);
  dword("CfgSubsystemVendor", cfg::subsystem_vendor);
  dword("CfgCapabilities", cfg::capabilities);
  dword("CfgInterruptLine", cfg::interrupt_line);
  dword("CfgScratch", cfg::first_scratch);
  std::printf("  // What they read as.\n");
  reset("VendorId", cfg::vendor_id);
  reset("DeviceId", cfg::device_id);
  reset("Revision", cfg::revision);
  constant("LegacyRevision", 8, cfg::legacy_revision);
  reset("ClassCode", cfg::class_code);
  reset("SubsystemVendor", cfg::subsystem_vendor);
  reset("SubsystemId", cfg::subsystem_id);
  reset("CacheLineReset", cfg::cache_line);
  reset("InterruptLineReset", cfg::interrupt_line);
  reset("InterruptPin", cfg::interrupt_pin);
  constant("LegacyInterruptPin", 8, cfg::legacy_interrupt_pin);
  constant("Bar2Flags", 4, cfg::bar2_reg.reset & cfg::bar_flags);
  std::printf("  // Places of bits in a dword.\n");
  place("CommandIo", cfg::command, cfg::command_io);
  place("CommandMemory", cfg::command, cfg::command_memory);
  place("CommandMaster", cfg::command, cfg::command_master);
  place("CommandSerr", cfg::command, cfg::command_serr);
  place("CommandIntxDisable", cfg::command, cfg::command_intx_disable);
  place("StatusInterrupt", cfg::status, cfg::status_interrupt);
  place("StatusCapabilities", cfg::status, cfg::status_capabilities);
}

void package_capabilities() {
  std::printf("\n  // MSI-X capability.\n");
  constant("MsixCapability", 8, cfg::msix_capability);
  constant("MsixCapabilityId", 8, cfg::msix_capability_id);
  dword("CfgMsixControl", cfg::msix_control);
  dword("CfgMsixTable", cfg::msix_table);
  dword("CfgMsixPba", cfg::msix_pba);
  dword("CfgMsixEnd", cfg::msix_capability + cfg::msix_capability_bytes);
  place("MsixVectors", cfg::msix_control, cfg::msix_vectors_mask);
  place("MsixFunctionMask", cfg::msix_control, cfg::msix_function_mask);
  place("MsixEnable", cfg::msix_control, cfg::msix_enable);
  reset("MsixTable", cfg::msix_table);
  constant("MsixBir", 3, bar1::index);
  std::printf("\n  // PCI Express capability.\n");
  constant("ExpressCapability", 8, cfg::express_capability);
  constant("ExpressCapabilityId", 8, cfg::express_capability_id);
  dword("CfgExpress", cfg::express_capability);
  dword("CfgDeviceCapabilities", cfg::device_capabilities);
  dword("CfgDeviceControl", cfg::device_control);
  dword("CfgLinkCapabilities", cfg::link_capabilities);
  dword("CfgLinkControl", cfg::link_control);
  dword("CfgExpressEnd", cfg::express_capability + cfg::express_capability_bytes);
  reset("ExpressCapabilities", cfg::express_capabilities);
  reset("DeviceCapabilities", cfg::device_capabilities);
  const unsigned control_bits = log2_of(cfg::device_control.writable) + 1;
  number("DeviceControlBits", control_bits);
  constant("DeviceControlReset", control_bits, cfg::device_control.reset);
  constant("PayloadLog2", 4, log2_of(cfg::express::least_payload_bytes));
  place("PayloadSupported", cfg::device_capabilities, cfg::express::payload_supported);
  place("PayloadSize", cfg::device_control, cfg::express::payload_size);
  reset("LinkCapabilities", cfg::link_capabilities);
  reset("LinkStatus", cfg::link_status);
  place("LinkReadBoundary", cfg::link_control, cfg::express::read_completion_boundary);
  place("LinkCommonClock", cfg::link_control, cfg::express::common_clock);
  place("LinkExtendedSync", cfg::link_control, cfg::express::extended_sync);
}

void package() {
  std::printf(
      "// SPDX-License-Identifier: Apache-2.0\n"
      "// Generated from model/include/ivshmem/model/regmap.h by regmap_gen. Do not edit.\n"
      "// The registers are described in docs/registers.md.\n"
      "/* verilator lint_off UNUSED */\n"
      "package ivshmem_regs_pkg;\n"
      "  // What a device may have.\n");
  number("MaxVectors", max_vectors);
  constant("MinMemoryBytes", 64, min_memory_bytes);
  constant("MaxMemoryBytes", 64, max_memory_bytes);

  std::printf("\n  // BAR0: its size, and numbers of dwords.\n");
  constexpr unsigned bar0_log2 = log2_of(bar0::size_bytes);
  number("Bar0Log2", bar0_log2);
  for (const reg_desc& reg : bar0::all) {
    constant(std::string(reg.name).c_str(), bar0_log2 - 2, reg.offset / 4);
  }
  reset("IntrMaskReset", bar0::intr_mask);
  reset("IntrStatusReset", bar0::intr_status);

  package_header();
  package_capabilities();

  std::printf(
      "\n  // BAR1: where the pending bits begin at least, and the dwords of a table entry.\n");
  constant("PbaMinimum", 16, bar1::pba_minimum);
  constant("EntryAddressLow", 2, bar1::entry_address_low / 4);
  constant("EntryAddressHigh", 2, bar1::entry_address_high / 4);
  constant("EntryData", 2, bar1::entry_data / 4);
  constant("EntryControl", 2, bar1::entry_control / 4);
  constant("EntryControlReset", 32, bar1::control_masked);

  std::printf("\n  // What evt_kind_o says.\n");
  for (std::size_t i = 0; i < interrupt_event_names.size(); ++i) {
    constant(("Evt" + camel(interrupt_event_names[i])).c_str(), 3, i);
  }
  std::printf("endpackage\n/* verilator lint_on UNUSED */\n");
}

// ---- the page

const char* text(access sw) {
  switch (sw) {
    case access::ro:
      return "ro";
    case access::rw:
      return "rw";
    case access::rw_rclr:
      return "rw, read clears";
    case access::wo:
      return "wo";
  }
  return "?";
}

void row(const reg_desc& reg) {
  const int digits = static_cast<int>(2 * reg.bytes);
  std::printf("| 0x%02x | %u | %s | %s | 0x%0*x | ", reg.offset, reg.bytes,
              std::string(reg.name).c_str(), text(reg.sw), digits, reg.reset);
  if (reg.writable == 0) {
    std::printf("-");
  } else {
    std::printf("0x%0*" PRIx64, digits, reg.writable);
  }
  std::printf(" | %s |\n", std::string(reg.source).c_str());
}

void title(const char* words) {
  std::printf("\n## %s\n\n| Offset | Bytes | Name | Access | Reset | Writable | Defined by |\n",
              words);
  std::printf("|---|---|---|---|---|---|---|\n");
}

template <class Table>
void rows(const Table& table) {
  for (const reg_desc& reg : table) {
    row(reg);
  }
}

void page() {
  std::printf(
      "<!-- Generated from model/include/ivshmem/model/regmap.h by regmap_gen. Do not edit. -->\n"
      "# Registers\n\n"
      "Values after reset, for ivshmem-plain; the MSI-X registers for ivshmem-doorbell with one\n"
      "vector, where Status is 0x0010 and Capabilities Pointer 0x40. Of a BAR the writable bits "
      "are\n"
      "those of its smallest size. How each access size and alignment behaves is in\n"
      "[behaviour.md](behaviour.md); what each citation means is in [sources.md](sources.md).\n");
  title(("BAR0: registers, " + std::to_string(bar0::size_bytes) + " bytes").c_str());
  rows(bar0::all);
  title(("Configuration space, " + std::to_string(cfg::size_bytes) + " bytes").c_str());
  rows(cfg::header_registers);
  rows(cfg::msix_registers);
  std::printf(
      "\nBytes from 0x%02x on that no capability uses are read/write scratch and survive reset.\n",
      cfg::first_scratch);
  title("PCI Express capability, with `express=on`");
  rows(cfg::express_registers);
  std::printf(
      "\nDevice Capabilities has the maximum payload in bits 2:0: 0 is %u bytes, each one more is\n"
      "twice as many. Of bits 7:5 of Device Control those can be written that a supported value\n"
      "needs.\n",
      cfg::express::least_payload_bytes);
  std::printf(
      "\n## BAR1: MSI-X\n\n| Vectors | Table | PBA offset | PBA bytes | BAR1 bytes |\n"
      "|---|---|---|---|---|\n");
  for (const unsigned n :
       {1U, 2U, 64U, 128U, 129U, 254U, 255U, 508U, 509U, 1016U, 1017U, 2032U, 2033U, 2048U}) {
    std::printf("| %u | 0x0 to 0x%x | 0x%x | %u | 0x%x |\n", n, bar1::table_bytes(n) - 1,
                bar1::pba_offset(n), bar1::pba_bytes(n), bar1::size_bytes(n));
  }
  std::printf(
      "\nEntry: address low (+%u), address high (+%u), data (+%u), control (+%u, bit 0 masks), "
      "all\n"
      "read/write; reset 0, 0, 0, %u. Pending bits are read-only, bit v is vector v.\n",
      bar1::entry_address_low, bar1::entry_address_high, bar1::entry_data, bar1::entry_control,
      bar1::control_masked);
  title("Bridges: configuration space, type 1 header");
  rows(type1::all);
  std::printf(
      "\nVendor ID, Device ID, and the port type in PCI Express Capabilities come from\n"
      "`pcie::bridge_config`.\n");
}

}  // namespace

int main(int argc, char** argv) {
  const std::string form = argc == 2 ? argv[1] : "";
  if (form != "md" && form != "sv") {
    std::fprintf(stderr, "usage: regmap_gen md|sv\n");
    return 2;
  }
  form == "md" ? page() : package();
  return 0;
}
