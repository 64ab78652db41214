// SPDX-License-Identifier: Apache-2.0
//
// Draws the device, its timing and its stalls.
#include <random>

#include "request_generator.h"

namespace ivshmem::lockstep {

setup draw_setup(std::uint64_t seed, unsigned width, unsigned vectors) {
  std::mt19937_64 random(seed ^ 0x5eed'5eed'5eed'5eedU);
  const auto below = [&](std::uint64_t bound) { return static_cast<unsigned>(random() % bound); };
  constexpr std::array<unsigned, 5> counts{1, 2, 8, 64, 2048};
  setup drawn;
  drawn.seed = seed;
  drawn.width = 64U << below(3);
  device_properties& properties = drawn.properties;
  const unsigned variant = below(10);
  properties.variant = variant < 6    ? device_variant::doorbell
                       : variant == 6 ? device_variant::plain
                                      : device_variant::legacy;
  properties.vectors = counts[below(counts.size())];
  if (properties.variant == device_variant::legacy && variant >= 8) {
    properties.msi = false;
    properties.ioeventfd = false;
    properties.vectors = 1 + below(4);
  }
  properties.express = below(4) == 0;
  drawn.memory_bytes = std::uint64_t{4096} << below(9);
  drawn.max_payload_bytes = 128U << below(6);
  drawn.memory_latency = 1 + below(below(2) == 0 ? 4 : 30);
  drawn.write_latency = 1 + below(below(3) == 0 ? 64 : 4);
  drawn.id = below(0x10000);
  drawn.stalls = static_cast<stall_state>(below(3));
  if (width != 0) {
    drawn.width = width;
  }
  if (vectors != 0) {
    properties.variant = device_variant::doorbell;
    properties.msi = true;
    properties.vectors = vectors;
  }
  return drawn;
}

std::string describe(const setup& drawn) {
  const device_properties& properties = drawn.properties;
  return "seed " + std::to_string(drawn.seed) + ": " + std::to_string(drawn.width) + " bits, " +
         to_string(properties.variant) + (properties.has_intx() ? " INTx" : "") +
         (properties.express ? " express" : "") + ", vectors " + std::to_string(drawn.vectors()) +
         ", memory " + std::to_string(drawn.memory_bytes) + ", payload " +
         std::to_string(drawn.max_payload_bytes) + ", latency " +
         std::to_string(drawn.memory_latency) + "/" + std::to_string(drawn.write_latency) +
         ", stalls " + std::to_string(static_cast<unsigned>(drawn.stalls));
}

}  // namespace ivshmem::lockstep
