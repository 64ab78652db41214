// SPDX-License-Identifier: Apache-2.0
//
// The views of a device by name, and who makes a place for each.
#include "ivshmem/tlm/device_view.h"

#include <algorithm>
#include <vector>

#include "ivshmem/tlm/endpoint.h"
#include "ivshmem/tlm/report.h"

namespace ivshmem {

namespace {

constexpr std::array<const char*, device_views.size()> names{"functional", "tlm-lt", "tlm-cycle",
                                                             "rtl", "lockstep"};

std::unique_ptr<device_place> make_endpoint(const char* name, const timing_config& timing) {
  return std::make_unique<endpoint>(name, timing);
}

place_maker& maker_of(device_view view) noexcept {
  static std::array<place_maker, device_views.size()> makers{make_endpoint, make_endpoint,
                                                             make_endpoint, nullptr, nullptr};
  return makers[static_cast<std::size_t>(view)];
}

}  // namespace

const char* to_string(device_view view) noexcept { return names[static_cast<std::size_t>(view)]; }

std::optional<device_view> parse_device_view(std::string_view name) noexcept {
  const auto found = std::find_if(device_views.begin(), device_views.end(),
                                  [&](device_view view) { return name == to_string(view); });
  return found == device_views.end() ? std::nullopt : std::optional(*found);
}

timing_mode mode_of(device_view view) noexcept {
  switch (view) {
    case device_view::functional:
      return timing_mode::functional;
    case device_view::tlm_lt:
      return timing_mode::tlm_lt;
    default:
      return timing_mode::tlm_cycle;
  }
}

void add_view(device_view view, place_maker maker) noexcept { maker_of(view) = maker; }
bool is_available(device_view view) noexcept { return maker_of(view) != nullptr; }

std::string available_views() {
  std::vector<std::string> found;
  for (const device_view view : device_views) {
    if (is_available(view)) {
      found.emplace_back(to_string(view));
    }
  }
  std::string text;
  for (std::size_t i = 0; i < found.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == found.size() ? " or " : ", ") + found[i];
  }
  return text;
}

std::unique_ptr<device_place> make_place(device_view view, const char* name, timing_config timing) {
  if (!is_available(view)) {
    return nullptr;
  }
  if (view != device_view::rtl) {
    timing.mode = mode_of(view);
  }
  return maker_of(view)(name, timing);
}

namespace {

std::unique_ptr<device_place> make_available(device_view view, const char* name,
                                             const timing_config& timing) {
  if (!is_available(view)) {
    report_error(report_type::parameter, name,
                 std::string("view = ") + to_string(view) + ": must be " + available_views() +
                     "; rtl::add_views() adds those with RTL");
    view = device_view::functional;
  }
  return make_place(view, name, timing);
}

}  // namespace

std::unique_ptr<device_place> make_place(device_view view, const char* name,
                                         const device_properties& properties, memory_view memory,
                                         const timing_config& timing) {
  auto place = make_available(view, name, timing);
  report_refusal(place->name(), place->insert(properties, memory));
  return place;
}

std::unique_ptr<device_place> make_place(device_view view, const char* name,
                                         const device_properties& properties, fabric_seat& seat,
                                         const timing_config& timing) {
  auto place = make_available(view, name, timing);
  report_refusal(place->name(), place->insert(properties, seat));
  return place;
}

}  // namespace ivshmem
