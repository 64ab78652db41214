// SPDX-License-Identifier: Apache-2.0
//
// request_generator.h, the kinds of request.
#include <algorithm>

#include "ivshmem/model/regmap.h"
#include "request_generator.h"

namespace ivshmem::lockstep {

namespace {

using pcie::tlp_type;

constexpr std::uint64_t page = 4096;

constexpr std::array requests_refused{0x02, 0x42, 0x01, 0x21, 0x4c, 0x6c, 0x4d, 0x6d, 0x4e, 0x6e};
constexpr std::array messages{0x30, 0x31, 0x32, 0x33, 0x34, 0x35,
                              0x70, 0x71, 0x72, 0x73, 0x74, 0x75};
constexpr std::array no_requests{0x03, 0x06, 0x0a, 0x0b, 0x0f, 0x1f, 0x22, 0x24, 0x41, 0x4a, 0x4b,
                                 0x4f, 0x62, 0x64, 0x80, 0x90, 0x9e, 0xa0, 0xc0, 0xe0, 0xff};

}  // namespace

void request_generator::draw_memory() {
  const std::uint64_t size = bar_bytes(2);
  const bool write = chance(50);
  constexpr std::array<unsigned, 6> longest{4, 16, 64, 256, 1024, 4096};
  const auto bytes = static_cast<unsigned>(1 + below(longest[below(longest.size())]));
  memory(write, 2, below(size), chance(5) ? 4096U : bytes);
  if (chance(60)) {
    now_.address -= now_.address % (chance(50) ? 4 : 64);
    now_.bytes = (now_.bytes + 3) / 4 * 4;
  }
  trim();
  if (chance(15)) {
    one_dword(static_cast<std::uint8_t>(below(16)));
  }
  now_.header.poisoned = write && chance(5);
  classify(place::bar2);
}

void request_generator::draw_register() {
  const bool write = chance(50);
  memory(write, 0, 4 * (chance(80) ? below(4) : below(64)), 4);
  if (chance(50)) {
    one_dword(static_cast<std::uint8_t>(below(16)));
  } else if (chance(30)) {
    now_.bytes = static_cast<unsigned>(1 + below(chance(50) ? 20 : 256));
    now_.address += below(4);
    if (chance(50)) {
      now_.address = now_.address / 4 * 4;
      now_.bytes = (now_.bytes + 3) / 4 * 4;
    }
    trim();
    now_.bytes = static_cast<unsigned>(
        std::min<std::uint64_t>(now_.bytes, bars_[0] + bar0::size_bytes - now_.address));
  }
  now_.header.poisoned = write && chance(5);
  classify(place::bar0);
}

void request_generator::draw_doorbell() {
  memory(true, 0, bar0::doorbell.offset, 4);
  now_.data_is_message = true;
  now_.data = static_cast<std::uint32_t>(random_());
  if (chance(40)) {
    one_dword(static_cast<std::uint8_t>(1 + below(15)));
    now_.data_is_message = false;
  }
  classify(place::bar0);
}

void request_generator::draw_table() {
  const unsigned vectors = std::max(1U, setup_.vectors());
  const std::uint64_t vector = chance(50) ? below(vectors) : below(std::min(vectors, 4U));
  const bool write = chance(70);
  const std::uint64_t where = below(10);
  if (where < 5) {
    memory(write, 1, vector * bar1::entry_bytes + bar1::entry_control, 4);
    now_.data_is_message = true;
    now_.data = chance(70) ? 0U : static_cast<std::uint32_t>(random_());
  } else if (where < 8) {
    memory(write, 1, vector * bar1::entry_bytes + 4 * below(3), 4);
    now_.data_is_message = now_.address % 16 == bar1::entry_address_high && chance(50);
    now_.data = static_cast<std::uint32_t>(below(3));  // below and just above 4 GiB
  } else {
    memory(write, 1, bar1::pba_offset(vectors) + 4 * below(bar1::pba_bytes(vectors) / 4), 4);
  }
  if (chance(15)) {
    now_.data_is_message = false;
    one_dword(static_cast<std::uint8_t>(below(16)));
  }
  now_.header.poisoned = write && chance(5);
  classify(place::bar1);
}

void request_generator::draw_table_bulk() {
  const std::uint64_t size = bar_bytes(1);
  const auto bytes = static_cast<unsigned>(1 + below(chance(50) ? 64 : 4096));
  memory(chance(50), 1, below(size), bytes);
  if (chance(60)) {
    now_.address = now_.address / 4 * 4;
    now_.bytes = (now_.bytes + 3) / 4 * 4;
  }
  trim();
  now_.header.poisoned = now_.header.type == tlp_type::memory_write && chance(20);
  classify(place::bar1);
}

void request_generator::draw_config() {
  start(chance(70) ? tlp_type::config_read_0 : tlp_type::config_write_0);
  const bool far = setup_.properties.express && chance(20);
  const bool write = now_.header.type == tlp_type::config_write_0;
  // Writes here leave windows, COMMAND and MSI-X control alone.
  const std::uint64_t dword = write ? 0x13 + below(far ? 1000 : 0x2d) : below(far ? 1024 : 64);
  now_.address = below(0x20) << 20U | below(4) << 15U | 4 * dword;
  one_dword(static_cast<std::uint8_t>(chance(60) ? 15 : below(16)));
  if (write && setup_.properties.express && dword == cfg::device_control.offset / 4) {
    broken_for_ = static_cast<unsigned>(2 + below(6));  // nobody knows the maximum payload now
  }
  classify(place::nowhere);
}

/// Changes what is known; repaired later.
void request_generator::draw_config_change() {
  switch (below(setup_.properties.express ? 7 : 5)) {
    case 5:
    case 6:
      config(cfg::device_control.offset, 2, 0);
      now_.data = draw_device_control();
      break;
    case 0: {  // a window moves and comes back
      const std::uint64_t bar = below(4);
      // Nothing is decoded at 0, where reset leaves a window, nor at all ones, as sizing does.
      const std::uint64_t kind_of_value = below(3);
      const auto value = static_cast<std::uint32_t>(kind_of_value == 0   ? 0
                                                    : kind_of_value == 1 ? ~std::uint64_t{0}
                                                                         : random_());
      config(static_cast<std::uint32_t>(cfg::bar0_reg.offset + 4 * bar), 4, value);
      left_open_ = value;
      broken_for_ = static_cast<unsigned>(2 + below(6));
      break;
    }
    case 1: {
      const auto command = static_cast<std::uint16_t>(random_());
      config(cfg::command.offset, 2, command);
      memory_on_ = (command & cfg::command_memory) != 0;
      broken_for_ = static_cast<unsigned>(1 + below(12));
      break;
    }
    case 2:
      config(static_cast<std::uint32_t>(4 * below(16)), 4, static_cast<std::uint32_t>(random_()));
      now_.header.poisoned = chance(20);
      broken_for_ = static_cast<unsigned>(1 + below(6));
      break;
    default: {
      const std::uint64_t drawn = below(8);
      enabled_ = drawn != 0;
      function_masked_ = drawn == 1 || drawn == 2;
      config(
          cfg::msix_control.offset, 2,
          (enabled_ ? cfg::msix_enable : 0U) | (function_masked_ ? cfg::msix_function_mask : 0U));
      now_.bin.mask = mask();
    }
  }
}

void request_generator::draw_bad() {
  memory(chance(50), static_cast<unsigned>(below(3)), 0, static_cast<unsigned>(below(300)));
  constexpr std::uint64_t megabyte = 0x10'0000;
  if (broken_for_ != 0) {
    now_.address = left_open_ / page * page;
  } else {
    now_.address = chance(50) ? below(0x1000) * megabyte : random_();
  }
  now_.address += below(page);
  if (chance(40)) {
    now_.address -= now_.address % 4;
    now_.bytes = now_.bytes / 4 * 4;
  }
  if (chance(20)) {
    now_.bytes = 4096;
    now_.address = now_.address / page * page + below(8);
  }
  if (now_.address + now_.bytes < now_.address) {
    now_.address = 0;
  }
  trim();
  if (chance(30)) {
    one_dword(static_cast<std::uint8_t>(below(16)));
  }
  now_.header.poisoned = now_.header.type == tlp_type::memory_write && chance(20);
  classify(place::nowhere);
}

void request_generator::draw_refused() {
  if (chance(30)) {
    start(tlp_type::message);
    now_.disguise = static_cast<std::uint8_t>(messages[below(messages.size())]);
    now_.disguise_dwords =
        (now_.disguise & 0x40U) != 0 ? static_cast<unsigned>(1 + below(setup_.width / 32)) : 0;
    now_.header.poisoned = chance(10);
    classify(place::nowhere);
    now_.bin = {kind::message,     place::nowhere, size_class::dword,
                alignment::dwords, setup_.stalls,  mask()};
    return;
  }
  const bool write = chance(50);
  if (chance(40)) {  // another function, or poisoned
    start(write ? tlp_type::config_write_0 : tlp_type::config_read_0);
    now_.address = (1 + below(7)) << 12U | below(0x20) << 20U | 4 * below(64);
    now_.header.poisoned = chance(30);
  } else {
    start(write ? tlp_type::config_write_1 : tlp_type::config_read_1);
    now_.address = below(0x20) << 20U | 4 * below(64);
    if (chance(60)) {
      do {
        now_.disguise = static_cast<std::uint8_t>(requests_refused[below(requests_refused.size())]);
      } while (((now_.disguise & 0x40U) != 0) != write);
      // Compare-and-swap brings two operands.
      now_.disguise_dwords = !write ? 0 : (now_.disguise & 0x1fU) == 0x0e ? 2 : 1;
    }
    now_.header.poisoned = chance(10);
  }
  now_.bytes = 4;
  classify(place::nowhere);
  now_.bin.what = kind::refused;
}

void request_generator::draw_malformed() {
  if (chance(25)) {
    memory(false, 2, page - 4, 8);
    now_.disguise = static_cast<std::uint8_t>(no_requests[below(no_requests.size())]);
    now_.disguise_dwords = (now_.disguise & 0x40U) != 0 ? 1 : 0;
    classify(place::nowhere);
    now_.bin.size = size_class::dword;
  } else {
    const bool write = chance(60);
    memory(write, static_cast<unsigned>(below(3)), 0, 0);
    const std::uint64_t offset = 4 * below(page / 4);
    now_.address = now_.address / page * page + offset;
    const auto room = static_cast<unsigned>(page - offset);
    const bool too_long = write && payload_bytes_ < page && chance(50);
    constexpr std::array<unsigned, 3> longest{32, 256, 1024};
    const auto more = static_cast<unsigned>(4 * (1 + below(longest[below(longest.size())])));
    now_.bytes = std::min<unsigned>(page, (too_long ? payload_bytes_ : room) + more);
    if (now_.bytes <= room && !(write && now_.bytes > payload_bytes_)) {
      now_.address = now_.address / page * page + page - 4;
    }
    classify(place::nowhere);
  }
  now_.bin.what = kind::malformed;
  now_.bin.aligned = alignment::dwords;
}

/// Makes the packet longer or shorter than its header says; often within the last beat.
void request_generator::damage() {
  const bool write = now_.header.type == tlp_type::memory_write ||
                     now_.header.type == tlp_type::config_write_0 ||
                     now_.header.type == tlp_type::config_write_1;
  const auto span = static_cast<unsigned>(now_.address % 4 + now_.bytes);
  const unsigned dwords = !write ? 0 : std::max(1U, (span + 3) / 4);
  const unsigned near = 1 + static_cast<unsigned>(below(setup_.width / 32));
  if (chance(50) && write) {
    const unsigned missing = chance(60) ? near : 1 + static_cast<unsigned>(below(dwords));
    now_.header.surplus_dwords =
        static_cast<std::int16_t>(-static_cast<int>(std::min(missing, dwords)));
  } else {
    constexpr unsigned most = 300;
    now_.header.surplus_dwords =
        static_cast<std::int16_t>(chance(60) ? near : 1 + static_cast<unsigned>(below(most)));
  }
  now_.bin = {kind::malformed,   place::nowhere, size_class::to_128,
              alignment::dwords, setup_.stalls,  mask()};
}

/// Begins in BAR0 and goes on behind it.
void request_generator::draw_crossing() {
  const bool write = chance(50);
  const std::uint64_t offset = below(bar0::size_bytes);
  constexpr std::array<unsigned, 3> longest{100, 800, 4096};
  const auto bytes =
      static_cast<unsigned>(bar0::size_bytes - offset + 1 + below(longest[below(longest.size())]));
  memory(write, 0, offset, bytes);
  if (chance(50)) {
    now_.address = now_.address / 4 * 4;
    now_.bytes = (now_.bytes + 3) / 4 * 4;
  }
  trim();
  now_.header.poisoned = write && chance(30);
  const bool crosses = now_.address + now_.bytes > bars_[0] + bar0::size_bytes;
  classify(crosses ? place::crossing : place::bar0);
}

}  // namespace ivshmem::lockstep
