// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace ivshmem::rtl {

/// Makes device_view::rtl and device_view::lockstep available to make_place().
void add_views() noexcept;

}  // namespace ivshmem::rtl
