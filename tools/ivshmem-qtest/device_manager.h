// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "backends.h"
#include "callback_trace.h"
#include "ivshmem/model/config_space.h"
#include "ivshmem/tlm/server_seat.h"
#include "pc_machine.h"

namespace ivshmem::qtest {

/// What -device and device_add said about one device.
struct device_request {
  std::string driver;
  std::string id;
  std::string bus;
  std::string memdev;
  std::string chardev;
  int slot = -1;  ///< -1: the first free one
  device_properties properties;
};

/// A device on the bus.
struct plugged_device {
  device_request request;
  pc_machine::place* place;
  std::unique_ptr<server_seat> fabric;  ///< doorbell only
  memory_object* memory = nullptr;      ///< plain only
  chardev* server = nullptr;
  std::unique_ptr<device_reporter> reporter;
  bool unplug_pending = false;

  /// Base, last address and decoding of a BAR as they stand in configuration space.
  config_space config() const;
  /// `0000:00:04.0/ivshmem-plain`, the name in migration streams.
  std::string path() const;
};

struct device_manager_config {
  std::string program;
  bool has_pci = true;
  bool local_apic = true;
  std::chrono::milliseconds server_timeout{};
  qemu_version qemu = qemu_version::v7_2;
};

/// Creates, unplugs and lists the ivshmem devices. Mistakes throw user_error with QEMU's wording;
/// nothing has happened then.
///
/// Sources: device_manager.cpp (the devices), device_request.cpp (the root ports they hang from).
class device_manager {
 public:
  device_manager(device_manager_config config, pc_machine& host, backends& names,
                 callback_trace& trace);
  ~device_manager();

  /// Root ports on a command line, with the bridges below them; their place is fixed before the
  /// simulation starts.
  static std::vector<root_port> root_ports(const std::vector<option_text>& devices,
                                           const chipset& fixed);

  void add(const option_text& option, bool hot_plug);
  /// Asks the guest to let go of a device; it is gone once software ejects it.
  void request_removal(const std::string& id);
  /// Software ejects what is at `slot`, or a reset ends all requests to.
  void eject(unsigned slot);
  void eject_pending();
  void on_removed(std::function<void(const std::string& id)> handler) {
    removed_ = std::move(handler);
  }

  std::deque<plugged_device>& devices() noexcept { return devices_; }

 private:
  pc_machine::place& choose_place(const device_request& request, bool hot_plug);
  void plug_plain(plugged_device& made);
  void plug_doorbell(plugged_device& made);
  void remove(std::size_t index);

  device_manager_config config_;
  pc_machine& host_;
  backends& names_;
  callback_trace& trace_;
  std::deque<plugged_device> devices_;
  std::function<void(const std::string&)> removed_;
};

/// Reads a device's options; throws user_error.
device_request parse_device(const option_text& option, const device_manager_config& config,
                            backends& names);

}  // namespace ivshmem::qtest
