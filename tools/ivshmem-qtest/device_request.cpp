// SPDX-License-Identifier: Apache-2.0
//
// A device as -device and device_add ask for it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "device_manager.h"
#include "ivshmem/model/property_table.h"

namespace ivshmem::qtest {

namespace {

std::uint64_t parse_integer(const std::string& key, const std::string& value) {
  const bool negative = !value.empty() && value.front() == '-';
  const auto number = parse_number(negative ? value.substr(1) : value);
  if (!number) {
    throw user_error("Parameter '" + key + "' expects integer");
  }
  if (negative || *number > std::numeric_limits<std::uint32_t>::max()) {
    throw user_error("Parameter '" + key + "' expects uint32_t");
  }
  return *number;
}

/// A property that QEMU's device has too, in QEMU's spelling. False: the device has no such one.
bool set_of_table(device_request& request, const std::string& key, const std::string& value) {
  device_properties& properties = request.properties;
  const property_row* row = find_property(key);
  if (row == nullptr || !row->of_qemu || !holds(row->variants, properties.variant)) {
    return false;
  }
  if (row->kind == parameter_kind::choice) {
    const auto found = row->choice(value);
    if (!found) {
      throw user_error("Parameter '" + key + "' does not accept value '" + value + "'");
    }
    row->set(properties, *found);
  } else if (row->kind == parameter_kind::flag) {
    row->set(properties, parse_switch(key, value) ? 1 : 0);
  } else {
    row->set(properties, parse_integer(key, value));
  }
  return true;
}

/// `SLOT` or `SLOT.FUNCTION`, both hexadecimal with or without 0x [qdev-properties-system.c].
void set_address(device_request& request, const std::string& value) {
  const std::size_t dot = value.find('.');
  const auto slot = parse_hexadecimal(value.substr(0, dot));
  const auto function = dot == std::string::npos ? 0 : parse_hexadecimal(value.substr(dot + 1));
  if (!slot || *slot > 31 || !function || *function > 7) {
    throw user_error("Property '" + request.driver + ".addr' doesn't take value '" + value + "'");
  }
  if (*function != 0) {
    throw user_error("Property '" + request.driver + ".addr' = " + value +
                     ": the device has one function: must be function 0");
  }
  request.slot = static_cast<int>(*slot);
}

/// Properties of every PCI device, as far as they change nothing here. False: there is no such one.
bool check_common(const std::string& key, const std::string& value) {
  if (key == "multifunction") {
    if (parse_switch(key, value)) {
      throw user_error("Parameter 'multifunction' = on: the device has one function: must be off");
    }
  } else if (key == "romfile" || key == "failover_pair_id") {
    if (!value.empty()) {
      throw user_error("Parameter '" + key + "' = " + value + ": not supported: must be empty");
    }
  } else if (key == "rombar" || key == "acpi-index") {
    if (!parse_number(value)) {
      throw user_error("Parameter '" + key + "' expects integer");
    }
  } else if (key == "romsize") {
    const std::uint64_t bytes = parse_size(key, value);
    if ((bytes & (bytes - 1)) != 0) {
      throw user_error("ROM size " + std::to_string(bytes) + " is not a power of two");
    }
  } else if (key == "x-pcie-lnksta-dllla" || key == "x-pcie-extcap-init") {
    parse_switch(key, value);
  } else {
    return false;
  }
  return true;
}

void set_memdev(device_request& request, const std::string& value, backends& names) {
  const memory_object* object = names.find_object(value);
  if (object == nullptr) {
    throw user_error("Device '" + value + "' not found", "DeviceNotFound");
  }
  if (!object->is_memory()) {
    throw user_error("Invalid parameter type for 'memdev', expected: memory-backend");
  }
  request.memdev = value;
}

void set_chardev(device_request& request, const std::string& value, backends& names) {
  const std::string property = "Property '" + request.driver + ".chardev' ";
  const chardev* found = names.find_chardev(value);
  if (found == nullptr) {
    throw user_error(property + "can't find value '" + value + "'");
  }
  if (found->in_use) {
    throw user_error(property + "can't take value '" + value + "': Device '" + value +
                     "' is in use");
  }
  request.chardev = value;
}

void set_driver(device_request& request, option_text& option) {
  request.driver = option.take("driver").value_or("");
  if (request.driver.empty()) {
    throw user_error("Parameter 'driver' is missing");
  }
  if (request.driver == "ivshmem-plain") {
    request.properties.variant = device_variant::plain;
  } else if (request.driver == "ivshmem-doorbell") {
    request.properties.variant = device_variant::doorbell;
  } else if (request.driver == "ivshmem-common") {
    throw user_error("Parameter 'driver' expects a non-abstract device type");
  } else {
    throw user_error("'" + request.driver + "' is not a valid device model name");
  }
}

void set_property(device_request& request, const std::string& key, const std::string& value,
                  backends& names) {
  const bool doorbell = request.properties.variant == device_variant::doorbell;
  if (key == "addr") {
    set_address(request, value);
  } else if (key == "memdev" && !doorbell) {
    set_memdev(request, value, names);
  } else if (key == "chardev" && doorbell) {
    set_chardev(request, value, names);
  } else if (!set_of_table(request, key, value) && !check_common(key, value)) {
    throw user_error("Property '" + request.driver + "." + key + "' not found");
  }
}

/// Reads a part of a -device; a mistake names the whole.
template <class Read>
void with_option(const option_text& option, Read read) {
  try {
    read();
  } catch (const user_error& error) {
    throw user_error("-device " + option.text() + ": " + error.what());
  }
}

/// The identifier of a root port or of a bridge below one.
std::string port_id(option_text& option) {
  std::string id;
  with_option(option, [&] { id = take_id(option).value_or(""); });
  return id;
}

void refuse_duplicate(const std::vector<root_port>& ports, const option_text& option,
                      const std::string& id) {
  const bool taken = std::any_of(ports.begin(), ports.end(), [&](const root_port& one) {
    return one.id == id || one.bridge == id;
  });
  if (taken && !id.empty()) {
    throw user_error("-device " + option.text() + ": Duplicate ID '" + id + "' for device");
  }
}

}  // namespace

device_request parse_device(const option_text& option, const device_manager_config& config,
                            backends& names) {
  option_text rest = option;
  device_request request;
  request.properties.qemu = config.qemu;
  set_driver(request, rest);
  request.id = take_id(rest).value_or("");
  request.bus = rest.take("bus").value_or("");
  if (!config.has_pci) {
    throw user_error("No 'PCI' bus found for device '" + request.driver + "'");
  }
  for (const auto& [key, value] : rest.items()) {
    set_property(request, key, value, names);
  }
  return request;
}

std::vector<root_port> device_manager::root_ports(const std::vector<option_text>& devices,
                                                  const chipset& fixed) {
  std::vector<root_port> ports;
  std::array<bool, 32> taken{};
  const auto slot_of = [](option_text& option, const std::string& driver) {
    device_request request;
    request.driver = driver;
    if (const auto address = option.take("addr")) {
      with_option(option, [&] { set_address(request, *address); });
    }
    return request.slot;
  };
  // What says where it stands comes first, whatever the order on the command line.
  for (option_text option : devices) {
    const std::string driver = option.take("driver").value_or("");
    const bool other = driver != "pcie-root-port" && !option.take("bus");
    const int slot = other ? slot_of(option, driver) : -1;
    if (slot >= 0) {
      taken[static_cast<std::size_t>(slot)] = true;
    }
  }
  for (option_text option : devices) {
    const std::string driver = option.take("driver").value_or("");
    if (driver == "pcie-pci-bridge") {
      const std::string bus = option.take("bus").value_or("");
      const auto port = std::find_if(ports.begin(), ports.end(), [&](const root_port& one) {
        return one.id == bus && one.bridge.empty();
      });
      const std::string id = port_id(option);
      if (port == ports.end() || id.empty()) {
        throw user_error(
            fmt::format("-device pcie-pci-bridge,id={},bus={}: needs an id, and the id of a "
                        "free root port "
                        "as bus",
                        id, bus));
      }
      refuse_duplicate(ports, option, id);
      port->bridge = id;
    }
    if (driver != "pcie-root-port") {
      continue;
    }
    int slot = slot_of(option, driver);
    for (unsigned free = 0; slot < 0 && free < taken.size(); ++free) {
      slot = fixed.has_device(free) || taken[free] ? -1 : static_cast<int>(free);
    }
    const auto index = static_cast<std::size_t>(slot);
    if (slot < 0 || fixed.has_device(static_cast<unsigned>(slot)) || taken[index]) {
      throw user_error("-device " + option.text() + ": PCI: slot " + std::to_string(slot) +
                       " function 0 not available for pcie-root-port");
    }
    taken[index] = true;
    const std::string id = port_id(option);
    refuse_duplicate(ports, option, id);
    ports.push_back({id, static_cast<unsigned>(slot), ""});
  }
  return ports;
}

}  // namespace ivshmem::qtest
