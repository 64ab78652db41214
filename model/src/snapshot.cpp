// SPDX-License-Identifier: Apache-2.0
//
// Snapshots: writing, checking and reading them.
#include "ivshmem/model/snapshot.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <istream>
#include <ostream>
#include <utility>
#include <vector>

namespace ivshmem {

namespace {

constexpr std::array<char, 8> magic{'I', 'V', 'S', 'H', 'S', 'N', 'A', 'P'};
constexpr std::uint64_t page_bytes = 4096;
constexpr std::uint64_t no_more_pages = ~std::uint64_t{0};

using kind = snapshot_error::kind;

class writer {
 public:
  explicit writer(std::ostream& out) : out_(out) {}
  void put(std::uint64_t value, unsigned bytes) {
    std::array<char, 8> buffer{};
    for (unsigned i = 0; i < bytes; ++i) {
      buffer[i] = static_cast<char>(value >> (8 * i));
    }
    out_.write(buffer.data(), bytes);
  }
  void put(const void* data, std::uint64_t bytes) {
    out_.write(static_cast<const char*>(data), static_cast<std::streamsize>(bytes));
  }

 private:
  std::ostream& out_;
};

class reader {
 public:
  explicit reader(std::istream& in) : in_(in) {}
  std::uint64_t get(unsigned bytes) {
    std::array<unsigned char, 8> buffer{};
    get(buffer.data(), bytes);
    std::uint64_t value = 0;
    for (unsigned i = 0; i < bytes; ++i) {
      value |= std::uint64_t{buffer[i]} << (8 * i);
    }
    return value;
  }
  void get(void* data, std::uint64_t bytes) {
    in_.read(static_cast<char*>(data), static_cast<std::streamsize>(bytes));
  }
  bool failed() const { return !in_.good(); }

 private:
  std::istream& in_;
};

bool is_zero(const std::uint8_t* page) {
  return page[0] == 0 && std::memcmp(page, page + 1, page_bytes - 1) == 0;
}

using page = std::pair<std::uint64_t, std::array<std::uint8_t, page_bytes>>;

result<void, snapshot_error> read_pages(reader& in, std::uint64_t page_count,
                                        std::vector<page>& pages) {
  std::uint64_t lowest = 0;
  for (;;) {
    const std::uint64_t number = in.get(8);
    if (in.failed()) {
      return snapshot_error{kind::truncated};
    }
    if (number == no_more_pages) {
      return {};
    }
    if (number < lowest || number >= page_count) {
      return snapshot_error{kind::page, number, page_count};
    }
    lowest = number + 1;
    pages.emplace_back();
    pages.back().first = number;
    in.get(pages.back().second.data(), page_bytes);
  }
}

void replace_memory(memory_view memory, const std::vector<page>& pages) {
  auto next = pages.begin();
  for (std::uint64_t number = 0; number < memory.bytes / page_bytes; ++number) {
    std::uint8_t* at = memory.data + number * page_bytes;
    if (next != pages.end() && next->first == number) {
      std::memcpy(at, next->second.data(), page_bytes);
      ++next;
    } else if (!is_zero(at)) {
      std::memset(at, 0, page_bytes);
    }
  }
}

}  // namespace

std::string snapshot_error::text() const {
  const std::string got = std::to_string(read);
  const std::string want = std::to_string(expected);
  switch (what) {
    case kind::no_device:
      return "no device is inserted";
    case kind::not_master:
      return "'peer' devices are not migratable: needs master=on, or master=auto and ID 0";
    case kind::not_a_snapshot:
      return "not a snapshot of an ivshmem device";
    case kind::version:
      return "snapshot version " + got + ": must be " + want;
    case kind::variant:
      return "snapshot of device variant " + got + ", this device is variant " + want;
    case kind::vectors:
      return "snapshot of a device with " + got + " vectors, this device has " + want;
    case kind::memory_size:
      return "Size mismatch: shared memory of " + got + " bytes, this device has " + want;
    case kind::config:
      return "Bad config data at offset " + std::to_string(offset) + ": read " + got + ", device " +
             want;
    case kind::truncated:
      return "snapshot ends early or cannot be read or written";
    case kind::page:
      return "snapshot holds page " + got + " out of order or range: must be below " + want;
  }
  return "unknown";
}

result<void, snapshot_error> save(const device& from, std::ostream& out) {
  if (!from.master()) {
    return snapshot_error{kind::not_master};
  }
  const device::state state = from.save();
  const memory_view memory = from.memory();
  writer put(out);
  put.put(magic.data(), magic.size());
  put.put(snapshot_version, 4);
  put.put(static_cast<unsigned>(from.properties().variant), 4);
  put.put(from.interrupts().vectors(), 4);
  put.put(memory.bytes, 8);
  put.put(state.config.data(), state.config.size());
  put.put(state.intr_mask, 4);
  put.put(state.intr_status, 4);
  for (const msix_entry& entry : state.msix_table) {
    for (const auto dword : msix_entry::dwords()) {
      put.put(entry.*dword, 4);
    }
  }
  for (const std::uint64_t word : state.msix_pba) {
    put.put(word, 8);
  }
  for (std::uint64_t number = 0; number < memory.bytes / page_bytes; ++number) {
    const std::uint8_t* at = memory.data + number * page_bytes;
    if (!is_zero(at)) {
      put.put(number, 8);
      put.put(at, page_bytes);
    }
  }
  put.put(no_more_pages, 8);
  out.flush();
  if (!out.good()) {
    return snapshot_error{kind::truncated};
  }
  return {};
}

result<void, snapshot_error> load(device& into, std::istream& in) {
  if (!into.master()) {
    return snapshot_error{kind::not_master};
  }
  reader get(in);
  std::array<char, 8> found{};
  get.get(found.data(), found.size());
  if (found != magic) {
    return snapshot_error{kind::not_a_snapshot};
  }
  const memory_view memory = into.memory();
  const std::array<std::pair<kind, std::pair<unsigned, std::uint64_t>>, 4> header{{
      {kind::version, {4, snapshot_version}},
      {kind::variant, {4, static_cast<std::uint64_t>(into.properties().variant)}},
      {kind::vectors, {4, into.interrupts().vectors()}},
      {kind::memory_size, {8, memory.bytes}},
  }};
  for (const auto& [what, field] : header) {
    const std::uint64_t value = get.get(field.first);
    if (get.failed()) {
      return snapshot_error{kind::truncated};
    }
    if (value != field.second) {
      return snapshot_error{what, value, field.second};
    }
  }
  device::state state = into.save();
  const config_space::image present = state.config;
  get.get(state.config.data(), state.config.size());
  state.intr_mask = static_cast<std::uint32_t>(get.get(4));
  state.intr_status = static_cast<std::uint32_t>(get.get(4));
  for (msix_entry& entry : state.msix_table) {
    for (const auto dword : msix_entry::dwords()) {
      entry.*dword = static_cast<std::uint32_t>(get.get(4));
    }
  }
  for (std::uint64_t& word : state.msix_pba) {
    word = get.get(8);
  }
  std::vector<page> pages;
  if (auto complete = read_pages(get, memory.bytes / page_bytes, pages); !complete) {
    return complete;
  }
  if (const auto restored = into.restore(state); !restored) {
    const std::uint32_t bad = restored.error().offset;
    return snapshot_error{kind::config, state.config[bad], present[bad], bad};
  }
  replace_memory(memory, pages);
  return {};
}

}  // namespace ivshmem
