// SPDX-License-Identifier: Apache-2.0
#include "views.h"

#include "ivshmem/tlm/endpoint.h"

#ifdef IVSHMEM_WITH_RTL
#include "ivshmem/rtl_bridge/lockstep_device.h"
#endif

namespace ivshmem::sim {

std::unique_ptr<endpoint_view> make_view(std::string_view view, const char* name,
                                         const device_timing& timing) {
#ifdef IVSHMEM_WITH_RTL
  return rtl::make_endpoint(view, name, timing);
#else
  static_cast<void>(view);  // a name of timing.mode
  return std::make_unique<endpoint>(name, timing);
#endif
}

void finish_lockstep(endpoint_view& place, lockstep_sum& sum) {
#ifdef IVSHMEM_WITH_RTL
  if (auto* const both = dynamic_cast<rtl::lockstep_device*>(&place)) {
    both->finish();
    sum.tlps += both->tlps();
    sum.cycles += both->cycles();
  }
#else
  static_cast<void>(place);
  static_cast<void>(sum);
#endif
}

}  // namespace ivshmem::sim
