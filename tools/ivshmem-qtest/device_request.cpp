// SPDX-License-Identifier: Apache-2.0
//
// A device as -device and device_add ask for it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "device_manager.h"

namespace ivshmem::qtest {

namespace {

/// Properties of every PCI device that change nothing here.
constexpr std::array ignored_properties{"multifunction", "romfile",    "rombar",
                                        "romsize",       "acpi-index", "failover_pair_id"};

void set_master(device_request& request, const std::string& value) {
  if (value == "auto") {
    request.properties.master = master_mode::automatic;
  } else if (value == "on" || value == "off") {
    request.properties.master = value == "on" ? master_mode::on : master_mode::off;
  } else {
    throw user_error("Parameter 'master' does not accept value '" + value + "'");
  }
}

void set_vectors(device_request& request, const std::string& value) {
  const bool negative = !value.empty() && value.front() == '-';
  const auto number = parse_number(negative ? value.substr(1) : value);
  if (!number) {
    throw user_error("Parameter 'vectors' expects integer");
  }
  if (negative || *number > std::numeric_limits<std::uint32_t>::max()) {
    throw user_error("Parameter 'vectors' expects uint32_t");
  }
  request.properties.vectors = static_cast<std::uint32_t>(*number);
}

void set_address(device_request& request, const std::string& value) {
  const std::size_t dot = value.find('.');
  // A device number is hexadecimal when a function follows it.
  const auto number =
      dot == std::string::npos ? parse_number(value) : parse_number("0x" + value.substr(0, dot));
  const bool function_zero = dot == std::string::npos || value.substr(dot) == ".0";
  if (!number || *number > 31 || !function_zero) {
    throw user_error("Property '" + request.driver + ".addr' doesn't take value '" + value + "'");
  }
  request.slot = static_cast<int>(*number);
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
  if (key == "master") {
    set_master(request, value);
  } else if (key == "addr") {
    set_address(request, value);
  } else if (key == "memdev" && !doorbell) {
    set_memdev(request, value, names);
  } else if (key == "chardev" && doorbell) {
    set_chardev(request, value, names);
  } else if (key == "vectors" && doorbell) {
    set_vectors(request, value);
  } else if (key == "ioeventfd" && doorbell) {
    request.properties.ioeventfd = parse_switch(key, value);
  } else if (std::find(ignored_properties.begin(), ignored_properties.end(), key) ==
             ignored_properties.end()) {
    throw user_error("Property '" + request.driver + "." + key + "' not found");
  }
}

}  // namespace

device_request parse_device(const option_text& option, const device_manager_config& config,
                            backends& names) {
  option_text rest = option;
  device_request request;
  set_driver(request, rest);
  request.id = rest.take("id").value_or("");
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
  const auto slot_of = [](option_text& option) {
    device_request request;
    if (const auto address = option.take("addr")) {
      set_address(request, *address);
    }
    return request.slot;
  };
  // What says where it stands comes first, whatever the order on the command line.
  for (option_text option : devices) {
    const bool other = option.take("driver") != "pcie-root-port" && !option.take("bus");
    const int slot = other ? slot_of(option) : -1;
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
      const std::string id = option.take("id").value_or("");
      if (port == ports.end() || id.empty()) {
        throw user_error(
            fmt::format("-device pcie-pci-bridge,id={},bus={}: needs an id, and the id of a "
                        "free root port "
                        "as bus",
                        id, bus));
      }
      port->bridge = id;
    }
    if (driver != "pcie-root-port") {
      continue;
    }
    int slot = slot_of(option);
    for (unsigned free = 0; slot < 0 && free < taken.size(); ++free) {
      slot = fixed.has_device(free) || taken[free] ? -1 : static_cast<int>(free);
    }
    const auto index = static_cast<std::size_t>(slot);
    if (slot < 0 || fixed.has_device(static_cast<unsigned>(slot)) || taken[index]) {
      throw user_error("-device " + option.text() + ": PCI: slot " + std::to_string(slot) +
                       " function 0 not available for pcie-root-port");
    }
    taken[index] = true;
    ports.push_back({option.take("id").value_or(""), static_cast<unsigned>(slot), ""});
  }
  return ports;
}

}  // namespace ivshmem::qtest
