// SPDX-License-Identifier: Apache-2.0
//
// Pairs what the model announced with what the RTL did, and keeps the first difference.
#include "ivshmem/rtl_bridge/lockstep_comparator.h"

#include <algorithm>
#include <cstdio>

namespace ivshmem::rtl {

namespace {

constexpr std::uint64_t never = ~std::uint64_t{0};

struct field_names {
  const char* port;
  std::array<const char*, 4> fields;
};
constexpr std::array<field_names, lockstep_ports> names{{
    {"tx_cpl", {"header DW0", "header DW1", "header DW2", nullptr}},
    {"tx_msg", {"header DW0", "header DW1", "header DW2", "header DW3"}},
    {"doorbell", {"peer", "value", "word", nullptr}},
    {"memory write", {"address", "beats", nullptr, nullptr}},
    {"memory read", {"address", "beats", nullptr, nullptr}},
    {"evt", {"kind", "vector", nullptr, nullptr}},
    {"ntf", {"vector", nullptr, nullptr, nullptr}},
    {"frst", {}},
    {"err_malformed", {}},
    {"rx_done", {}},
}};

std::string hex(std::uint64_t value) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "0x%llx", static_cast<unsigned long long>(value));
  return text.data();
}

/// The bits of dword `index` that count.
std::uint32_t mask_of(const lockstep_item& model, std::size_t index) {
  std::uint32_t mask = ~0U;
  if (!model.strobes.empty()) {
    for (unsigned byte = 0; byte < 4; ++byte) {
      if (((model.strobes[index] >> byte) & 1U) == 0) {
        mask &= ~(0xffU << (8 * byte));
      }
    }
    return mask;
  }
  mask = index == 0 ? mask & model.first_mask : mask;
  return index + 1 == model.data.size() ? mask & model.last_mask : mask;
}

}  // namespace

const char* to_string(lockstep_port port) noexcept {
  return names[static_cast<std::size_t>(port)].port;
}

void lockstep_item::clear() noexcept {
  first = 0;
  last = 0;
  fields = {};
  data.clear();
  strobes.clear();
  first_mask = ~0U;
  last_mask = ~0U;
}

std::string lockstep_item::text(lockstep_port port) const {
  std::string line = "cycle " + std::to_string(first);
  if (last != first) {
    line += " to " + std::to_string(last);
  }
  const auto& fields_of = names[static_cast<std::size_t>(port)].fields;
  for (std::size_t i = 0; i < fields.size() && fields_of[i] != nullptr; ++i) {
    line += std::string(i == 0 ? ": " : ", ") + fields_of[i] + " " + hex(fields[i]);
  }
  if (!data.empty()) {
    line += ", data";
    constexpr std::size_t most = 8;
    for (std::size_t i = 0; i < std::min(data.size(), most); ++i) {
      line += " " + hex(data[i]);
    }
    if (data.size() > most) {
      line += " ... (" + std::to_string(data.size()) + " dwords)";
    }
  }
  return line;
}

std::string lockstep_difference::text() const {
  return "cycle " + std::to_string(cycle) + ", " + to_string(port) + ", " + field + ": model " +
         model + ", RTL " + rtl;
}

void lockstep_comparator::announced(lockstep_port port) {
  stream& one = at(port);
  next_due_ = std::min(next_due_, one.expected.back_slot().due());
  one.expected.push();
}

void lockstep_comparator::find_next_due() noexcept {
  next_due_ = never;
  for (stream& one : ports_) {
    if (!one.expected.empty()) {
      next_due_ = std::min(next_due_, one.expected.front().due());
    }
  }
}

void lockstep_comparator::confirm(lockstep_port port, const lockstep_item& item,
                                  std::uint64_t cycle) {
  stream& one = at(port);
  ++one.count;
  if (one.expected.empty()) {
    differs({cycle, port, "event", "nothing", item.text(port)});
    return;
  }
  lockstep_item& model = one.expected.front();
  compare(port, model, item, cycle);
  std::swap(one.done[one.count % kept], model);
  one.expected.pop();
  if (cycle >= next_due_) {
    find_next_due();
  }
}

void lockstep_comparator::compare(lockstep_port port, const lockstep_item& model,
                                  const lockstep_item& rtl, std::uint64_t cycle) {
  const auto different = [&](const std::string& field, const std::string& ours,
                             const std::string& theirs) {
    differs({cycle, port, field, ours + " (" + model.text(port) + ")",
             theirs + " (" + rtl.text(port) + ")"});
  };
  const auto& fields = names[static_cast<std::size_t>(port)].fields;
  for (std::size_t i = 0; i < model.fields.size(); ++i) {
    if (model.fields[i] != rtl.fields[i]) {
      different(fields[i], hex(model.fields[i]), hex(rtl.fields[i]));
    }
  }
  if (model.first != rtl.first || model.last != rtl.last) {
    const bool begins = model.first != rtl.first;
    different(begins ? "cycle" : "cycle of the last beat",
              std::to_string(begins ? model.first : model.last),
              std::to_string(begins ? rtl.first : rtl.last));
  }
  if (model.data.size() != rtl.data.size()) {
    different("payload dwords", std::to_string(model.data.size()), std::to_string(rtl.data.size()));
    return;
  }
  if (model.strobes != rtl.strobes) {
    const auto at = std::mismatch(model.strobes.begin(), model.strobes.end(), rtl.strobes.begin());
    different("strobes of dword " + std::to_string(at.first - model.strobes.begin()),
              hex(*at.first), hex(*at.second));
    return;
  }
  for (std::size_t i = 0; i < model.data.size(); ++i) {
    if (model.data[i] == rtl.data[i]) {
      continue;
    }
    const std::uint32_t mask = mask_of(model, i);
    if (((model.data[i] ^ rtl.data[i]) & mask) != 0) {
      different("data dword " + std::to_string(i), hex(model.data[i] & mask),
                hex(rtl.data[i] & mask));
      return;
    }
  }
}

void lockstep_comparator::check_due(std::uint64_t cycle) {
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    const auto port = static_cast<lockstep_port>(i);
    stream& one = at(port);
    if (!one.expected.empty() && one.expected.front().due() <= cycle) {
      differs({cycle, port, "event", one.expected.front().text(port), "nothing"});
    }
  }
  find_next_due();
}

void lockstep_comparator::forget() {
  for (stream& one : ports_) {
    one.expected.clear();
  }
  next_due_ = never;
}

std::string lockstep_comparator::last_items() const {
  std::string text;
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    const stream& one = ports_[i];
    const auto port = static_cast<lockstep_port>(i);
    if (port == lockstep_port::credit) {
      continue;
    }
    for (std::uint64_t n = one.count < kept ? 1 : one.count - kept + 1; n <= one.count; ++n) {
      text += std::string("  ") + to_string(port) + ": " + one.done[n % kept].text(port) + "\n";
    }
  }
  return text;
}

}  // namespace ivshmem::rtl
