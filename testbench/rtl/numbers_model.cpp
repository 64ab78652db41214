// SPDX-License-Identifier: Apache-2.0
//
// Prints of the model what numbers_tb.sv prints of the RTL, line by line.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

#include "ivshmem/model/device.h"
#include "ivshmem/model/timing.h"

namespace {

using namespace ivshmem;

struct listener final : device_callbacks {
  bool rung = false;
  virtual ~listener() = default;
  void ring(peer_id /*peer*/, vector_index /*vector*/) override { rung = true; }
  void send_message(vector_index /*vector*/, const msix_message& /*message*/,
                    bool /*injected*/) override {}
  void set_intx(bool /*asserted*/) override {}
  // Peer 0xffff, which nobody is: the write reached the doorbell all the same.
  void dropped(drop_cause /*cause*/, peer_id /*peer*/, vector_index /*vector*/) override {
    rung = true;
  }
  void blocked_reentry(unsigned /*bar*/, std::uint32_t /*offset*/) override {}
  void register_access(unsigned /*bar*/, bool /*write*/, std::uint32_t /*offset*/,
                       std::uint32_t /*value*/) override {}
};

void queue(const char* of, unsigned depth) { std::printf("queue of %s %u\n", of, depth); }

}  // namespace

int main() {
  std::vector<std::uint8_t> memory(min_memory_bytes);
  device_properties properties;
  properties.variant = device_variant::doorbell;
  properties.vectors = 1;
  properties.express = true;
  listener heard;
  device dut(properties, peer_id{7}, {memory.data(), memory.size()}, heard);
  dut.reset();
  for (std::uint32_t offset = 0; offset < cfg::size_bytes; offset += 4) {
    std::printf("configuration %x reads %08x\n", offset, dut.config_read(offset, 4));
  }
  for (std::uint32_t offset = 0; offset < 64; offset += 4) {
    heard.rung = false;
    dut.write_register(offset, 0xffff'0000 + offset);
    if (heard.rung) {
      std::printf("BAR0 %x rings\n", offset);
    }
    const std::uint32_t value = dut.read_register(offset);
    if (value != 0) {
      std::printf("BAR0 %x reads %08x\n", offset, value);
    }
  }
  queue("requests", timing::request_queue);
  queue("completions", timing::completion_queue);
  queue("completion beats", timing::output_queue);
  queue("messages", timing::message_queue);
  queue("doorbells", timing::doorbell_queue);
  queue("write addresses", timing::memory_queue);
  queue("write data", timing::memory_queue);
  queue("read addresses", timing::memory_queue);
  return 0;
}
