// SPDX-License-Identifier: Apache-2.0
//
// A parameter of CCI for each row of the table of properties.
#include "ivshmem/tlm/cci_properties.h"

#include <cci_configuration>
#include <cstdint>
#include <optional>
#include <systemc>
#include <utility>
#include <vector>

#include "ivshmem/model/property_table.h"
#include "ivshmem/tlm/report.h"

namespace ivshmem {

namespace {

/// The value in the table's terms; nullopt: the row does not take it.
std::optional<std::uint64_t> value_of(const property_row& row, const cci::cci_value& given) {
  std::optional<std::uint64_t> value;
  switch (row.kind) {
    case parameter_kind::flag:
      if (given.is_bool()) {
        value = given.get_bool() ? 1 : 0;
      }
      break;
    case parameter_kind::number:
      if (given.is_uint64()) {
        value = given.get_uint64();
      }
      break;
    case parameter_kind::choice:
      if (given.is_string()) {
        value = row.choice(std::string(given.get_string()));
      }
      break;
  }
  return value && row.is_allowed(*value) ? value : std::nullopt;
}

cci::cci_value cci_value_of(const property_row& row, std::uint64_t value) {
  switch (row.kind) {
    case parameter_kind::flag:
      return cci::cci_value(value != 0);
    case parameter_kind::number:
      return cci::cci_value(static_cast<std::uint32_t>(value));
    case parameter_kind::choice:
      break;
  }
  return cci::cci_value(row.value_text(value));
}

/// Reports a value that the row does not take.
void refuse(const std::string& device, const property_row& row, const cci::cci_value& given) {
  const property_error refused{std::string(row.name), given.to_json(), row.rule()};
  report_error(report_type::parameter, device.c_str(), refused.text());
}

using parameter = std::shared_ptr<cci::cci_param_untyped>;

template <class Value>
parameter make(const property_row& row, const std::string& device, std::uint64_t fallback,
               const cci::cci_broker_handle& broker, const cci::cci_originator& originator) {
  return std::make_shared<cci::cci_param<Value>>(
      device + sc_core::SC_HIERARCHY_CHAR + std::string(row.name), cci_value_of(row, fallback),
      broker, std::string(row.text), cci::CCI_ABSOLUTE_NAME, originator);
}

/// From now on the parameter takes only what the row takes.
void check_writes(cci::cci_param_untyped& of, const property_row& row, const std::string& device) {
  const auto is_allowed = [&row, device](const cci::cci_param_write_event_untyped& write) {
    const bool allowed = value_of(row, write.new_value).has_value();
    if (!allowed) {
      refuse(device, row, write.new_value);
    }
    return allowed;
  };
  of.register_pre_write_callback(cci::cci_param_pre_write_callback_untyped(is_allowed),
                                 cci::cci_untyped_tag());
}

void add_metadata(cci::cci_param_untyped& to, const property_row& row) {
  if (row.kind == parameter_kind::number) {
    to.add_metadata("least", cci::cci_value(row.least), "inclusive");
    to.add_metadata("most", cci::cci_value(row.most), "inclusive");
  }
  cci::cci_value_list choices;
  for (const std::string_view name : row.choices) {
    choices.push_back(std::string(name));
  }
  if (row.kind == parameter_kind::choice) {
    to.add_metadata("choices", choices, "one of them");
  }
  cci::cci_value_list variants;
  for (std::size_t i = 0; i < variant_names.size(); ++i) {
    if (holds(row.variants, static_cast<device_variant>(i))) {
      variants.push_back(std::string(variant_names[i]));
    }
  }
  to.add_metadata("variants", variants, "those in which it means something");
}

/// The module under construction, or that of the running process; nullptr: sc_main.
const sc_core::sc_object* current_module() {
  sc_core::sc_object* here = sc_core::sc_get_current_object();
  while (sc_core::sc_process_handle(here).valid()) {
    here = here->get_parent_object();
  }
  return here;
}

}  // namespace

struct cci_properties::parameters {
  std::vector<std::pair<const property_row*, parameter>> rows;
};

cci_properties::cci_properties(const std::string& device, const device_properties& defaults)
    : parameters_(std::make_unique<parameters>()) {
  const sc_core::sc_object* module = current_module();
  const std::string place =
      module == nullptr ? device
                        : module->name() + std::string(1, sc_core::SC_HIERARCHY_CHAR) + device;
  // Outside all modules, CCI wants to know who asks.
  const cci::cci_originator originator =
      module == nullptr ? cci::cci_originator(device) : cci::cci_originator();
  cci::cci_broker_handle broker =
      module == nullptr ? cci::cci_get_global_broker(originator) : cci::cci_get_broker();
  device_properties known = defaults;
  for (const property_row& row : property_table) {
    const std::uint64_t fallback = default_value(row, known);
    const std::string name = place + sc_core::SC_HIERARCHY_CHAR + std::string(row.name);
    if (broker.has_preset_value(name)) {
      const cci::cci_value preset = broker.get_preset_cci_value(name);
      if (!value_of(row, preset)) {
        refuse(place, row, preset);
        broker.set_preset_cci_value(name, cci_value_of(row, fallback));
      }
    }
    parameter made;
    switch (row.kind) {
      case parameter_kind::flag:
        made = make<bool>(row, place, fallback, broker, originator);
        break;
      case parameter_kind::number:
        made = make<std::uint32_t>(row, place, fallback, broker, originator);
        break;
      case parameter_kind::choice:
        made = make<std::string>(row, place, fallback, broker, originator);
        break;
    }
    check_writes(*made, row, place);
    add_metadata(*made, row);
    row.set(known, value_of(row, made->get_cci_value()).value_or(fallback));
    parameters_->rows.emplace_back(&row, std::move(made));
  }
}

cci_properties::~cci_properties() = default;

device_properties cci_properties::values() const {
  device_properties now;
  for (const auto& [row, made] : parameters_->rows) {
    row->set(now, value_of(*row, made->get_cci_value()).value_or(row->get(now)));
  }
  return now;
}

device_properties cci_properties::lock() {
  for (const auto& [row, made] : parameters_->rows) {
    made->lock(this);
  }
  return values();
}

}  // namespace ivshmem
