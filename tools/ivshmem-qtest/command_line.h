// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ivshmem/model/qemu_version.h"
#include "ivshmem/model/result.h"
#include "ivshmem/tlm/device_view.h"
#include "option_text.h"

namespace ivshmem::qtest {

enum class machine_kind {
  pc,      ///< i440FX host bridge, ACPI hot-plug on bus 0
  q35,     ///< Q35 host bridge with ECAM
  no_pci,  ///< isapc and none: no PCI bus, so every device is refused
};

/// The part of QEMU's command line that matters here.
struct command_line {
  std::string program;  ///< base name: starts every line on standard error
  machine_kind machine = machine_kind::pc;
  std::string ram_backend;  ///< -machine memory-backend=
  std::uint64_t ram_bytes = 128ULL << 20U;
  bool local_apic = true;  ///< -cpu ...,apic=off: then there is no MSI
  bool paused = false;     ///< -S
  bool help = false;
  bool version = false;
  bool has_drive = false;  ///< some -drive was given, so snapshots are allowed
  std::vector<option_text> chardevs;
  std::vector<option_text> objects;
  std::vector<option_text> devices;
  std::vector<std::string> monitors;    ///< -mon: chardev ids with mode=control
  std::vector<option_text> qmp;         ///< -qmp unix:PATH[,server=on[,wait=off]]
  std::optional<option_text> qtest;     ///< -qtest, the same form or chardev:ID
  std::optional<std::string> incoming;  ///< -incoming
  std::string trace_file;               ///< -D
  bool trace_callbacks = false;         ///< -trace memory_region_ops_*
  std::vector<std::string> firmware_dirs;
  std::string firmware;  ///< -bios
  std::chrono::milliseconds server_timeout;
  device_view view = device_view::functional;  ///< -view, or IVSHMEM_QTEST_VIEW
  qemu_version qemu = qemu_version::v7_2;      ///< -qemu, or IVSHMEM_QTEST_QEMU
};

/// The error has the option's text in front, as QEMU prints it.
result<command_line, user_error> parse_command_line(int argc, char** argv);

/// What -help prints.
std::string usage(const std::string& program);

/// Size below which RAM must be: a larger one would leave no room for the PCI bus.
inline constexpr std::uint64_t max_ram_bytes = 2ULL << 30U;

}  // namespace ivshmem::qtest
