// SPDX-License-Identifier: Apache-2.0
//
// What the generator knows of a device: where its BARs are, what is enabled.
#include "fuzz_view.h"

#include <algorithm>

namespace ivshmem::conformance {

namespace {

constexpr unsigned bar_offset = 0x10;
constexpr std::array<unsigned, 3> register_offset{0, 4, 8};
constexpr std::uint64_t home[] = {0xfe00'0000, 0xfe01'0000, 0xe000'0000};
constexpr std::uint64_t home_step[] = {0x10'0000, 0x10'0000, 0x200'0000};
// Another 64 MiB for each BAR of each device, inside which it moves.
constexpr std::uint64_t places = 0x4000'0000;
constexpr std::uint64_t device_step = 0x1000'0000;
constexpr std::uint64_t place_bytes = 0x400'0000;

std::uint64_t msix_bar_bytes(unsigned vectors, std::uint64_t pending_offset) {
  std::uint64_t bytes = 0x1000;
  while (bytes < pending_offset + (vectors + 63) / 64 * std::uint64_t{8}) {
    bytes *= 2;
  }
  return bytes;
}

}  // namespace

device_view::device_view(const json& header, unsigned index)
    : index_(index),
      vectors_(header["devs"][index].value("vectors", 0U)),
      peer_id_(header["devs"][index].value("peer_id", 0U)),
      bytes_{0x100, 0, header["devs"][index]["bar2_size"]} {
  if (is_doorbell()) {
    bytes_[1] = msix_bar_bytes(vectors_, pending_offset());
    const json& messages = header["server_init"][std::to_string(index)];
    own_vectors = static_cast<unsigned>(std::count_if(
        messages.begin(), messages.end(),
        [this](const json& message) { return message[0] == peer_id_ && message[1].is_string(); }));
  }
}

std::uint64_t device_view::pending_offset() const noexcept {
  return std::max<std::uint64_t>(0x800, table_bytes());
}

std::uint64_t device_view::register_base(unsigned bar) const noexcept {
  std::uint64_t value = 0;
  for (unsigned i = bar == 2 ? 8 : 4; i-- > 0;) {
    value = value << 8U | registers_[register_offset[bar] + i];
  }
  return bytes_[bar] == 0 ? 0 : value & ~(bytes_[bar] - 1);
}

bool device_view::is_movable(unsigned bar) const noexcept {
  const std::uint64_t own = places + index_ * device_step + bar * place_bytes;
  const std::uint64_t at = register_base(bar);
  return at - own < place_bytes || (bar == 2 && at >> 32U == high_half());
}

bool device_view::is_placed(unsigned bar) const noexcept {
  return is_movable(bar) || register_base(bar) == home[bar] + index_ * home_step[bar];
}

bool device_view::is_decoded() const noexcept {
  return is_placed(0) && is_placed(2) && (!is_doorbell() || is_placed(1));
}

std::uint64_t device_view::base(unsigned bar) const noexcept {
  if (is_placed(bar)) {
    return register_base(bar);
  }
  // 8 GiB of memory fit above 4 GiB only.
  return bytes_[bar] > place_bytes ? std::uint64_t{high_half()} << 32U
                                   : home[bar] + index_ * home_step[bar];
}

std::uint32_t device_view::placed(unsigned bar, std::uint64_t place) const noexcept {
  if (place == 0) {
    return static_cast<std::uint32_t>(home[bar] + index_ * home_step[bar]);
  }
  return static_cast<std::uint32_t>(places + index_ * device_step + bar * place_bytes +
                                    place % place_bytes);
}

void device_view::note_config_write(unsigned offset, unsigned bytes, std::uint64_t value) noexcept {
  for (unsigned i = 0; i < bytes; ++i) {
    const unsigned at = offset + i - bar_offset;
    if (offset + i >= bar_offset && at < registers_.size()) {
      registers_[at] = static_cast<std::uint8_t>(value >> (8 * i));
    }
  }
}

}  // namespace ivshmem::conformance
