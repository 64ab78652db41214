// SPDX-License-Identifier: Apache-2.0
//
// The views with RTL are built as the model is: name, properties, memory or seat.
#include <gtest/gtest.h>

#include "ivshmem/rtl_bridge/lockstep_device.h"
#include "ivshmem/rtl_bridge/rtl_device.h"
#include "ivshmem/rtl_bridge/views.h"
#include "ivshmem/tlm/device_view.h"
#include "ivshmem/tlm/in_process_fabric.h"

namespace ivshmem::rtl::test {
namespace {

struct Construction : testing::Test {
  std::vector<std::uint8_t> shared = std::vector<std::uint8_t>(min_memory_bytes);
  memory_view memory{shared.data(), shared.size()};
  in_process_fabric fabric{"fabric", memory};

  static device_properties doorbell() {
    device_properties properties;
    properties.variant = device_variant::doorbell;
    return properties;
  }
  static device_properties irqfd() {
    device_properties properties = doorbell();
    properties.irq_path = interrupt_path::irqfd;
    return properties;
  }
  static std::uint32_t id_of(const device_place& place) {
    std::uint32_t id = ~0U;
    place.peek(0, bar0::iv_position.offset, reinterpret_cast<std::uint8_t*>(&id), sizeof id);
    return id;
  }
  template <class Action>
  static std::string told(Action action) {
    try {
      action();
    } catch (const sc_core::sc_report& report) {
      return std::string(report.get_msg_type()) + " " + report.get_msg();
    }
    return "none";
  }
};

constexpr const char* refused =
    "/ivshmem/parameter device: irq_path = irqfd: the RTL has no hypervisor around it: must be "
    "event_loop";

TEST_F(Construction, OfTheRtl) {
  fabric.join(1);
  const rtl_device plain("plain", device_properties{}, memory);
  EXPECT_EQ(plain.peek_config(cfg::vendor_id.offset, 2), cfg::vendor_id.reset);
  const rtl_device second("second", doorbell(), fabric.join(1));
  EXPECT_EQ(id_of(second), 1U);
  EXPECT_STREQ(second.kind(), "ivshmem::rtl::rtl_device");
  EXPECT_EQ(told([&] { rtl_device("device", irqfd(), fabric.join(1)); }), refused);
}

TEST_F(Construction, OfLockstep) {
  fabric.join(1);
  const lockstep_device plain("plain", device_properties{}, memory);
  EXPECT_EQ(plain.peek_config(cfg::vendor_id.offset, 2), cfg::vendor_id.reset);
  const lockstep_device second("second", doorbell(), fabric.join(1));
  EXPECT_EQ(id_of(second), 1U);
  EXPECT_STREQ(second.kind(), "ivshmem::rtl::lockstep_device");
  EXPECT_EQ(told([&] { lockstep_device("device", irqfd(), fabric.join(1)); }), refused);
}

TEST_F(Construction, OfAnyViewByItsEnumerator) {
  add_views();
  for (const device_view view : device_views) {
    const auto place = make_place(view, to_string(view), doorbell(), fabric.join(1));
    EXPECT_EQ(place->view(), view);
    EXPECT_EQ(id_of(*place), static_cast<unsigned>(view));
    const auto plain =
        make_place(view, (std::string("plain_") + to_string(view)).c_str(), {}, memory);
    EXPECT_FALSE(plain->is_empty());
  }
  EXPECT_EQ(told([&] { make_place(device_view::rtl, "device", irqfd(), fabric.join(1)); }),
            refused);
}

}  // namespace
}  // namespace ivshmem::rtl::test
