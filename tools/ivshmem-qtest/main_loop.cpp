// SPDX-License-Identifier: Apache-2.0
//
// Waits for clients and servers, and serves them one at a time.
#include "main_loop.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <sstream>
#include <utility>
#include <vector>

#include "host_wait.h"
#include "standard_streams.h"

namespace ivshmem::qtest {

namespace {

constexpr std::size_t stack_bytes = std::size_t{8} << 20U;  // JSON as deep as QMP allows

/// Every line with the program's name in front.
void complain(const machine_state& machine, const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    tool::print_error(machine.options.program + ": " + line);
  }
}

/// Runs `action` on an option; a mistake names it.
template <class Action>
void with_option(const char* name, const std::string& text, Action action) {
  try {
    action();
  } catch (const user_error& error) {
    throw user_error(std::string(name) + " " + text + ": " + error.what());
  }
}

host_channel take_chardev(backends& names, const std::string& id) {
  chardev* found = names.find_chardev(id);
  if (found == nullptr || !found->channel || found->in_use) {
    throw user_error("chardev \"" + id + "\" not found");
  }
  found->in_use = true;
  host_channel channel = std::move(*found->channel);
  found->channel.reset();
  return channel;
}

/// `unix:PATH[,server=on][,wait=off]` or `chardev:ID`.
host_channel open_channel(backends& names, option_text option) {
  const std::string address = option.take("address").value_or("");
  if (address.rfind("chardev:", 0) == 0) {
    return take_chardev(names, address.substr(8));
  }
  if (address.rfind("unix:", 0) != 0) {
    throw user_error("the address of a server must be unix:PATH or chardev:ID");
  }
  const std::string path = address.substr(5);
  const bool server = option.take_switch("server", false);
  const bool wait = option.take_switch("wait", server) && !option.take_switch("nowait", false);
  return server ? host_channel::listen(path, wait) : host_channel::connect(path);
}

}  // namespace

main_loop::main_loop(const sc_core::sc_module_name& name, machine_state& machine)
    : sc_module(name), machine_(machine), qtest_(machine.host) {
  SC_THREAD(run);
  set_stack_size(stack_bytes);
  end_signals();
}

main_loop::~main_loop() = default;

void main_loop::run() {
  try {
    set_up();
    while (machine_.quit_reason == nullptr) {
      turn();
      settle();
    }
    machine_.event("SHUTDOWN", {{"guest", false}, {"reason", machine_.quit_reason}});
  } catch (const ended_by_signal&) {
    take_signal();  // no event: a client that does not read may be what it waited for
  } catch (const user_error& error) {
    complain(machine_, error.what());
    machine_.exit_code = 1;
  }
  sc_core::sc_stop();
}

void main_loop::set_up() {
  const command_line& options = machine_.options;
  machine_.event = [this](const std::string& name, const nlohmann::ordered_json& data) {
    for (qmp_session& monitor : monitors_) {
      monitor.event(name, data);
    }
  };
  machine_.host.on_eject([this](unsigned slot) { machine_.devices.eject(slot); });
  machine_.devices.on_removed([this](const std::string& id) {
    machine_.event("DEVICE_DELETED", {{"device", id}, {"path", "/machine/peripheral/" + id}});
  });
  for (const option_text& one : options.chardevs) {
    with_option("-chardev", one.text(), [&] { machine_.names.add_chardev(one); });
  }
  if (options.qtest) {
    with_option("-qtest", options.qtest->text(),
                [&] { qtest_channel_.emplace(open_channel(machine_.names, *options.qtest)); });
  }
  for (const option_text& one : options.objects) {
    with_option("-object", one.text(), [&] { machine_.names.add_object(one); });
  }
  if (memory_object* ram = machine_.names.find_object(options.ram_backend)) {
    ram->in_use = true;
  } else if (!options.ram_backend.empty()) {
    throw user_error("Memory backend '" + options.ram_backend + "' not found");
  }
  for (const option_text& one : options.devices) {
    option_text copy = one;
    const std::string driver = copy.take("driver").value_or("");
    if (driver != "pcie-root-port" && driver != "pcie-pci-bridge") {
      with_option("-device", one.text(), [&] { machine_.devices.add(one, false); });
    }
  }
  open_monitors();
  if (options.incoming && *options.incoming != "defer") {
    try {
      migrate_in(machine_, *options.incoming);
    } catch (const user_error& error) {
      throw user_error(error.what() + std::string("\nload of migration failed: Invalid argument"));
    }
  }
  machine_.run_state = options.paused ? (options.incoming ? "paused" : "prelaunch") : "running";
}

void main_loop::open_monitors() {
  for (const std::string& id : machine_.options.monitors) {
    with_option("-mon", "chardev=" + id,
                [&] { monitors_.emplace_back(take_chardev(machine_.names, id), machine_); });
  }
  for (const option_text& one : machine_.options.qmp) {
    with_option("-qmp", one.text(),
                [&] { monitors_.emplace_back(open_channel(machine_.names, one), machine_); });
  }
}

void main_loop::turn() {
  std::vector<pollfd> entries;
  const auto add = [&entries](int descriptor) { entries.push_back({descriptor, POLLIN, 0}); };
  add(end_signals());
  add(qtest_channel_ ? qtest_channel_->poll_descriptor() : -1);
  for (qmp_session& monitor : monitors_) {
    add(monitor.channel().poll_descriptor());
  }
  const std::size_t first_device = entries.size();
  for (const plugged_device& device : machine_.devices.devices()) {
    add(device.fabric ? device.fabric->poll_descriptor() : -1);
  }
  if (::poll(entries.data(), entries.size(), -1) < 0) {
    return;  // interrupted
  }
  // The devices come first: what a peer did before the client sent a command, the command sees.
  for (std::size_t i = first_device; i < entries.size(); ++i) {
    if (entries[i].revents != 0) {
      machine_.devices.devices()[i - first_device].fabric->service();
    }
  }
  if (entries[1].revents != 0) {
    service_qtest();
  }
  for (std::size_t i = 2; i < first_device; ++i) {
    if (entries[i].revents != 0) {
      monitors_[i - 2].receive();
    }
  }
  if (entries[0].revents != 0) {
    take_signal();
  }
}

void main_loop::take_signal() {
  signalfd_siginfo signal{};
  if (::read(end_signals(), &signal, sizeof signal) == static_cast<ssize_t>(sizeof signal)) {
    complain(machine_, "terminating on signal " + std::to_string(signal.ssi_signo) + " from pid " +
                           std::to_string(signal.ssi_pid));
    machine_.quit_reason = "host-signal";
  }
}

void main_loop::service_qtest() {
  if (!qtest_channel_->is_connected()) {
    qtest_channel_->accept();
    return;
  }
  qtest_channel_->write(qtest_.receive(qtest_channel_->read(qtest_server::most_bytes)));
}

void main_loop::settle() {
  while (sc_core::sc_pending_activity()) {
    wait(sc_core::sc_time_to_pending_activity());
  }
}

}  // namespace ivshmem::qtest
