// SPDX-License-Identifier: Apache-2.0
//
// Programs of a build without the RTL: the model's views are all there are.
#include "rtl_views.h"

namespace ivshmem {

void add_rtl_views() {}

}  // namespace ivshmem
