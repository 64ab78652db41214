// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <random>

#include "function_coverage.h"
#include "ivshmem/model/properties.h"
#include "ivshmem/tlm/pcie/tlp.h"

namespace ivshmem::lockstep {

/// A device and its surroundings, all of it drawn from a seed.
struct setup {
  std::uint64_t seed = 1;
  unsigned width = 64;
  device_properties properties;
  std::uint64_t memory_bytes = 4096;
  unsigned max_payload_bytes = 256;
  unsigned memory_latency = 8;
  unsigned write_latency = 2;
  unsigned id = 0;
  stall_state stalls = stall_state::none;

  unsigned vectors() const { return properties.has_msix() ? properties.vectors : 0; }
};

/// Draws a setup; `width` and `vectors` 0: drawn too.
setup draw_setup(std::uint64_t seed, unsigned width, unsigned vectors);
std::string describe(const setup& drawn);

/// One request, of any kind.
struct request {
  pcie::tlp_header header;
  std::uint64_t address = 0;
  unsigned bytes = 0;
  std::uint8_t enables = 0;   ///< not 0: these bytes of one dword, and `bytes` is their span
  std::uint8_t disguise = 0;  ///< not 0: Fmt and Type of the TLP that the RTL gets instead
  unsigned disguise_dwords = 0;
  bool data_is_message = false;  ///< data to write is in `data`
  std::uint32_t data = 0;
  coordinates bin;
};

/// Constrained-random requests for one device. It remembers what it wrote, so that most requests
/// go where something is; from time to time it moves a window or closes the device, and repairs
/// that later. Sources: request_generator.cpp (a request), request_kinds.cpp (each kind of it).
class request_generator {
 public:
  explicit request_generator(const setup& of);

  const request& next();
  /// The device was reset: what was programmed is gone.
  void was_reset() { repair(); }

  std::mt19937_64& random() { return random_; }

 private:
  using draw = void (request_generator::*)();
  class queued_access;

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool chance(unsigned percent) { return below(100) < percent; }
  std::uint64_t bar_bytes(unsigned bar) const;

  void repair();
  std::uint32_t draw_device_control();
  void queue_config_write(std::uint32_t offset, unsigned bytes, std::uint32_t value);
  void start(pcie::tlp_type type);
  void config(std::uint32_t offset, unsigned bytes, std::uint32_t value);
  void memory(bool write, unsigned bar, std::uint64_t offset, unsigned bytes);
  void trim();
  void one_dword(std::uint8_t enables);
  void classify(place where);
  mask_state mask() const;

  void draw_memory();
  void draw_register();
  void draw_doorbell();
  void draw_table();
  void draw_table_bulk();
  void draw_config();
  void draw_config_change();
  void draw_bad();
  void draw_refused();
  void draw_malformed();
  void draw_crossing();
  void damage();

  const setup setup_;
  std::mt19937_64 random_;
  std::array<std::uint64_t, 3> bars_{};
  std::array<unsigned, 11> weights_{};
  std::deque<request> forced_;
  request now_;
  std::uint8_t tag_ = 0;
  bool memory_on_ = false;
  bool enabled_ = false;
  bool function_masked_ = false;
  std::uint32_t left_open_ = 0;  // what was last written to a window's register
  unsigned broken_for_ = 0;      // requests until the next repair; 0: all is well
  unsigned payload_bytes_ = 0;   // what Device Control allows a TLP to carry
};

}  // namespace ivshmem::lockstep
