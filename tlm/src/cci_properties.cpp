// SPDX-License-Identifier: Apache-2.0
//
// A parameter of CCI for each row of the table of properties.
#include "ivshmem/tlm/cci_properties.h"

#include <cstddef>

#include "cci_parameters.h"

#include "ivshmem/model/property_table.h"

namespace ivshmem {

struct cci_properties::parameters : cci_parameters {
  using cci_parameters::cci_parameters;
};

cci_properties::cci_properties(const std::string& device, const device_properties& defaults)
    : parameters_(std::make_unique<parameters>(device)) {
  device_properties known = defaults;
  for (const property_row& row : property_table) {
    row.set(known, parameters_->add(row, default_value(row, known)));
    cci::cci_value_list variants;
    for (std::size_t i = 0; i < variant_names.size(); ++i) {
      if (holds(row.variants, static_cast<device_variant>(i))) {
        variants.push_back(std::string(variant_names[i]));
      }
    }
    parameters_->last().add_metadata("variants", variants, "those in which it means something");
  }
}

cci_properties::~cci_properties() = default;

device_properties cci_properties::values() const {
  device_properties now;
  for (std::size_t i = 0; i < property_table.size(); ++i) {
    property_table[i].set(now, parameters_->value(i));
  }
  return now;
}

device_properties cci_properties::lock() {
  parameters_->lock(this);
  return values();
}

}  // namespace ivshmem
