// SPDX-License-Identifier: Apache-2.0
//
// Needs ivshmem::model only.
#include <cstdio>

#include "ivshmem/model/types.h"

int main() { std::printf("%s\n", ivshmem::to_string(ivshmem::device_variant::doorbell)); }
