// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace ivshmem {

/// Makes the views with RTL available to make_place(), if this build has the RTL.
void add_rtl_views();

}  // namespace ivshmem
