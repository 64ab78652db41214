// SPDX-License-Identifier: Apache-2.0
//
// QEMU's command line, as far as it is understood.
#include "command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "ivshmem/model/server_client.h"

namespace ivshmem::qtest {

namespace {

/// Options of QEMU that change nothing that can be seen here.
constexpr std::array ignored_with_value{
    "-accel",    "-display", "-qtest-log", "-global", "-smp", "-boot",  "-name", "-vga", "-serial",
    "-parallel", "-monitor", "-net",       "-nic",    "-rtc", "-audio", "-msg",  "-uuid"};
constexpr std::array ignored_switches{"-nodefaults",  "-no-user-config", "-nographic", "-no-reboot",
                                      "-no-shutdown", "-no-hpet",        "-no-acpi"};

std::string qemu_names(const char* between) {
  std::string text;
  for (const qemu_behaviour& row : qemu_behaviours) {
    text += (text.empty() ? "" : between) + std::string(row.name);
  }
  return text;
}

template <class Names>
bool contains(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool starts_with(const std::string& text, const std::string& with) {
  return text.compare(0, with.size(), with) == 0;
}

void set_machine(command_line& line, const std::string& value) {
  option_text option(value, "type");
  const std::string type = option.take("type").value_or("pc");
  if (type == "pc" || starts_with(type, "pc-i440fx")) {
    line.machine = machine_kind::pc;
  } else if (type == "q35" || starts_with(type, "pc-q35")) {
    line.machine = machine_kind::q35;
  } else if (type == "isapc" || type == "none") {
    line.machine = machine_kind::no_pci;
  } else {
    throw user_error("unsupported machine type '" + type + "': must be pc, q35, isapc or none");
  }
  line.ram_backend = option.take("memory-backend").value_or(line.ram_backend);
}

void set_memory(command_line& line, const std::string& value) {
  option_text option(value, "size");
  line.ram_bytes = parse_size("size", option.take("size").value_or("128M"), 1U << 20U);
  if (line.ram_bytes == 0 || line.ram_bytes > max_ram_bytes || line.ram_bytes % 4096 != 0) {
    throw user_error("memory of " + std::to_string(line.ram_bytes) +
                     " bytes: must be a multiple of 4096 up to 2 GiB");
  }
}

void set_cpu(command_line& line, const std::string& value) {
  option_text option(value, "model");
  line.local_apic = option.take_switch("apic", true);
}

void add_monitor(command_line& line, const std::string& value) {
  option_text option(value, "chardev");
  const auto chardev = option.take("chardev");
  if (!chardev) {
    throw user_error("chardev: no chardev specified");
  }
  if (option.take("mode").value_or("control") == "control") {
    line.monitors.push_back(*chardev);
  }
}

void set_timeout(command_line& line, const std::string& value) {
  const auto number = parse_number(value);
  if (!number || *number == 0 || *number > 3'600'000) {
    throw user_error("time-out '" + value + "': must be from 1 to 3600000 milliseconds");
  }
  line.server_timeout = std::chrono::milliseconds(*number);
}

void set_trace(command_line& line, const std::string& value) {
  option_text option(value, "enable");
  const std::string pattern = option.take("enable").value_or("");
  line.trace_callbacks = line.trace_callbacks || starts_with(pattern, "memory_region_ops");
  line.trace_file = option.take("file").value_or(line.trace_file);
}

void set_view(command_line& line, const std::string& value) {
  const auto view = parse_device_view(value);
  if (view != device_view::functional && view != device_view::rtl) {
    throw user_error("view '" + value + "': must be functional or rtl");
  }
  if (!is_available(*view)) {
    throw user_error("view '" + value + "': must be functional, the RTL is not built in");
  }
  line.view = *view;
}

void set_qemu(command_line& line, const std::string& value) {
  const auto version = parse_qemu_version(value);
  if (!version) {
    throw user_error("QEMU '" + value + "': must be " + qemu_names(" or "));
  }
  line.qemu = *version;
}

/// Digests an option with a value; false if there is no such option.
bool set_value(command_line& line, const std::string& name, const std::string& value) {
  if (contains(ignored_with_value, name)) {
    return true;
  }
  if (name == "-machine" || name == "-M") {
    set_machine(line, value);
  } else if (name == "-m") {
    set_memory(line, value);
  } else if (name == "-cpu") {
    set_cpu(line, value);
  } else if (name == "-chardev") {
    line.chardevs.emplace_back(value, "backend");
  } else if (name == "-object") {
    line.objects.emplace_back(value, "qom-type");
  } else if (name == "-device") {
    line.devices.emplace_back(value, "driver");
  } else if (name == "-mon") {
    add_monitor(line, value);
  } else if (name == "-qmp") {
    line.qmp.emplace_back(value, "address");
  } else if (name == "-qtest") {
    line.qtest.emplace(value, "address");
  } else if (name == "-incoming") {
    line.incoming = value;
  } else if (name == "-D") {
    line.trace_file = value;
  } else if (name == "-trace") {
    set_trace(line, value);
  } else if (name == "-L") {
    line.firmware_dirs.insert(line.firmware_dirs.begin(), value);
  } else if (name == "-bios") {
    line.firmware = value;
  } else if (name == "-drive" || name == "-blockdev" || name == "-hda") {
    line.has_drive = true;
  } else if (name == "-view") {
    set_view(line, value);
  } else if (name == "-qemu") {
    set_qemu(line, value);
  } else if (name == "-server-timeout") {
    set_timeout(line, value);
  } else {
    return false;
  }
  return true;
}

bool set_switch(command_line& line, const std::string& name) {
  if (name == "-S") {
    line.paused = true;
  } else if (name == "-help" || name == "-h") {
    line.help = true;
  } else if (name == "-version") {
    line.version = true;
  } else {
    return contains(ignored_switches, name);
  }
  return true;
}

}  // namespace

result<command_line, user_error> parse_command_line(int argc, char** argv) {
  command_line line;
  line.server_timeout = default_server_timeout;
  line.firmware_dirs = {"/usr/share/seabios", "/usr/share/qemu"};
  for (const auto& [name, set] :
       {std::pair{"IVSHMEM_QTEST_VIEW", &set_view}, {"IVSHMEM_QTEST_QEMU", &set_qemu}}) {
    const char* value = std::getenv(name);
    try {
      if (value != nullptr) {
        set(line, value);
      }
    } catch (const user_error& error) {
      return user_error(std::string(name) + ": " + error.what());
    }
  }
  for (int i = 1; i < argc; ++i) {
    const std::string given = argv[i];
    const std::string name = starts_with(given, "--") ? given.substr(1) : given;
    if (name.empty() || name.front() != '-') {
      return user_error(given + ": disk images are not supported: must be an option, see -help");
    }
    if (set_switch(line, name)) {
      continue;
    }
    const bool has_value = i + 1 < argc;
    const std::string value = has_value ? argv[i + 1] : "";
    bool known = true;
    try {
      known = set_value(line, name, value);
    } catch (const user_error& error) {
      if (has_value) {
        return user_error(fmt::format("{} {}: {}", given, value, error.what()));
      }
    }
    if (!known || !has_value) {
      return user_error(given + (known ? ": requires an argument" : ": invalid option"));
    }
    ++i;
  }
  return line;
}

std::string usage(const std::string& program) {
  return "usage: " + program +
         " [options]\n"
         "Answers QEMU's qtest protocol with the ivshmem device of this project.\n\n"
         "  -machine pc|q35[,memory-backend=ID]  the host (default pc)\n"
         "  -m SIZE                              its memory, up to 2G (default 128M)\n"
         "  -qtest unix:PATH                     socket of the qtest client\n"
         "  -qmp unix:PATH[,server=on,wait=off]  socket of a QMP client\n"
         "  -chardev socket,id=ID,path=PATH      connection to an ivshmem server or QMP client\n"
         "  -mon chardev=ID,mode=control         QMP on a chardev\n"
         "  -object memory-backend-ram|memory-backend-memfd|memory-backend-file,id=ID,size=SIZE\n"
         "          [,share=on|off][,mem-path=PATH]\n"
         "  -device ivshmem-plain,memdev=ID[,master=on|off|auto][,id=ID][,addr=SLOT][,bus=ID]\n"
         "  -device ivshmem-doorbell,chardev=ID[,vectors=N][,ioeventfd=on|off][,master=...]...\n"
         "  -device pcie-root-port,id=ID[,addr=SLOT]   (q35)\n"
         "  -device pcie-pci-bridge,id=ID,bus=ROOT_PORT   (q35; device 0 can be hot-plugged)\n"
         "  -incoming exec:COMMAND               load a migration stream\n"
         "  -server-timeout MS                   longest handshake (default 10000)\n"
         "  -view functional|rtl                 what the devices are made of; also by\n"
         "                                       IVSHMEM_QTEST_VIEW in the environment\n"
         "  -qemu " +
         qemu_names("|") +
         "                       the QEMU that is followed (default 7.2); also by\n"
         "                                       IVSHMEM_QTEST_QEMU in the environment\n"
         "  -bios FILE, -L DIR                   firmware image at the end of 4 GiB\n"
         "  -D FILE -trace memory_region_ops_*   log of device-level accesses\n"
         "  -S -version -help\n"
         "QEMU's other options are accepted when they make no difference here.\n";
}

}  // namespace ivshmem::qtest
