// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

/// The device, and what a platform puts around it.
namespace ivshmem {

/// Number a device has among its peers, 0 to 65,535, given by the server [spec "Client-Server
/// protocol"]. A plain device has none and reads as 0.
enum class peer_id : std::uint16_t {};

/// Number of an interrupt vector of one device, 0 to 2,047.
enum class vector_index : std::uint16_t {};

constexpr unsigned to_int(peer_id id) noexcept { return static_cast<unsigned>(id); }
constexpr unsigned to_int(vector_index v) noexcept { return static_cast<unsigned>(v); }

/// MSI-X allows 2,048 vectors [PCI 3.0 6.8.2.3]; the device refuses more.
inline constexpr unsigned max_vectors = 2048;
/// Peer IDs are 16 bits wide [ivshmem.c:IVSHMEM_MAX_PEERS].
inline constexpr unsigned max_peer_id = 0xffff;

/// Bounds of BAR2, inclusive; the size is a power of two [behaviour 1].
inline constexpr std::uint64_t min_memory_bytes = 4096;
inline constexpr std::uint64_t max_memory_bytes = std::uint64_t{8} << 30;

/// Which ivshmem device is modelled.
enum class device_variant : std::uint8_t {
  plain,     ///< shared memory only: `ivshmem-plain`, revision 1
  doorbell,  ///< MSI-X interrupts and a server: `ivshmem-doorbell`, revision 1
  legacy,    ///< the retired `ivshmem`, revision 0: MSI-X (msi=on) or INTx pin A (msi=off)
};
inline constexpr std::array<std::string_view, 3> variant_names{"plain", "doorbell", "legacy"};

/// How a notification of a peer reaches the guest [behaviour 5].
enum class interrupt_path : std::uint8_t {
  event_loop,  ///< the device model handles it: lost while MSI-X is disabled
  irqfd,       ///< the hypervisor kernel injects it: kept while MSI-X is disabled or masked
};

/// Why a doorbell or a notification rang nobody. Each drop is counted under exactly one cause.
enum class drop_cause : std::uint8_t {
  no_such_peer,    ///< sender: destination never connected
  peer_left,       ///< sender: destination was connected and is not any more
  no_such_vector,  ///< sender: destination has fewer vectors; receiver: vector not set up
  no_interrupts,   ///< sender: a plain device has no peers
  msix_disabled,   ///< receiver: MSI-X off when the notification arrived
  bus_master_off,  ///< receiver: COMMAND.MASTER clear, the message may not leave the device
};
inline constexpr std::size_t drop_cause_count = 6;

/// Lower-case name of a cause, as statistics and traces print it.
const char* to_string(drop_cause cause) noexcept;
/// `plain`, `doorbell` or `legacy`.
const char* to_string(device_variant variant) noexcept;

}  // namespace ivshmem
