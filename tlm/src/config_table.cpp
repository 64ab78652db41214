// SPDX-License-Identifier: Apache-2.0
//
// What each part of a platform takes, each parameter written once.
#include "ivshmem/tlm/config_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <type_traits>

#include "ivshmem/tlm/report.h"

namespace ivshmem {

namespace {

constexpr std::array<std::string_view, 3> mode_names{"functional", "tlm_lt", "tlm_cycle"};
constexpr std::array<std::string_view, 3> unclaimed_names{"error", "ones", "zeros"};
constexpr unsigned least_payload_bytes = 128;
constexpr unsigned most_payload_bytes = 4096;

template <class Config, auto Member>
std::uint64_t get(const Config& of) {
  if constexpr (std::is_same_v<std::decay_t<decltype(of.*Member)>, sc_core::sc_time>) {
    return femtoseconds(of.*Member);
  } else {
    return static_cast<std::uint64_t>(of.*Member);
  }
}

template <class Config, auto Member>
void set(Config& of, std::uint64_t value) {
  using type = std::decay_t<decltype(of.*Member)>;
  if constexpr (std::is_same_v<type, sc_core::sc_time>) {
    of.*Member = time_of(value);
  } else {
    of.*Member = static_cast<type>(value);
  }
}

/// Makes rows of one configuration.
template <class Config>
struct rows {
  using row = config_row<Config>;

  template <auto Member>
  static constexpr row number(std::string_view name, std::uint64_t least, std::uint64_t most,
                              std::string_view text) {
    return {{name, parameter_kind::number, least, most, {}, text},
            &get<Config, Member>,
            &set<Config, Member>};
  }
  template <auto Member>
  static constexpr row power_of_two(std::string_view name, std::uint64_t least, std::uint64_t most,
                                    std::string_view text) {
    return {{name, parameter_kind::power_of_two, least, most, {}, text},
            &get<Config, Member>,
            &set<Config, Member>};
  }
  template <auto Member, std::size_t N>
  static constexpr row choice(std::string_view name, const std::array<std::string_view, N>& names,
                              std::string_view text) {
    return {{name, parameter_kind::choice, 0, N - 1, name_list(names), text},
            &get<Config, Member>,
            &set<Config, Member>};
  }
  template <auto Member>
  static constexpr row duration(std::string_view name, std::uint64_t least, std::string_view text) {
    return {{name, parameter_kind::duration, least, ~std::uint64_t{0}, {}, text},
            &get<Config, Member>,
            &set<Config, Member>};
  }
  static constexpr row mode() {
    return choice<&Config::mode>("mode", mode_names,
                                 "how much time is modelled; the same for a whole platform");
  }
};

using device = rows<timing_config>;
constexpr std::array device_rows{
    device::mode(),
    device::duration<&timing_config::clock_period>("clock_period", 1, "of the device's clock"),
    device::power_of_two<&timing_config::beat_bytes>("beat_bytes", 8, 32,
                                                     "what the device's buses carry in a cycle"),
    device::number<&timing_config::memory_latency_cycles>(
        "memory_latency_cycles", 1, no_limit,
        "of the memory behind BAR2: read address to first beat"),
    device::number<&timing_config::memory_write_latency_cycles>(
        "memory_write_latency_cycles", 1, 64, "last beat of a write burst to its confirmation"),
    device::power_of_two<&timing_config::max_payload_bytes>(
        "max_payload_bytes", least_payload_bytes, most_payload_bytes,
        "longest payload of a TLP that the device takes or sends"),
};

/// A member of link_config::credits.
template <unsigned pcie::link_credits::*Member>
constexpr config_row<pcie::link_config> credit(std::string_view name, std::uint64_t least,
                                               std::string_view text) {
  return {{name, parameter_kind::number, least, no_limit, {}, text},
          [](const pcie::link_config& of) -> std::uint64_t { return of.credits.*Member; },
          [](pcie::link_config& of, std::uint64_t value) {
            of.credits.*Member = static_cast<unsigned>(value);
          }};
}

using wire = rows<pcie::link_config>;
constexpr std::array link_rows{
    wire::number<&pcie::link_config::generation>("generation", 1, 6, "2.5 to 64 GT/s a lane"),
    wire::power_of_two<&pcie::link_config::lanes>("lanes", 1, 16, "how many there are"),
    wire::duration<&pcie::link_config::propagation>("propagation", 0, "of the wire, one way"),
    wire::number<&pcie::link_config::overhead_bytes>(
        "overhead_bytes", 0, no_limit, "of each TLP beside header and data: framing, LCRC"),
    wire::power_of_two<&pcie::link_config::max_payload_bytes>(
        "max_payload_bytes", least_payload_bytes, most_payload_bytes,
        "longest payload of a TLP; completions are split"),
    wire::power_of_two<&pcie::link_config::max_read_request_bytes>(
        "max_read_request_bytes", least_payload_bytes, most_payload_bytes,
        "longer reads end as Unsupported Request"),
    credit<&pcie::link_credits::posted_headers>("posted_headers", 1,
                                                "of each receiver: posted requests"),
    credit<&pcie::link_credits::posted_data>(
        "posted_data", least_payload_bytes / 16,
        "of each receiver: their data in units of 16 bytes, one maximum payload or more"),
    credit<&pcie::link_credits::non_posted_headers>("non_posted_headers", 1,
                                                    "of each receiver: other requests"),
    wire::mode(),
};

using node = rows<pcie::packet_switch_config>;
constexpr std::array switch_rows{
    node::number<&pcie::packet_switch_config::downstream_ports>("downstream_ports", 1, 32,
                                                                "how many there are"),
    node::duration<&pcie::packet_switch_config::latency>("latency", 0,
                                                         "last byte in to first byte out"),
    node::mode(),
};

using root = rows<pcie::root_complex_config>;
constexpr std::array root_rows{
    root::choice<&pcie::root_complex_config::unclaimed>(
        "unclaimed", unclaimed_names, "what an access gets that no device answers"),
    root::power_of_two<&pcie::root_complex_config::max_payload_bytes>(
        "max_payload_bytes", least_payload_bytes, most_payload_bytes,
        "requests are cut at multiples of this"),
    root::mode(),
    root::duration<&pcie::root_complex_config::completion_timeout>(
        "completion_timeout", 1, "a request without completion for so long is unsupported"),
    root::number<&pcie::root_complex_config::posted_buffer>(
        "posted_buffer", 1, no_limit, "writes under way before the processor has to wait"),
};

/// Femtoseconds of one unit of the time resolution, which is 1 fs or a power of ten of it.
std::uint64_t resolution() {
  return static_cast<std::uint64_t>(
      std::llround(sc_core::sc_get_time_resolution().to_seconds() * 1e15));
}

}  // namespace

std::uint64_t femtoseconds(const sc_core::sc_time& time) {
  constexpr std::uint64_t most = ~std::uint64_t{0};
  const std::uint64_t tick = resolution();
  return time.value() > most / tick ? most : time.value() * tick;
}

sc_core::sc_time time_of(std::uint64_t femtoseconds) {
  const std::uint64_t tick = resolution();
  const bool up = femtoseconds % tick >= (tick + 1) / 2;
  return sc_core::sc_time::from_value(femtoseconds / tick + (up ? 1 : 0));
}

template <class Config>
const config_row<Config>& config_table<Config>::operator[](std::string_view name) const {
  const auto found =
      std::find_if(begin(), end(), [&](const auto& row) { return row.name == name; });
  sc_assert(found != end());
  return *found;
}

template <>
config_table<timing_config> rows_of() {
  return config_table(device_rows);
}
template <>
config_table<pcie::link_config> rows_of() {
  return config_table(link_rows);
}
template <>
config_table<pcie::packet_switch_config> rows_of() {
  return config_table(switch_rows);
}
template <>
config_table<pcie::root_complex_config> rows_of() {
  return config_table(root_rows);
}

template <class Config>
Config checked(const char* name, Config config) {
  const Config good;
  for (const config_row<Config>& row : rows_of<Config>()) {
    if (const std::uint64_t value = row.get(config); !row.is_allowed(value)) {
      report_error(report_type::parameter, name,
                   std::string(row.name) + " = " + row.value_text(value) + ": " + row.rule());
      row.set(config, row.get(good));
    }
  }
  return config;
}

template class config_table<timing_config>;
template class config_table<pcie::link_config>;
template class config_table<pcie::packet_switch_config>;
template class config_table<pcie::root_complex_config>;
template timing_config checked(const char*, timing_config);
template pcie::link_config checked(const char*, pcie::link_config);
template pcie::packet_switch_config checked(const char*, pcie::packet_switch_config);
template pcie::root_complex_config checked(const char*, pcie::root_complex_config);

}  // namespace ivshmem
