// SPDX-License-Identifier: Apache-2.0
//
// Recorded single cases of migration.
#include <sstream>
#include <thread>

#include "cases.h"

namespace ivshmem::conformance {

namespace {

constexpr std::uint64_t one_mib = 1U << 20U;

struct end_point {
  std::string kind = "plain";
  std::string master;  ///< empty: not given
  unsigned id = 0;
  unsigned vectors = 2;
  std::uint64_t memory_bytes = one_mib;

  bool doorbell() const { return kind == "doorbell"; }
};

machine_setup setup_of(const case_program& program, const end_point& end) {
  machine_setup setup;
  setup.program = program.path;
  setup.options = one_device(end.kind, end.master, end.vectors, end.memory_bytes);
  setup.with_server = end.doorbell();
  setup.memory_bytes = end.memory_bytes;
  if (end.doorbell()) {
    setup.server_init = {lone_init(end.id, end.vectors)};
  }
  return setup;
}

std::string wait_for_migration(machine& host) {
  for (int i = 0; i < 1200; ++i) {
    std::string status = host.qmp("query-migrate")["return"].value("status", "");
    if (status == "completed" || status == "failed" || status == "cancelled") {
      return status;
    }
    std::this_thread::sleep_for(milliseconds(50));
  }
  return "timeout";
}

std::string trimmed(std::string text) {
  while (!text.empty() && text.back() == '\n') {
    text.pop_back();
  }
  return text;
}

/// How a program ended: `exit 1` and its lines.
void put_ending(json& got, const program_ended& error, const char* how, const char* lines) {
  std::istringstream text(error.what());
  std::string line;
  std::getline(text, line);
  got[how] = line;
  got[lines] = json::array();
  while (std::getline(text, line)) {
    got[lines].push_back(line);
  }
}

/// `migration/out-plain-master-on`, `migration/out-doorbell-master-None-id0`.
json migrate_out(const case_program& program, const std::string& name) {
  end_point end;
  end.kind = name.find("doorbell") != std::string::npos ? "doorbell" : "plain";
  const std::size_t id = name.find("-id");
  const std::size_t at = name.find("master-") + 7;
  const std::string master = name.substr(at, id == std::string::npos ? id : id - at);
  end.master = master == "None" ? "" : master;
  end.id = id == std::string::npos ? 0 : static_cast<unsigned>(std::stoul(name.substr(id + 3)));
  json got;
  try {
    machine host(setup_of(program, end));
    const json reply = host.qmp("migrate", {{"uri", "exec:cat > " + host.folder("stream")}});
    got["migrate"] = reply.contains("error") ? reply["error"]["desc"] : json("accepted");
    if (!reply.contains("error")) {
      got["status"] = wait_for_migration(host);
    }
    got["hmp_savevm"] = trimmed(host.hmp("savevm x"));
    got["stderr"] = host.lines();
  } catch (const program_ended& error) {
    put_ending(got, error, "realize", "stderr");
  }
  return got;
}

json save_and_load(const case_program& program) {
  json got;
  for (const char* kind : {"plain", "doorbell"}) {
    for (const char* master : {"on", "off"}) {
      const temporary_folder disk;
      const std::string image = disk.path("disk.qcow2");
      class program make({"qemu-img", "create", "-q", "-f", "qcow2", image, "16M"},
                         disk.path("output"));
      make.ended(milliseconds(60'000));
      end_point end;
      end.kind = kind;
      end.master = master;
      machine_setup setup = setup_of(program, end);
      setup.options.insert(setup.options.end(), {"-drive", "if=none,id=d0,file=" + image});
      machine host(setup);
      map_bars(host, end.doorbell());
      host.write(bar0_base, 4, 0x1111'2222);
      host.write(bar2_base, 4, 0x3333'4444);
      json one{{"savevm", trimmed(host.hmp("savevm s1"))}};
      host.write(bar0_base, 4, 0x5555'6666);
      host.write(bar2_base, 4, 0x7777'8888);
      one["loadvm"] = trimmed(host.hmp("loadvm s1"));
      one["IntrMask_after_loadvm"] = hex(host.read(bar0_base, 4));
      one["BAR2_after_loadvm"] = hex(host.read(bar2_base, 4));
      one["log"] = host.lines();
      got[std::string(kind) + " master=" + master] = one;
    }
  }
  return got;
}

/// The source side: known values everywhere, for doorbell devices with a pending vector.
void fill_source(machine& host, const end_point& end, json& got) {
  map_bars(host, end.doorbell());
  host.write(bar0_base, 4, 0x1122'3344);
  host.write(bar0_base + 4, 4, 0x5566'7788);
  host.write(bar2_base + 16, 8, 0x1122'3344'5566'7788);
  host.config_write(device_slot, 0x60, 4, 0xdead'beef);
  host.config_write(device_slot, 0x3c, 1, 0x0a);
  if (!end.doorbell()) {
    return;
  }
  for (unsigned vector = 0; vector < end.vectors; ++vector) {
    const std::uint64_t entry = bar1_base + std::uint64_t{16} * vector;
    host.write(entry, 4, message_base + std::uint64_t{0x20} * vector);
    host.write(entry + 8, 4, 0xd0 + vector);
    host.write(entry + 12, 4, 0);
  }
  host.config_write(device_slot, 0x42, 2, 0xc000);
  host.server().ring("e0.1", 1);
  host.settle(4);
  got["src_pba"] = hex(host.read(bar1_base + 0x800, 8));
}

void read_destination(machine& host, const end_point& end, json& got) {
  got["IntrMask"] = hex(host.read(bar0_base, 4));
  got["IntrStatus"] = hex(host.read(bar0_base + 4, 4));
  got["BAR2[16]"] = hex(host.read(bar2_base + 16, 8));
  got["cfg"] = config_dwords(host, device_slot, {4, 0x10, 0x18, 0x3c, 0x40, 0x60});
  if (!end.doorbell()) {
    return;
  }
  got["IVPosition"] = hex(host.read(bar0_base + 8, 4));
  got["dst_pba"] = hex(host.read(bar1_base + 0x800, 8));
  got["dst_table0"] = host.command("read " + hex(bar1_base) + " 32");
  host.messages();
  host.fill_windows();
  host.config_write(device_slot, 0x42, 2, 0x8000);
  host.settle(4);
  got["after_unmask_msi"] = host.messages();
  got["pba_after"] = hex(host.read(bar1_base + 0x800, 8));
  host.server().ring("e" + std::to_string(end.id) + ".0", 1);
  host.settle(4);
  got["ring0_msi"] = host.messages();
}

json migrate_in(const case_program& program, const end_point& from, const end_point& to) {
  json got;
  const temporary_folder folder;
  const std::string stream = folder.path("stream");
  {
    machine host(setup_of(program, from));
    fill_source(host, from, got);
    host.qmp("migrate", {{"uri", "exec:cat > " + stream}});
    got["src_status"] = wait_for_migration(host);
    got["src_log"] = host.lines();
  }
  try {
    machine_setup setup = setup_of(program, to);
    setup.options.insert(setup.options.end(), {"-incoming", "exec:cat " + stream});
    machine host(setup);
    got["dst_status"] = wait_for_migration(host);
    read_destination(host, to, got);
    got["dst_log"] = host.lines();
  } catch (const program_ended& error) {
    got.erase("dst_status");
    put_ending(got, error, "dst", "dst_stderr");
  }
  return got;
}

}  // namespace

json run_migration_case(const case_program& program, const json& recorded) {
  const std::string name = std::string(recorded["case"]).substr(std::string("migration/").size());
  if (name == "savevm-with-disk") {
    return save_and_load(program);
  }
  if (name.rfind("out-", 0) == 0) {
    return migrate_out(program, name);
  }
  const end_point plain_on{"plain", "on"};
  const end_point doorbell_on{"doorbell", "on"};
  const struct {
    const char* name;
    end_point from;
    end_point to;
  } ways[] = {
      {"in-plain-on-to-on", plain_on, plain_on},
      {"in-plain-on-to-off", plain_on, {"plain", "off"}},
      {"in-plain-auto-to-auto", {"plain", "auto"}, {"plain", "auto"}},
      {"in-plain-on-to-on-bigger-bar2", plain_on, {"plain", "on", 0, 2, 2 * one_mib}},
      {"in-doorbell-on-to-on", doorbell_on, doorbell_on},
      {"in-doorbell-on-to-off", doorbell_on, {"doorbell", "off"}},
      {"in-doorbell-auto-to-auto", {"doorbell", "auto"}, {"doorbell", "auto"}},
      {"in-doorbell-on-to-auto-id1", doorbell_on, {"doorbell", "auto", 1}},
      {"in-doorbell-2-to-4-vectors", doorbell_on, {"doorbell", "on", 0, 4}},
      {"in-doorbell-on-to-on-bigger-shm", doorbell_on, {"doorbell", "on", 0, 2, 2 * one_mib}},
  };
  for (const auto& way : ways) {
    if (name == way.name) {
      return migrate_in(program, way.from, way.to);
    }
  }
  throw bench_error("unknown case migration/" + name);
}

}  // namespace ivshmem::conformance
