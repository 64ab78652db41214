// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ivshmem/rtl_bridge/pins.h"
#include "ivshmem/tlm/pcie/raw_tlp.h"
#include "ivshmem/tlm/pcie/tlp_codec.h"

namespace ivshmem::rtl {

// TLPs as dwords on a stream are those of the bus; the ports of the RTL carry them.

// raw_tlp.h
using pcie::address_of;
using pcie::class_and_attributes;
using pcie::first_enables;
using pcie::has_four_dwords;
using pcie::has_payload;
using pcie::is_atomic;
using pcie::is_completion;
using pcie::is_locked_read;
using pcie::is_memory;
using pcie::is_message;
using pcie::is_poisoned;
using pcie::last_enables;
using pcie::length_of;
using pcie::payload_dwords;
using pcie::raw_tlp;
using pcie::raw_type;
using pcie::transaction_of_completion;
using pcie::transaction_of_request;
using pcie::type_of;

// tlp_codec.h
using pcie::completion_fields;
using pcie::completion_header;
using pcie::completion_of;
using pcie::decode_request;
using pcie::encode_completion;
using pcie::encode_request;
using pcie::is_encodable;
using pcie::max_tlp_bytes;
using pcie::merge_completion;
using pcie::payload_bytes;

}  // namespace ivshmem::rtl
