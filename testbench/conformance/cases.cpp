// SPDX-License-Identifier: Apache-2.0
//
// Recorded single cases of set-up, run time and properties.
#include "cases.h"

#include <fcntl.h>
#include <sys/eventfd.h>

#include <map>
#include <thread>

#include "raw_run.h"

namespace ivshmem::conformance {

namespace {

const json good_server = json::parse(R"([[0],[0],[-1,"shm"],[0,"efd"]])");

std::vector<std::string> doorbell_options(const case_program& program, const std::string& text) {
  std::vector<std::string> options{"-chardev", "socket,id=c0,path=@/iv", "-device",
                                   "ivshmem-doorbell,chardev=c0," + text};
  options.insert(options.end(), program.options.begin(), program.options.end());
  return options;
}

void pause() { std::this_thread::sleep_for(milliseconds(100)); }

/// O_NONBLOCK of descriptors after the device got them.
json descriptor_flags(const case_program& program) {
  raw_run run(program.path, "q35", doorbell_options(program, "vectors=1"));
  run.accept();
  run.send(json::parse(R"([[0],[1],[-1,"shm"]])"));
  json got{{"realized", run.outcome()}};
  const struct {
    const char* name;
    int flags;
    std::int64_t message;
  } steps[] = {{"peer eventfd, was blocking", 0, 5},
               {"peer eventfd, was non-blocking", EFD_NONBLOCK, 6},
               {"refused second eventfd of peer 5, was non-blocking", EFD_NONBLOCK, 5},
               {"own eventfd, was blocking", 0, 1},
               {"descriptor of an invalid message, was non-blocking", EFD_NONBLOCK, 70000}};
  for (const auto& step : steps) {
    const unique_fd descriptor(::eventfd(0, step.flags | EFD_CLOEXEC));
    run.send(step.message, descriptor.get());
    pause();
    run.alive();
    got[step.name] =
        (::fcntl(descriptor.get(), F_GETFL) & O_NONBLOCK) != 0 ? "non-blocking" : "blocking";
  }
  got["stderr"] = run.lines();
  return got;
}

/// BAR2 of a backend below the smallest size that the specification knows.
json tiny_memory(const case_program& program, const std::string& size) {
  machine_setup setup;
  setup.program = program.path;
  setup.options = {"-object", "memory-backend-ram,id=m0,size=" + size, "-device",
                   "ivshmem-plain,memdev=m0,addr=4"};
  machine host(setup);
  json got{{"bar2_reset", hex(host.config_read(device_slot, 0x18, 4))}};
  host.config_write(device_slot, 0x18, 4, 0xffff'ffff);
  host.config_write(device_slot, 0x1c, 4, 0xffff'ffff);
  got["bar2_all_ones"] =
      hex(host.config_read(device_slot, 0x1c, 4) << 32U | host.config_read(device_slot, 0x18, 4));
  return got;
}

}  // namespace

json run_setup_case(const case_program& program, const json& recorded) {
  raw_run run(program.path, "q35", doorbell_options(program, recorded["device"]));
  run.accept();
  run.send(recorded["server"]);
  json got{{"outcome", run.outcome()}};
  got["stderr"] = run.lines();
  return got;
}

json run_runtime_case(const case_program& program, const json& recorded) {
  if (recorded["case"] == "runtime/descriptor-flags") {
    return descriptor_flags(program);
  }
  raw_run run(program.path, "q35", doorbell_options(program, recorded["device"]));
  run.accept();
  run.send(recorded["server_init"]);
  json got{{"realized", run.outcome()}};
  pause();
  run.lines();
  std::string alive = run.alive();
  for (const json& item : recorded["server"]) {
    if (alive == "runs") {
      run.send(json::array({item}));
      pause();
      alive = run.alive();
    }
  }
  got["outcome"] = alive;
  got["stderr"] = run.lines();
  return got;
}

json run_property_case(const case_program& program, const json& recorded) {
  const std::string name = recorded["case"];
  const std::string tiny_prefix = "property/plain-memdev-size-";
  if (name.size() > 5 && name.substr(name.size() - 5) == "-bar2") {
    const std::string size = name.substr(tiny_prefix.size(), name.size() - tiny_prefix.size() - 5);
    try {
      return tiny_memory(program, size);
    } catch (const program_ended& error) {
      return {{"ended", error.what()}};
    }
  }
  std::vector<std::string> options = recorded["args"];
  options.insert(options.end(), program.options.begin(), program.options.end());
  raw_run run(program.path, recorded["machine"], options);
  for (const char* served :
       {"property/doorbell-chardev-reconnect", "property/doorbell-chardev-shared-by-two",
        "property/doorbell-no-apic"}) {
    if (name == served) {
      run.accept();
      run.send(good_server);
    }
  }
  json got{{"outcome", run.outcome()}};
  got["stderr"] = run.lines();
  return got;
}

json run_case(const case_program& program, const json& recorded) {
  using runner = json (*)(const case_program&, const json&);
  static const std::map<std::string, runner> groups{
      {"setup", run_setup_case},       {"runtime", run_runtime_case},
      {"property", run_property_case}, {"migration", run_migration_case},
      {"hotplug", run_hotplug_case},   {"pcie", run_pcie_case},
      {"ids", run_listing_case}};
  const std::string name = recorded["case"];
  const auto group = groups.find(name.substr(0, name.find('/')));
  if (group == groups.end()) {
    throw bench_error("unknown case " + name);
  }
  return group->second(program, recorded);
}

// ---- for the cases with a whole machine

void map_bars(machine& host, bool doorbell) {
  host.config_write(device_slot, 0x10, 4, bar0_base);
  if (doorbell) {
    host.config_write(device_slot, 0x14, 4, bar1_base);
  }
  host.config_write(device_slot, 0x18, 4, bar2_base);
  host.config_write(device_slot, 0x04, 2, 6);
}

json config_dwords(machine& host, unsigned slot, const std::vector<unsigned>& offsets) {
  json got = json::object();
  for (const unsigned offset : offsets) {
    got[hex(offset)] = hex(host.config_read(slot, offset, 4));
  }
  return got;
}

std::vector<std::string> one_device(const std::string& kind, const std::string& master,
                                    unsigned vectors, std::uint64_t memory_bytes) {
  const std::string rest = "addr=0x4" + (master.empty() ? "" : ",master=" + master);
  if (kind == "plain") {
    return {"-object",
            "memory-backend-memfd,id=m0,size=" + std::to_string(memory_bytes) + ",share=on",
            "-device", "ivshmem-plain,id=iv0,memdev=m0," + rest};
  }
  return {"-chardev", "socket,id=c0,path=@/iv", "-device",
          "ivshmem-doorbell,id=iv0,chardev=c0,vectors=" + std::to_string(vectors) +
              ",ioeventfd=on," + rest};
}

json lone_init(unsigned id, unsigned vectors) {
  json init = json::array({{0, nullptr}, {id, nullptr}, {-1, "shm"}});
  for (unsigned vector = 0; vector < vectors; ++vector) {
    init.push_back({id, "e" + std::to_string(id) + "." + std::to_string(vector)});
  }
  return init;
}

}  // namespace ivshmem::conformance
