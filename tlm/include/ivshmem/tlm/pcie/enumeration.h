// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <tlm>
#include <vector>

#include "ivshmem/model/result.h"
#include "ivshmem/tlm/pcie/address_range.h"
#include "ivshmem/tlm/pcie/tlp.h"

namespace ivshmem::pcie {

/// Configuration accesses, in whatever way the platform makes them (ECAM, CF8/CFC, a driver).
class config_access {
 public:
  virtual ~config_access() = default;
  /// Reads `bytes` (1, 2 or 4) within one dword; all ones where nothing answers.
  virtual std::uint32_t read(bdf function, std::uint32_t offset, unsigned bytes) = 0;
  virtual void write(bdf function, std::uint32_t offset, unsigned bytes, std::uint32_t value) = 0;
};

/// Configuration accesses through the ECAM window of a root complex, by way of one
/// base-protocol initiator socket.
class ecam_access final : public config_access {
 public:
  /// Anything with b_transport(), such as `initiator_socket.operator->()`.
  ecam_access(tlm::tlm_blocking_transport_if<>& cpu, std::uint64_t ecam_base)
      : cpu_(cpu), ecam_base_(ecam_base) {}

  std::uint32_t read(bdf function, std::uint32_t offset, unsigned bytes) override;
  void write(bdf function, std::uint32_t offset, unsigned bytes, std::uint32_t value) override;

 private:
  std::uint32_t access(tlm::tlm_command command, bdf function, std::uint32_t offset, unsigned bytes,
                       std::uint32_t value);

  tlm::tlm_blocking_transport_if<>& cpu_;
  std::uint64_t ecam_base_;
};

/// A BAR that was found, and where it was put.
struct enumerated_bar {
  unsigned index = 0;       ///< 0 to 5; a 64-bit BAR has the lower index
  std::uint64_t bytes = 0;  ///< power of two
  bool is_64_bit = false;
  bool prefetchable = false;
  std::uint64_t base = 0;  ///< assigned address; 0 when there was no room
};

/// A function that was found: a device, or a bridge with the buses below it.
struct enumerated_function {
  bdf id{};
  std::uint16_t vendor_id = 0;
  std::uint16_t device_id = 0;
  bool is_bridge = false;
  unsigned secondary_bus = 0;    ///< bridges: first bus below
  unsigned subordinate_bus = 0;  ///< bridges: last bus below
  std::vector<enumerated_bar> bars;
  std::uint32_t msix_capability = 0;  ///< offset in configuration space; 0 without MSI-X
  unsigned msix_vectors = 0;

  /// The BAR with this index, or nullptr.
  const enumerated_bar* bar(unsigned index) const noexcept;
};

/// Where BARs may be put. `low` lies below 4 GiB; `high` takes 64-bit prefetchable BARs and may be
/// empty, then `low` takes all.
struct enumeration_windows {
  address_range low;
  address_range high;
};

/// The first BAR that found no room. Everything else was done all the same.
struct enumeration_error {
  bdf function{};
  unsigned bar = 0;
  std::uint64_t bytes = 0;
  std::vector<enumerated_function> functions;  ///< all of them; a BAR without room has base 0

  std::string text() const;
};

/// Sets Device Control of every function that has a PCI Express capability to the largest payload
/// that all of them support and that does not exceed `max_payload_bytes`, that of the root complex;
/// returns it. After a reset each has 128 bytes [PCIe 7.5.3.4]. `functions` is what enumerate()
/// found.
unsigned set_max_payload(config_access& config, const std::vector<enumerated_function>& functions,
                         unsigned max_payload_bytes);

/// Finds every function, numbers the buses, sizes and assigns the BARs and bridge windows, and
/// switches memory decoding and bus mastering on, as firmware does at power-on [PCI 3.0 6.2.5.1].
/// Returns the functions in order of discovery, depth first.
result<std::vector<enumerated_function>, enumeration_error> enumerate(
    config_access& config, const enumeration_windows& windows);

}  // namespace ivshmem::pcie
