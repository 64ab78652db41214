// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <systemc>

#include "ivshmem/tlm/pcie/router.h"

namespace ivshmem::pcie {

/// A root port: a type 1 function with one link below it. Bind `upstream` to a port of the root
/// complex and `downstream` to an endpoint, a link or a switch.
///
/// Configuration requests of type 1 for the secondary bus become type 0 and reach device 0 of the
/// link [PCIe 7.3.3]. Secondary bus reset resets what is below [PCIe 6.6.1]. INTx messages pass
/// with the swizzle of device 0.
class bridge final : public sc_core::sc_module, private router {
 public:
  port upstream{"upstream", *this};
  port downstream{"downstream", *this};

  explicit bridge(const sc_core::sc_module_name& name, const bridge_config& config = {},
                  timing_mode mode = timing_mode::functional);
  const char* kind() const override { return "ivshmem::pcie::bridge"; }

  const bridge_function& function() const noexcept { return function_; }
  using router::statistics;

 private:
  decision decide(port& from, const payload& trans) override;
  port& root_side() override { return upstream; }
  void configured(bridge_function& function, bool was_in_reset) override;
  bool is_whole(const port& out, const route& found) const override;
  void hot_reset(port& from) override;

  bridge_function function_;
};

}  // namespace ivshmem::pcie
