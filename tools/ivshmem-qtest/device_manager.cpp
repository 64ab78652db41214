// SPDX-License-Identifier: Apache-2.0
//
// Devices that are plugged and unplugged.
#include "device_manager.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "host_wait.h"
#include "ivshmem/model/server_client.h"

namespace ivshmem::qtest {

namespace {

constexpr const char* root_bus(bool q35) { return q35 ? "pcie.0" : "pci.0"; }

/// The real device's words for a refused property [behaviour 10].
[[noreturn]] void refuse(const property_error& error) {
  if (error.property == "vectors") {
    throw user_error("Failed to initialize interrupts: The number of MSI-X vectors is invalid");
  }
  if (error.property == "master") {
    throw user_error("master must connect to the server before any peers");
  }
  throw user_error(error.text());
}

}  // namespace

std::string plugged_device::path() const {
  char text[16];
  std::snprintf(text, sizeof text, "0000:00:%02x.0", place->slot);
  return text + ("/" + request.driver);
}

config_space plugged_device::config() const {
  const device_properties& properties = place->endpoint->properties();
  config_space_layout layout;
  layout.variant = properties.variant;
  layout.msix_vectors = properties.has_msix() ? properties.vectors : 0;
  layout.memory_bytes =
      memory != nullptr ? memory->memory->value().size_bytes() : fabric->memory().bytes;
  config_space shown(layout);
  for (const reg_desc& reg : {cfg::command, cfg::bar0_reg, cfg::bar1_reg}) {
    shown.write(reg.offset, reg.bytes, place->endpoint->peek_config(reg.offset, reg.bytes));
  }
  for (const std::uint32_t half : {cfg::bar2_reg.offset, cfg::bar2_reg.offset + 4}) {
    shown.write(half, 4, place->endpoint->peek_config(half, 4));
  }
  return shown;
}

device_manager::device_manager(device_manager_config config, pc_machine& host, backends& names,
                               callback_trace& trace)
    : config_(std::move(config)), host_(host), names_(names), trace_(trace) {}

device_manager::~device_manager() {
  removed_ = nullptr;
  while (!devices_.empty()) {
    remove(devices_.size() - 1);  // the places outlive the memory and the servers
  }
}

pc_machine::place& device_manager::choose_place(const device_request& request, bool hot_plug) {
  const bool on_root = request.bus.empty() || request.bus == root_bus(host_.config().q35);
  const auto& ports = host_.config().root_ports;
  const auto port = std::find_if(ports.begin(), ports.end(), [&](const root_port& one) {
    return one.id == request.bus || one.bridge == request.bus;
  });
  if (!on_root && port == ports.end()) {
    throw user_error("Bus '" + request.bus + "' not found");
  }
  const bool on_bridge = !on_root && port->bridge == request.bus;
  if (hot_plug && (host_.config().q35 || !on_root) && !on_bridge) {
    throw user_error("Bus '" + (on_root ? root_bus(true) : request.bus) +
                     "' does not support hotplugging");
  }
  for (pc_machine::place& place : host_.places()) {
    const bool candidate =
        on_root ? !place.behind_port
                : place.behind_port && place.slot == port->slot && place.behind_bridge == on_bridge;
    const bool wanted = !on_root || request.slot < 0 || unsigned(request.slot) == place.slot;
    const bool free = place.endpoint->is_empty();
    if (candidate && wanted && free && (on_root || request.slot <= 0)) {
      return place;
    }
  }
  const std::string slot = std::to_string(std::max(request.slot, 0));
  const auto user = std::find_if(devices_.begin(), devices_.end(), [&](const auto& one) {
    return std::to_string(one.place->slot) == slot;
  });
  throw user_error("PCI: slot " + slot + " function 0 not available for " + request.driver +
                   (user == devices_.end()
                        ? ", in use by the machine"
                        : ", in use by " + user->request.driver + ",id=" + user->request.id));
}

void device_manager::add(const option_text& option, bool hot_plug) {
  plugged_device made;
  made.request = parse_device(option, config_, names_);
  made.request.properties.hot_plugged = hot_plug;
  const std::string& id = made.request.id;
  const bool is_taken = std::any_of(devices_.begin(), devices_.end(),
                                    [&](const auto& one) { return one.request.id == id; });
  const auto& ports = host_.config().root_ports;
  const bool is_port = std::any_of(ports.begin(), ports.end(), [&](const root_port& one) {
    return one.id == id || one.bridge == id;
  });
  if (!id.empty() && (is_taken || is_port)) {
    throw user_error(hot_plug ? "Duplicate device ID '" + id + "'"
                              : "Duplicate ID '" + id + "' for device");
  }
  made.place = &choose_place(made.request, hot_plug);
  made.reporter = std::make_unique<device_reporter>(config_.program, trace_, *made.place->endpoint);
  if (made.request.properties.variant == device_variant::plain) {
    plug_plain(made);
  } else {
    plug_doorbell(made);
  }
  made.place->endpoint->observe(made.reporter.get());
  made.place->endpoint->trace_registers(trace_.is_on());
  devices_.push_back(std::move(made));
}

void device_manager::plug_plain(plugged_device& made) {
  made.memory = names_.find_object(made.request.memdev);
  if (made.memory == nullptr) {
    throw user_error("You must specify a 'memdev'");
  }
  if (made.memory->in_use) {
    throw user_error("can't use already busy memdev: " + made.memory->id);
  }
  const result<shared_memory>& created = *made.memory->memory;
  if (!created) {
    throw user_error("memdev '" + made.memory->id + "': " + to_string(created.error()));
  }
  const shared_memory& memory = *created;
  if (const auto inserted = made.place->endpoint->insert(made.request.properties,
                                                         {memory.data(), memory.size_bytes()});
      !inserted) {
    refuse(inserted.error());
  }
  made.memory->in_use = true;
}

void device_manager::plug_doorbell(plugged_device& made) {
  made.server = names_.find_chardev(made.request.chardev);
  if (made.server == nullptr) {
    throw user_error("You must specify a 'chardev'");
  }
  if (made.server->is_null || made.server->is_server || !made.server->channel ||
      !made.server->channel->is_connected()) {
    throw user_error("chardev '" + made.server->id +
                     "' is not connected to an ivshmem server: must be socket,path=PATH of one");
  }
  const mortal_scope scope;  // a server that says nothing
  auto session = handshake(server_client(made.server->channel->release()), config_.server_timeout);
  if (!session) {
    throw user_error(to_string(session.error(), config_.qemu));
  }
  if (!config_.local_apic) {
    throw user_error(
        "Failed to initialize interrupts: MSI-X is not supported by interrupt controller");
  }
  auto fabric = server_seat::create(std::move(*session), [this](const std::string& line) {
    std::fprintf(stderr, "%s: %s\n", config_.program.c_str(), line.c_str());
  });
  if (!fabric) {
    throw user_error(to_string(fabric.error()));
  }
  made.fabric = std::make_unique<server_seat>(std::move(*fabric));
  if (const auto inserted = made.place->endpoint->insert(made.request.properties, *made.fabric);
      !inserted) {
    refuse(inserted.error());
  }
  if (const auto& early = made.fabric->early_server_messages(); !early) {
    made.place->endpoint->eject();
    throw user_error(early.error().text());
  }
  made.server->in_use = true;
}

void device_manager::request_removal(const std::string& id) {
  for (plugged_device& one : devices_) {
    if (one.request.id != id || id.empty()) {
      continue;
    }
    if (host_.config().q35 && !one.place->behind_bridge) {
      throw user_error(one.place->behind_port ? "Hot-unplug below a root port is not supported"
                                              : "Bus 'pcie.0' does not support hotplugging");
    }
    if (one.unplug_pending) {
      throw user_error("Device " + id + " is already in the process of unplug");
    }
    one.unplug_pending = true;
    return;
  }
  throw user_error("Device '" + id + "' not found", "DeviceNotFound");
}

void device_manager::eject(unsigned slot) {
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    if (devices_[i].place->slot == slot && !devices_[i].place->behind_port) {
      remove(i);
      return;
    }
  }
}

void device_manager::eject_pending() {
  for (std::size_t i = devices_.size(); i-- > 0;) {
    if (devices_[i].unplug_pending && !devices_[i].place->behind_bridge) {
      remove(i);
    }
  }
}

void device_manager::remove(std::size_t index) {
  plugged_device gone = std::move(devices_[index]);
  devices_.erase(devices_.begin() + static_cast<std::ptrdiff_t>(index));
  gone.place->endpoint->observe(nullptr);
  gone.place->endpoint->eject();
  if (gone.memory != nullptr) {
    gone.memory->in_use = false;
  }
  if (gone.server != nullptr) {
    gone.server->in_use = false;
  }
  if (removed_) {
    removed_(gone.request.id);
  }
}

}  // namespace ivshmem::qtest
