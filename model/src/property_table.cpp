// SPDX-License-Identifier: Apache-2.0
//
// The properties of the device, each written once.
#include "ivshmem/model/property_table.h"

#include <algorithm>
#include <type_traits>

namespace ivshmem {

namespace {

constexpr std::array<std::string_view, 3> master_names{"off", "on", "auto"};
constexpr std::array<std::string_view, 2> irq_path_names{"event_loop", "irqfd"};
constexpr std::array<std::string_view, qemu_behaviours.size()> qemu_names = [] {
  std::array<std::string_view, qemu_behaviours.size()> names{};
  for (std::size_t i = 0; i < names.size(); ++i) {
    names[i] = qemu_behaviours[i].name;
  }
  return names;
}();

template <auto Member>
std::uint64_t get(const device_properties& of) noexcept {
  return static_cast<std::uint64_t>(of.*Member);
}

template <auto Member>
void set(device_properties& of, std::uint64_t value) noexcept {
  of.*Member = static_cast<std::remove_reference_t<decltype(of.*Member)>>(value);
}

constexpr bool qemus = true;
constexpr bool own = false;

template <auto Member>
constexpr property_row flag(std::string_view name, variant_set variants, bool of_qemu,
                            std::string_view text) {
  return {
      {name, parameter_kind::flag, 0, 1, {}, text}, variants, of_qemu, &get<Member>, &set<Member>};
}

template <auto Member, std::size_t N>
constexpr property_row choice(std::string_view name, variant_set variants, bool of_qemu,
                              const std::array<std::string_view, N>& names, std::string_view text) {
  return {{name, parameter_kind::choice, 0, N - 1, name_list(names), text},
          variants,
          of_qemu,
          &get<Member>,
          &set<Member>};
}

}  // namespace

const std::array<property_row, 9> property_table{{
    choice<&device_properties::variant>(
        "variant", variant_set::every, own, variant_names,
        "which device it is; legacy is the retired one, revision 0"),
    flag<&device_properties::msi>("msi", variant_set::legacy_only, qemus, "on: MSI-X; off: INTx"),
    {{"vectors",
      parameter_kind::number,
      1,
      max_vectors,
      {},
      "how many doorbells the device can be rung by",
      "The number of MSI-X vectors is invalid: "},
     variant_set::with_peers,
     qemus,
     &get<&device_properties::vectors>,
     &set<&device_properties::vectors>},
    flag<&device_properties::ioeventfd>(
        "ioeventfd", variant_set::with_peers, qemus,
        "match whole doorbell values before decoding; needs MSI-X, so it is off with INTx"),
    choice<&device_properties::master>("master", variant_set::every, qemus, master_names,
                                       "whether the device may be migrated; on: with ID 0 only; "
                                       "auto: on exactly when the ID is 0"),
    choice<&device_properties::irq_path>(
        "irq_path", variant_set::with_peers, own, irq_path_names,
        "irqfd keeps notifications while MSI-X is off or masked; needs MSI-X, and the model"),
    choice<&device_properties::qemu>("qemu", variant_set::with_peers, own, qemu_names,
                                     "the QEMU that is followed where a guest sees a difference"),
    flag<&device_properties::express>("express", variant_set::every, own,
                                      "add a PCI Express capability"),
    flag<&device_properties::hot_plugged>(
        "hot_plugged", variant_set::every, own,
        "COMMAND begins as 3 and keeps it until a reset, as after QEMU's device_add"),
}};

const property_row* find_property(std::string_view name) noexcept {
  const auto* const found = std::find_if(property_table.begin(), property_table.end(),
                                         [&](const property_row& row) { return row.name == name; });
  return found == property_table.end() ? nullptr : &*found;
}

std::uint64_t default_value(const property_row& row, const device_properties& given) noexcept {
  const bool impossible = &row == &row_of(property::ioeventfd) && given.has_intx();
  return impossible ? 0 : row.get(given);
}

}  // namespace ivshmem
