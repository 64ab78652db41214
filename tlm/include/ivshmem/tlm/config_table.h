// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <systemc>

#include "ivshmem/model/parameter.h"
#include "ivshmem/tlm/pcie/link.h"
#include "ivshmem/tlm/pcie/packet_switch.h"
#include "ivshmem/tlm/pcie/root_complex_config.h"
#include "ivshmem/tlm/timing.h"

namespace ivshmem {

/// One parameter of a part of the platform, and the member of `Config` that has it.
template <class Config>
struct config_row : parameter {
  std::uint64_t (*get)(const Config&);
  void (*set)(Config&, std::uint64_t);

  using parameter::value_text;
  std::string value_text(const Config& of) const { return value_text(get(of)); }
};

/// The rows of a configuration, in the order of its members.
template <class Config>
class config_table {
 public:
  template <std::size_t N>
  constexpr explicit config_table(const std::array<config_row<Config>, N>& rows) noexcept
      : first_(rows.data()), size_(N) {}

  constexpr const config_row<Config>* begin() const noexcept { return first_; }
  constexpr const config_row<Config>* end() const noexcept { return first_ + size_; }
  constexpr std::size_t size() const noexcept { return size_; }
  /// The row of this name, which there must be.
  const config_row<Config>& operator[](std::string_view name) const;

 private:
  const config_row<Config>* first_;
  std::size_t size_;
};

/// What each part takes. The default is that of `Config`; the checks of the constructors and their
/// texts, scenario files, the parameters of CCI and docs/configuration.md are made from these rows.
/// What gives a part its shape has none: device numbers and MMIO ranges of a root complex.
///
/// `Config` is timing_config, pcie::link_config, pcie::packet_switch_config or
/// pcie::root_complex_config.
template <class Config>
config_table<Config> rows_of();

template <>
config_table<timing_config> rows_of();
template <>
config_table<pcie::link_config> rows_of();
template <>
config_table<pcie::packet_switch_config> rows_of();
template <>
config_table<pcie::root_complex_config> rows_of();

/// `config` with the default in the place of each value that its row does not take, which is
/// reported as SC_ERROR of the module `name`. Where reports are only displayed, the module goes on
/// with what is returned.
template <class Config>
Config checked(const char* name, Config config);

/// A time as a value of the kind `duration`, and back; nearest to what the time resolution allows.
std::uint64_t femtoseconds(const sc_core::sc_time& time);
sc_core::sc_time time_of(std::uint64_t femtoseconds);

}  // namespace ivshmem
