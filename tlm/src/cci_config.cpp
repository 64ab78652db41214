// SPDX-License-Identifier: Apache-2.0
//
// A parameter of CCI for each row of a part's configuration.
#include "ivshmem/tlm/cci_config.h"

#include <cstddef>

#include "cci_parameters.h"

namespace ivshmem {

template <class Config>
struct cci_config<Config>::parameters : cci_parameters {
  using cci_parameters::cci_parameters;
};

template <class Config>
cci_config<Config>::cci_config(const std::string& part, const Config& defaults)
    : defaults_(defaults), parameters_(std::make_unique<parameters>(part)) {
  for (const config_row<Config>& row : rows_of<Config>()) {
    parameters_->add(row, row.get(defaults));
  }
}

template <class Config>
cci_config<Config>::~cci_config() = default;

template <class Config>
Config cci_config<Config>::values() const {
  Config now = defaults_;
  std::size_t index = 0;
  for (const config_row<Config>& row : rows_of<Config>()) {
    row.set(now, parameters_->value(index++));
  }
  return now;
}

template <class Config>
Config cci_config<Config>::lock() {
  parameters_->lock(this);
  return values();
}

template class cci_config<timing_config>;
template class cci_config<pcie::link_config>;
template class cci_config<pcie::packet_switch_config>;
template class cci_config<pcie::root_complex_config>;

}  // namespace ivshmem
