// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fuzz_dice.h"
#include "fuzz_view.h"

namespace ivshmem::conformance {

/// Random operations in the form of a trace, for a machine that random_header() drew.
///
/// Stays where QEMU's answer is defined and does not depend on the timing of its event loop; each
/// restriction has its reason beside it. Any subset of the operations stays there too, so a
/// difference can be reduced by leaving operations out.
///
/// Sources: fuzz_generator.cpp (the choice, and the BARs), fuzz_generator_config.cpp (configuration
/// space, reset), fuzz_generator_msix.cpp (interrupts, peers).
class fuzz_generator {
 public:
  fuzz_generator(const json& header, std::uint64_t seed);

  /// The first `count` operations of the seed; the first few program the BARs.
  std::vector<json> operations(std::size_t count);

 private:
  struct choice {
    unsigned weight;
    bool needs_doorbell;
    void (fuzz_generator::*run)();
  };
  static const std::vector<choice>& choices();

  // What an operation is made of; each appends to the list.
  void access_bar(bool write, unsigned bar, std::uint64_t offset, unsigned bytes,
                  std::uint64_t value);
  void access_block(bool write, unsigned bar, std::uint64_t offset,
                    const std::vector<std::uint8_t>& data);
  void config_read(unsigned offset, unsigned bytes);
  void config_write(unsigned offset, unsigned bytes, std::uint64_t value);
  void read_at(std::uint64_t address, unsigned bytes);
  void write_at(std::uint64_t address, unsigned bytes, std::uint64_t value);
  void command(std::uint64_t value);
  void program_bars();

  // The choices.
  void registers();
  void registers_block();
  void doorbell();
  void table();
  void table_block();
  void pending_and_gaps();
  void ring();
  void late_own_vector();
  void msix_control();
  void command_and_status();
  void other_config();
  void size_bars();
  void move_bar();
  void shared_memory();
  void shared_memory_block();
  void ram();
  void peers();
  void refused_message();
  void reset();
  void batch();
  void bring_up();

  std::uint64_t word();
  std::uint64_t value(unsigned bytes);
  std::uint32_t doorbell_value();
  std::uint32_t relay_data();
  std::uint32_t relay_address();
  std::uint32_t table_word(std::uint64_t offset);
  std::vector<std::uint8_t> table_bytes(std::uint64_t offset, unsigned count);
  std::vector<std::uint8_t> random_bytes(unsigned count);
  device_view::peer some_peer();
  void send(json messages);

  dice random_;
  std::vector<device_view> devices_;
  std::vector<device_view::peer> ghosts_;
  std::vector<device_view::peer> gone_;  // some that left
  device_view* now_;                     // the device that the operation is about
  std::vector<unsigned> commands_;
  unsigned next_peer_ = 300;
  unsigned next_high_peer_ = 65'535;
  unsigned bring_up_per_mille_ = 300;
  std::vector<json> list_;
};

}  // namespace ivshmem::conformance
