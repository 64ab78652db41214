// SPDX-License-Identifier: Apache-2.0
//
// Which operation comes next; accesses to the BARs and to memory.
#include "fuzz_generator.h"

#include <algorithm>

namespace ivshmem::conformance {

namespace {

constexpr unsigned doorbell_offset = 0x0c;
constexpr unsigned bar0_bytes = 0x100;
constexpr std::uint64_t ram_bytes = 128ULL << 20U;
constexpr std::uint64_t nowhere = 0x1000'0000;
// Bits of COMMAND: memory and bus master.
constexpr unsigned working = 6;

std::uint64_t low_bytes(std::uint64_t value, unsigned bytes) {
  return bytes >= 8 ? value : value & ((std::uint64_t{1} << (8 * bytes)) - 1);
}

std::uint64_t as_number(const std::vector<std::uint8_t>& bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8U | bytes[i];
  }
  return value;
}

std::string as_text(const std::vector<std::uint8_t>& bytes) {
  constexpr const char* digits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

}  // namespace

fuzz_generator::fuzz_generator(const json& header, std::uint64_t seed) : random_(seed) {
  for (const json& ghost : header.value("ghosts", json::array())) {
    ghosts_.push_back({ghost["peer"], ghost["vectors"]});
  }
  for (unsigned i = 0; i < header["devs"].size(); ++i) {
    devices_.emplace_back(header, i);
    for (const device_view::peer& ghost : ghosts_) {
      devices_.back().joined.push_back({ghost.id, std::min(ghost.vectors, devices_[i].vectors())});
    }
  }
  commands_.assign(devices_.size(), 0);
  now_ = &devices_.front();
}

const std::vector<fuzz_generator::choice>& fuzz_generator::choices() {
  using g = fuzz_generator;
  static const std::vector<choice> all{{170, false, &g::registers},
                                       {30, false, &g::registers_block},
                                       {140, false, &g::doorbell},
                                       {190, true, &g::table},
                                       {40, true, &g::table_block},
                                       {60, true, &g::pending_and_gaps},
                                       {150, true, &g::ring},
                                       {10, true, &g::late_own_vector},
                                       {70, true, &g::msix_control},
                                       {40, false, &g::command_and_status},
                                       {70, false, &g::other_config},
                                       {5, false, &g::size_bars},
                                       {25, false, &g::move_bar},
                                       {45, false, &g::shared_memory},
                                       {20, false, &g::shared_memory_block},
                                       {10, false, &g::ram},
                                       {25, true, &g::peers},
                                       {8, true, &g::refused_message},
                                       {4, false, &g::reset},
                                       {40, false, &g::batch}};
  return all;
}

std::vector<json> fuzz_generator::operations(std::size_t count) {
  for (device_view& device : devices_) {
    now_ = &device;
    program_bars();
  }
  unsigned total = 0;
  for (const choice& one : choices()) {
    total += one.weight;
  }
  while (list_.size() < count) {
    now_ = &devices_[random_.index(devices_.size())];
    if ((commands_[now_->index()] & working) != working && random_.one_in(4)) {
      command(working);
      continue;
    }
    if (!now_->is_decoded() && random_.one_in(4)) {
      program_bars();
      continue;
    }
    if (now_->is_doorbell() && random_.below(1000) < bring_up_per_mille_) {
      bring_up_per_mille_ = std::max(25U, bring_up_per_mille_ / 2);
      bring_up();
      continue;
    }
    std::uint64_t drawn = random_.below(total);
    for (const choice& one : choices()) {
      if (drawn < one.weight) {
        if (now_->is_doorbell() || !one.needs_doorbell) {
          (this->*one.run)();
        }
        break;
      }
      drawn -= one.weight;
    }
  }
  list_.resize(count);
  return list_;
}

// ---- operations

void fuzz_generator::access_bar(bool write, unsigned bar, std::uint64_t offset, unsigned bytes,
                                std::uint64_t value) {
  json operation{{"op", write ? "wr" : "rd"},
                 {"dev", now_->index()},
                 {"bar", bar},
                 {"offset", hex(offset)},
                 {"addr", hex(now_->base(bar) + offset)},
                 {"size", bytes}};
  operation[write ? "value" : "result"] = hex(write ? low_bytes(value, bytes) : 0);
  list_.push_back(operation);
}

void fuzz_generator::access_block(bool write, unsigned bar, std::uint64_t offset,
                                  const std::vector<std::uint8_t>& data) {
  json operation{{"op", write ? "blk_wr" : "blk_rd"},
                 {"dev", now_->index()},
                 {"bar", bar},
                 {"offset", hex(offset)},
                 {"addr", hex(now_->base(bar) + offset)}};
  if (write) {
    operation["bytes"] = as_text(data);
  } else {
    operation["size"] = data.size();
  }
  list_.push_back(operation);
}

void fuzz_generator::config_read(unsigned offset, unsigned bytes) {
  list_.push_back({{"op", "cfg_rd"},
                   {"dev", now_->index()},
                   {"offset", hex(offset)},
                   {"size", bytes},
                   {"result", "0x0"}});
}

void fuzz_generator::config_write(unsigned offset, unsigned bytes, std::uint64_t value) {
  list_.push_back({{"op", "cfg_wr"},
                   {"dev", now_->index()},
                   {"offset", hex(offset)},
                   {"size", bytes},
                   {"value", hex(low_bytes(value, bytes))}});
  now_->note_config_write(offset, bytes, value);
}

void fuzz_generator::command(std::uint64_t value) {
  config_write(4, 2, value);
  commands_[now_->index()] = static_cast<unsigned>(value);
}

void fuzz_generator::program_bars() {
  config_write(0x10, 4, now_->placed(0, 0));
  if (now_->is_doorbell()) {
    config_write(0x14, 4, now_->placed(1, 0));
  }
  config_write(0x18, 4, now_->placed(2, 0));
  config_write(0x1c, 4, now_->bar_bytes(2) >> 32U != 0 ? now_->high_half() : 0);
  command(working);
}

// ---- values

/// No byte of it looks like the pattern of the RAM windows.
std::uint64_t fuzz_generator::word() {
  switch (random_.below(8)) {
    case 0:
      return 0;
    case 1:
      return 0xffff'ffff;
    case 2:
      return std::uint64_t{1} << random_.below(32);
    default:
      return as_number(random_bytes(4));
  }
}

std::uint64_t fuzz_generator::value(unsigned bytes) {
  const std::uint64_t low = word();
  return low_bytes(low | word() << 32U, bytes);
}

std::vector<std::uint8_t> fuzz_generator::random_bytes(unsigned count) {
  std::vector<std::uint8_t> bytes(count);
  for (std::uint8_t& byte : bytes) {
    byte = static_cast<std::uint8_t>(random_.bits(8));
    byte = byte == 0xa5 ? 0x5a : byte;
  }
  return bytes;
}

device_view::peer fuzz_generator::some_peer() {
  std::vector<device_view::peer> all = ghosts_;
  for (const device_view& device : devices_) {
    if (device.is_doorbell()) {
      all.push_back({device.peer_id(), device.vectors()});
    }
  }
  all.insert(all.end(), now_->joined.begin(), now_->joined.end());
  all.insert(all.end(), gone_.begin(), gone_.end());
  return all.empty() ? device_view::peer{0, 1} : random_.any_of(all);
}

std::uint32_t fuzz_generator::doorbell_value() {
  device_view::peer peer = some_peer();
  if (random_.one_in(6)) {
    peer.id = random_.pick({random_.index(64), 65'535U, 0x8000U, 256U, 255U});
  }
  const std::uint64_t kind = random_.below(10);
  if (kind < 6) {
    return peer.id << 16U | random_.index(std::max(1U, peer.vectors));
  }
  if (kind < 8) {  // the last one that it has and the first that it has not
    return peer.id << 16U | (std::max(1U, peer.vectors) - (kind == 6 ? 1 : 0));
  }
  const unsigned vector = random_.index(256);
  return peer.id << 16U | random_.pick({0U, 1U, 0x80U, 0xffU}) << 8U | vector;
}

// ---- registers

void fuzz_generator::registers() {
  const unsigned bytes = random_.pick({4U, 4U, 4U, 4U, 4U, 1U, 2U, 8U});
  unsigned offset =
      random_.pick({0U, 4U, 8U, 12U, 16U, random_.index(bar0_bytes) & ~3U, 0xf8U, 0xfcU});
  if (random_.one_in(5)) {
    offset += random_.index(8);
  }
  std::uint64_t data = value(bytes);
  if (offset + 4 == doorbell_offset && bytes == 8) {
    data = std::uint64_t{doorbell_value()} << 32U | low_bytes(data, 4);
  }
  access_bar(random_.below(3) != 0, 0, offset, bytes, data);
}

void fuzz_generator::doorbell() {
  if (random_.one_in(6)) {
    // What a short or unaligned write rings.
    const unsigned offset = doorbell_offset + random_.index(4);
    const unsigned bytes = random_.pick({1U, 2U, 4U, 8U});
    access_bar(true, 0, offset, bytes, random_.one_in(2) ? doorbell_value() : value(8));
  } else {
    access_bar(true, 0, doorbell_offset, 4, doorbell_value());
  }
}

void fuzz_generator::registers_block() {
  const unsigned count = 1 + random_.index(40);
  const unsigned offset =
      random_.one_in(2) ? random_.index(16) : bar0_bytes - random_.index(count + 1);
  std::vector<std::uint8_t> data = random_bytes(count);
  const std::uint32_t rung = doorbell_value();
  for (unsigned i = 0; i < 4; ++i) {
    const unsigned at = doorbell_offset + i;
    if (at >= offset && at < offset + count) {
      data[at - offset] = static_cast<std::uint8_t>(rung >> (8 * i));
    }
  }
  access_block(random_.one_in(2), 0, offset, data);
}

// ---- memory

void fuzz_generator::shared_memory() {
  const unsigned bytes = random_.pick({1U, 2U, 4U, 8U});
  const std::uint64_t size = now_->bar_bytes(2);
  std::uint64_t offset = random_.below(size - bytes + 1);
  switch (random_.below(4)) {
    case 0:
      offset = random_.below(64);  // the same place again, from another device too
      break;
    case 1:
      offset = size - random_.below(16);
      break;
    default:
      break;
  }
  const bool write = random_.one_in(2);
  access_bar(write, 2, offset, bytes, random_.bits(64));
}

void fuzz_generator::shared_memory_block() {
  const unsigned count = 1 + random_.index(200);
  const std::uint64_t size = now_->bar_bytes(2);
  const std::uint64_t offset =
      random_.one_in(2) ? random_.below(128) : size - random_.below(count + 1);
  const bool write = random_.one_in(2);
  access_block(write, 2, offset, random_bytes(count));
}

void fuzz_generator::read_at(std::uint64_t address, unsigned bytes) {
  list_.push_back({{"op", "ram_rd"}, {"addr", hex(address)}, {"size", bytes}, {"result", "0x0"}});
}

void fuzz_generator::write_at(std::uint64_t address, unsigned bytes, std::uint64_t value) {
  list_.push_back(
      {{"op", "ram_wr"}, {"addr", hex(address)}, {"size", bytes}, {"value", hex(value)}});
}

/// RAM, its end, and where nothing is.
void fuzz_generator::ram() {
  const unsigned bytes = random_.pick({1U, 2U, 4U, 8U});
  const std::uint64_t address = random_.pick(
      {0x200'0000 + random_.below(64), ram_bytes - random_.below(12), nowhere + random_.below(16)});
  if (random_.one_in(2)) {
    read_at(address, bytes);
  } else {
    write_at(address, bytes, random_.bits(8 * bytes));
  }
}

}  // namespace ivshmem::conformance
