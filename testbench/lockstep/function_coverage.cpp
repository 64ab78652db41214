// SPDX-License-Identifier: Apache-2.0
//
// Which combinations of request, place and state the random streams reached.
#include "function_coverage.h"

#include <cstdio>
#include <istream>
#include <ostream>

namespace ivshmem::lockstep {

namespace {

constexpr std::array<const char*, kinds> kind_names{"memory read", "memory write", "poisoned write",
                                                    "malformed",   "config read",  "config write",
                                                    "refused",     "message"};
constexpr std::array<const char*, places> place_names{"BAR0", "BAR1", "BAR2", "crossing",
                                                      "nowhere"};
constexpr std::array<const char*, size_classes> size_names{"0",      "1-3",     "4",
                                                           "to 128", "to 1024", "to 4096"};
constexpr std::array<const char*, alignments> alignment_names{"dwords", "bytes", "holes"};
constexpr std::array<const char*, stall_states> stall_names{"none", "light", "heavy"};
constexpr std::array<const char*, mask_states> mask_names{"off", "masked", "open"};

template <class Enum>
std::size_t number(Enum value) {
  return static_cast<std::size_t>(value);
}

}  // namespace

std::size_t function_coverage::index(const coordinates& at) noexcept {
  std::size_t i = number(at.what);
  i = i * places + number(at.where);
  i = i * size_classes + number(at.size);
  i = i * alignments + number(at.aligned);
  i = i * stall_states + number(at.stalls);
  return i * mask_states + number(at.mask);
}

coordinates function_coverage::at(std::size_t index) noexcept {
  coordinates made;
  const auto next = [&index](std::size_t count) {
    const std::size_t value = index % count;
    index /= count;
    return value;
  };
  made.mask = static_cast<mask_state>(next(mask_states));
  made.stalls = static_cast<stall_state>(next(stall_states));
  made.aligned = static_cast<alignment>(next(alignments));
  made.size = static_cast<size_class>(next(size_classes));
  made.where = static_cast<place>(next(places));
  made.what = static_cast<kind>(next(kinds));
  return made;
}

bool function_coverage::can_be(const coordinates& at) noexcept {
  const bool within_dword = at.size == size_class::part || at.size == size_class::dword;
  switch (at.aligned) {
    case alignment::dwords:
      if (at.size == size_class::part) {
        return false;
      }
      break;
    case alignment::bytes:
      if (at.size == size_class::nothing) {
        return false;
      }
      break;
    case alignment::holes:
      if (!within_dword) {
        return false;
      }
      break;
  }
  switch (at.what) {
    case kind::memory_read:
    case kind::memory_write:
    case kind::poisoned_write:
      break;
    case kind::malformed:
      return at.where == place::nowhere && at.size >= size_class::dword &&
             at.aligned == alignment::dwords;
    case kind::config_read:
    case kind::config_write:
      return at.where == place::nowhere && at.size <= size_class::dword &&
             !(at.size == size_class::dword && at.aligned == alignment::bytes);
    case kind::refused:
    case kind::message:
      return at.where == place::nowhere && at.size == size_class::dword &&
             at.aligned == alignment::dwords;
  }
  switch (at.where) {
    case place::bar0:
      return at.size <= size_class::to_1024;  // it has 256 bytes
    case place::crossing:
      return at.size >= size_class::to_128;
    default:
      return true;
  }
}

void function_coverage::add(const function_coverage& other) noexcept {
  for (std::size_t i = 0; i < total; ++i) {
    bins_[i] += other.bins_[i];
  }
}

bool function_coverage::load(std::istream& from) {
  std::size_t count = 0;
  if (!(from >> count) || count != total) {
    return false;
  }
  for (std::uint64_t& bin : bins_) {
    from >> bin;
  }
  return !from.fail();
}

void function_coverage::save(std::ostream& to) const {
  to << total << '\n';
  for (const std::uint64_t bin : bins_) {
    to << bin << '\n';
  }
}

std::size_t function_coverage::possible() const noexcept {
  std::size_t count = 0;
  for (std::size_t i = 0; i < total; ++i) {
    count += can_be(at(i)) ? 1 : 0;
  }
  return count;
}

std::size_t function_coverage::covered() const noexcept {
  std::size_t count = 0;
  for (std::size_t i = 0; i < total; ++i) {
    count += can_be(at(i)) && bins_[i] != 0 ? 1 : 0;
  }
  return count;
}

double function_coverage::percent() const noexcept {
  return 100.0 * static_cast<double>(covered()) / static_cast<double>(possible());
}

std::string function_coverage::table() const {
  std::string text;
  std::array<char, 120> line{};
  std::snprintf(line.data(), line.size(), "%-15s %-9s %8s %9s %12s\n", "kind", "where", "hit",
                "possible", "requests");
  text += line.data();
  constexpr std::size_t row = size_classes * alignments * stall_states * mask_states;
  for (std::size_t begin = 0; begin < total; begin += row) {
    std::size_t hits = 0;
    std::size_t all = 0;
    std::uint64_t requests = 0;
    for (std::size_t i = begin; i < begin + row; ++i) {
      const bool counts = can_be(at(i));
      all += counts ? 1 : 0;
      hits += counts && bins_[i] != 0 ? 1 : 0;
      requests += bins_[i];
    }
    if (all != 0) {
      const coordinates first = at(begin);
      std::snprintf(line.data(), line.size(), "%-15s %-9s %8zu %9zu %12llu\n",
                    kind_names[number(first.what)], place_names[number(first.where)], hits, all,
                    static_cast<unsigned long long>(requests));
      text += line.data();
    }
  }
  std::snprintf(line.data(), line.size(), "functional coverage: %zu of %zu bins, %.1f %%\n",
                covered(), possible(), percent());
  return text + line.data();
}

std::string function_coverage::missing() const {
  std::string text;
  for (std::size_t i = 0; i < total; ++i) {
    const coordinates one = at(i);
    if (can_be(one) && bins_[i] == 0) {
      text += std::string(kind_names[number(one.what)]) + ", " + place_names[number(one.where)] +
              ", " + size_names[number(one.size)] + " bytes, " +
              alignment_names[number(one.aligned)] + ", stalls " + stall_names[number(one.stalls)] +
              ", interrupts " + mask_names[number(one.mask)] + "\n";
    }
  }
  return text;
}

}  // namespace ivshmem::lockstep
