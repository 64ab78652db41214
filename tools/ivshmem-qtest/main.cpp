// SPDX-License-Identifier: Apache-2.0
//
// The program: options, machine, exit code.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <systemc>
#include <vector>

#include "ivshmem/model/host_fd.h"
#include "ivshmem/tlm/report.h"
#include "main_loop.h"
#include "rtl_views.h"
#include "standard_streams.h"

namespace ivshmem::qtest {

namespace {

constexpr std::uint64_t most_firmware_bytes = 16ULL << 20U;

/// The image of -bios, else the one that QEMU would find; without one there is no firmware.
std::vector<std::uint8_t> load_firmware(const command_line& options) {
  std::vector<std::string> candidates{options.firmware};
  const std::string name = options.firmware.empty() ? "bios-256k.bin" : options.firmware;
  for (const std::string& folder : options.firmware_dirs) {
    candidates.push_back(std::filesystem::path(folder) / name);
  }
  for (const std::string& path : candidates) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) {
      continue;  // a device may never end
    }
    std::ifstream file(path, std::ios::binary);
    std::vector<char> image(most_firmware_bytes + 1);
    file.read(image.data(), static_cast<std::streamsize>(image.size()));
    if (file.gcount() > 0) {
      return {image.begin(), image.begin() + file.gcount()};
    }
  }
  if (!options.firmware.empty()) {
    throw user_error("-bios " + options.firmware + ": could not load PC BIOS");
  }
  return {};
}

int simulate(const command_line& options) {
  const bool q35 = options.machine == machine_kind::q35;
  pc_machine_config layout;
  layout.q35 = q35;
  layout.view = options.view;
  layout.qemu = options.qemu;
  layout.ram_bytes = options.ram_bytes;
  layout.firmware = load_firmware(options);
  if (layout.firmware.size() > most_firmware_bytes) {
    throw user_error("-bios " + options.firmware + ": must be 16 MiB or less");
  }
  layout.root_ports = device_manager::root_ports(options.devices, chipset(q35));
  callback_trace trace(options.trace_callbacks ? options.trace_file : "");
  pc_machine host("host", layout);
  backends names;
  device_manager devices({options.program, options.machine != machine_kind::no_pci,
                          options.local_apic, options.server_timeout, options.qemu},
                         host, names, trace);
  machine_state machine{options, host, names, devices, "inmigrate", "", {}, nullptr, 0, {}};
  main_loop loop("main_loop", machine);
  sc_core::sc_start();
  return machine.exit_code;
}

std::string base_name(const char* path) {
  const std::string text = path;
  return text.substr(text.rfind('/') + 1);
}

int complain(const std::string& program, const user_error& error) {
  tool::print_error(program + ": " + error.what());
  return 1;
}

}  // namespace

int run(int argc, char** argv) {
  const std::string program = base_name(argv[0]);
  result<command_line, user_error> parsed = parse_command_line(argc, argv);
  if (!parsed) {
    return complain(program, parsed.error());
  }
  command_line& options = *parsed;
  options.program = program;
  if (options.help || options.version) {
    tool::print(options.help ? usage(program)
                             : program + " of ivshmem-sc, for clients of QEMU 7.2 and 11.1\n");
    return tool::flush_standard_output(program, 0);
  }
  raise_descriptor_limit();
  try {
    return simulate(options);
  } catch (const user_error& error) {
    return complain(program, error);
  }
}

}  // namespace ivshmem::qtest

int sc_main(int argc, char** argv) {
  ivshmem::add_rtl_views();
  return ivshmem::qtest::run(argc, argv);
}

int main(int argc, char** argv) {
  ivshmem::tool::hold_standard_streams();
  // Standard error belongs to the device: no banner, no report of the simulation's end.
  ::setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "DISABLE", 1);
  sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_INFO,
                                          sc_core::SC_DO_NOTHING);
  for (const char* type : {ivshmem::report_type::doorbell, ivshmem::report_type::window,
                           ivshmem::report_type::vectors}) {
    sc_core::sc_report_handler::set_actions(type, sc_core::SC_WARNING, sc_core::SC_DO_NOTHING);
  }
  return sc_core::sc_elab_and_sim(argc, argv);
}
