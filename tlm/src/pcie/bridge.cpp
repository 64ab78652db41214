// SPDX-License-Identifier: Apache-2.0
//
// A root port or another bridge with one secondary bus.
#include "ivshmem/tlm/pcie/bridge.h"

namespace ivshmem::pcie {

bridge::bridge(const sc_core::sc_module_name& name, const bridge_config& config, timing_mode mode)
    : sc_module(name), router(mode, sc_core::SC_ZERO_TIME), function_(config) {}

router::decision bridge::decide(port& from, const payload& trans) {
  const tlp& header = tlp_of(trans);
  decision where;
  where.type = header.type;
  if (&from == &downstream) {
    const bool allowed = header.type == tlp_type::message || function_.forwards_up();
    where.out = allowed ? &upstream : nullptr;
    return where;
  }
  if (header.type == tlp_type::config_read_0 || header.type == tlp_type::config_write_0) {
    where.function = function_of(config_target(trans)) == 0 ? &function_ : nullptr;
  } else if (function_.secondary_in_reset()) {
    return where;
  } else if (header.is_config()) {
    if (function_.converts_type(config_target(trans), where.type)) {
      where.out = &downstream;
    }
  } else if (header.type != tlp_type::message && function_.forwards_down(trans.get_address())) {
    where.out = &downstream;
  }
  return where;
}

void bridge::configured(bridge_function& function, bool was_in_reset) {
  if (!was_in_reset && function.secondary_in_reset()) {
    downstream.send_hot_reset();
  }
}

bool bridge::is_whole(const port& /*out*/, const route& found) const {
  return function_.forwards_down(found.first, found.last);
}

void bridge::hot_reset(port& from) {
  if (&from == &upstream) {
    function_.reset();
    upstream.invalidate_granted_dmi();
    downstream.send_hot_reset();
  }
}

}  // namespace ivshmem::pcie
