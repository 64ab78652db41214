// SPDX-License-Identifier: Apache-2.0
//
// The choices of the generator that go to configuration space, and reset.
#include "fuzz_generator.h"

namespace ivshmem::conformance {

namespace {

constexpr unsigned doorbell_offset = 0x0c;
constexpr unsigned msix_control_offset = 0x42;
constexpr std::uint64_t nowhere = 0x1000'0000;

}  // namespace

void fuzz_generator::msix_control() {
  if (random_.one_in(4)) {
    config_read(0x40, random_.pick({4U, 2U, 1U}));
    return;
  }
  const unsigned flags = random_.pick(
      {0x8000U, 0x8000U, 0x8000U, 0x8000U, 0x8000U, 0x8000U, 0xc000U, 0xc000U, 0x4000U, 0U});
  if (random_.below(3) != 0) {
    config_write(msix_control_offset, 2, flags | random_.index(0x800));
  } else if (random_.one_in(2)) {
    config_write(msix_control_offset + 1, 1, flags >> 8U);
  } else {
    config_write(0x40, 4, flags << 16U | random_.bits(16));
  }
}

void fuzz_generator::command_and_status() {
  if (random_.one_in(3)) {
    config_read(random_.pick({4U, 6U}), 2);
  } else if (random_.one_in(8)) {
    config_write(6, 2, random_.bits(16));
  } else {
    command(random_.pick({6U, 6U, 6U, 6U, 6U, 7U, 2U, 2U, 4U, 0U, 0x406U, 0x506U, 0xffffU}));
  }
}

void fuzz_generator::other_config() {
  const unsigned bytes = random_.pick({1U, 2U, 4U});
  unsigned offset = random_.pick({random_.index(0x100), random_.index(0x40), 0x3cU, 0x0cU, 0x2cU,
                                  0x34U, 0x4cU, 0x40U, 0x44U, 0x48U});
  if (!random_.one_in(5)) {
    offset &= ~(bytes - 1);
  }
  // COMMAND, BARs and the MSI-X control have choices of their own.
  const auto touches = [&](unsigned from, unsigned end) {
    return offset < end && offset + bytes > from;
  };
  if (random_.one_in(2) || touches(0x10, 0x28) || touches(4, 8) ||
      (now_->is_doorbell() && touches(0x40, 0x44))) {
    config_read(offset, bytes);
  } else {
    config_write(offset, bytes, value(bytes));
  }
}

void fuzz_generator::size_bars() {
  if (!random_.one_in(3)) {
    command(0);
  }
  for (unsigned bar = 0; bar < 6; ++bar) {
    config_write(0x10 + 4 * bar, 4, 0xffff'ffff);
    config_read(0x10 + 4 * bar, 4);
  }
  program_bars();
}

void fuzz_generator::move_bar() {
  const unsigned bar = random_.pick({0U, 1U, 2U});
  const unsigned offset = bar == 2 ? 0x18 : 0x10 + 4 * bar;
  if (bar == 1 && !now_->is_doorbell()) {
    config_write(offset, 4, value(4));  // there is none
    return;
  }
  switch (random_.below(6)) {
    case 0:
      config_write(offset, 4, random_.pick({0U, 0xffff'ffffU}));
      if (bar < 2) {  // not decoded at the top either; reads would give firmware
        const unsigned field = random_.pick({0U, doorbell_offset});
        write_at((1ULL << 32U) - now_->bar_bytes(bar) + field, 4,
                 field == 0 ? now_->message_slot(0) : 0);
      }
      break;
    case 1:
      if (now_->is_movable(bar)) {
        const unsigned byte = 1 + random_.index(2);
        config_write(offset + byte, 1, random_.bits(8));
      }
      break;
    case 2:
      if (bar == 2) {
        const unsigned high = random_.one_in(2) ? now_->high_half() : 0;
        config_write(0x1c, 4, high);
        if (high == 0) {  // 8 GiB have the address 0 then, where they are not decoded
          write_at(nowhere, 4, word());
          read_at(nowhere, 4);
        }
      }
      break;
    default:
      config_write(offset, 4, now_->placed(bar, random_.one_in(3) ? 0 : 1 + random_.bits(26)));
  }
  config_read(offset, 4);
}

void fuzz_generator::reset() {
  list_.push_back({{"op", "reset"}});
  bring_up_per_mille_ = 300;
  for (device_view& device : devices_) {
    device.note_reset();
    commands_[device.index()] = 0;
  }
  for (device_view& device : devices_) {
    now_ = &device;
    if (!random_.one_in(8)) {
      program_bars();
    }
  }
}

}  // namespace ivshmem::conformance
