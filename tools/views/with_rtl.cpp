// SPDX-License-Identifier: Apache-2.0
//
// Programs of a build with the RTL.
#include "ivshmem/rtl_bridge/views.h"
#include "rtl_views.h"

namespace ivshmem {

void add_rtl_views() { rtl::add_views(); }

}  // namespace ivshmem
