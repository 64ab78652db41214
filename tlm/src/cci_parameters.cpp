// SPDX-License-Identifier: Apache-2.0
//
// A parameter of CCI for each row of a table.
#include "cci_parameters.h"

#include <optional>
#include <systemc>
#include <utility>

#include "ivshmem/model/properties.h"
#include "ivshmem/tlm/config_table.h"
#include "ivshmem/tlm/report.h"

namespace ivshmem {

namespace {

/// nullopt: it is no time. SystemC reports that of a text as an error of its own.
std::optional<sc_core::sc_time> time_in(const cci::cci_value& given) {
  try {
    sc_core::sc_time time;
    return given.try_get(time) ? std::optional(time) : std::nullopt;
  } catch (const sc_core::sc_report&) {
    return std::nullopt;
  }
}

/// The value in the table's terms; nullopt: the row does not take it.
std::optional<std::uint64_t> value_of(const parameter& row, const cci::cci_value& given) {
  std::optional<std::uint64_t> value;
  switch (row.kind) {
    case parameter_kind::flag:
      if (given.is_bool()) {
        value = given.get_bool() ? 1 : 0;
      }
      break;
    case parameter_kind::number:
    case parameter_kind::power_of_two:
      if (given.is_uint64()) {
        value = given.get_uint64();
      }
      break;
    case parameter_kind::choice:
      if (given.is_string()) {
        value = row.choice(std::string(given.get_string()));
      }
      break;
    case parameter_kind::duration:
      if (const auto time = time_in(given)) {
        value = femtoseconds(*time);
      }
      break;
  }
  return value && row.is_allowed(*value) ? value : std::nullopt;
}

cci::cci_value cci_value_of(const parameter& row, std::uint64_t value) {
  switch (row.kind) {
    case parameter_kind::flag:
      return cci::cci_value(value != 0);
    case parameter_kind::number:
    case parameter_kind::power_of_two:
      return cci::cci_value(static_cast<std::uint32_t>(value));
    case parameter_kind::duration:
      return cci::cci_value(time_of(value));
    case parameter_kind::choice:
      break;
  }
  return cci::cci_value(row.value_text(value));
}

/// Reports a value that the row does not take.
void refuse(const std::string& part, const parameter& row, const cci::cci_value& given) {
  const property_error refused{std::string(row.name), given.to_json(), row.rule()};
  report_error(report_type::parameter, part.c_str(), refused.text());
}

/// From now on the parameter takes only what the row takes.
void check_writes(cci::cci_param_untyped& of, const parameter& row, const std::string& part) {
  const auto is_allowed = [&row, part](const cci::cci_param_write_event_untyped& write) {
    const bool allowed = value_of(row, write.new_value).has_value();
    if (!allowed) {
      refuse(part, row, write.new_value);
    }
    return allowed;
  };
  of.register_pre_write_callback(cci::cci_param_pre_write_callback_untyped(is_allowed),
                                 cci::cci_untyped_tag());
}

void add_metadata(cci::cci_param_untyped& to, const parameter& row) {
  if (row.kind == parameter_kind::number || row.kind == parameter_kind::power_of_two) {
    to.add_metadata("least", cci::cci_value(row.least), "inclusive");
    to.add_metadata("most", cci::cci_value(row.most), "inclusive");
  }
  if (row.kind == parameter_kind::duration) {
    to.add_metadata("least", cci_value_of(row, row.least), "inclusive");
  }
  cci::cci_value_list choices;
  for (const std::string_view name : row.choices) {
    choices.push_back(std::string(name));
  }
  if (row.kind == parameter_kind::choice) {
    to.add_metadata("choices", choices, "one of them");
  }
}

/// The module under construction, or that of the running process; nullptr: sc_main.
const sc_core::sc_object* current_module() {
  sc_core::sc_object* here = sc_core::sc_get_current_object();
  while (sc_core::sc_process_handle(here).valid()) {
    here = here->get_parent_object();
  }
  return here;
}

std::string place_of(const std::string& part) {
  const sc_core::sc_object* module = current_module();
  return module == nullptr ? part
                           : module->name() + std::string(1, sc_core::SC_HIERARCHY_CHAR) + part;
}

}  // namespace

// Outside all modules, CCI wants to know who asks.
cci_parameters::cci_parameters(const std::string& part)
    : part_(place_of(part)),
      originator_(current_module() == nullptr ? cci::cci_originator(part) : cci::cci_originator()),
      broker_(current_module() == nullptr ? cci::cci_get_global_broker(originator_)
                                          : cci::cci_get_broker()) {}

template <class Value>
std::shared_ptr<cci::cci_param_untyped> cci_parameters::make(const parameter& row,
                                                             const std::string& name,
                                                             std::uint64_t fallback) {
  return std::make_shared<cci::cci_param<Value>>(name, cci_value_of(row, fallback), broker_,
                                                 std::string(row.text), cci::CCI_ABSOLUTE_NAME,
                                                 originator_);
}

std::uint64_t cci_parameters::add(const parameter& row, std::uint64_t fallback) {
  const std::string name = part_ + sc_core::SC_HIERARCHY_CHAR + std::string(row.name);
  if (broker_.has_preset_value(name)) {
    const cci::cci_value preset = broker_.get_preset_cci_value(name);
    if (!value_of(row, preset)) {
      refuse(part_, row, preset);
      broker_.set_preset_cci_value(name, cci_value_of(row, fallback));
    }
  }
  std::shared_ptr<cci::cci_param_untyped> made;
  switch (row.kind) {
    case parameter_kind::flag:
      made = make<bool>(row, name, fallback);
      break;
    case parameter_kind::number:
    case parameter_kind::power_of_two:
      made = make<std::uint32_t>(row, name, fallback);
      break;
    case parameter_kind::choice:
      made = make<std::string>(row, name, fallback);
      break;
    case parameter_kind::duration:
      made = make<sc_core::sc_time>(row, name, fallback);
      break;
  }
  check_writes(*made, row, part_);
  add_metadata(*made, row);
  rows_.push_back({&row, fallback, std::move(made)});
  return value(rows_.size() - 1);
}

std::uint64_t cci_parameters::value(std::size_t index) const {
  const entry& one = rows_[index];
  return value_of(*one.of, one.made->get_cci_value()).value_or(one.fallback);
}

void cci_parameters::lock(void* key) {
  for (const entry& one : rows_) {
    one.made->lock(key);
  }
}

}  // namespace ivshmem
