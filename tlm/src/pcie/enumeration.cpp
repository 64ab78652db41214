// SPDX-License-Identifier: Apache-2.0
//
// What firmware does at power-on: finds functions, numbers buses, assigns addresses.
#include "ivshmem/tlm/pcie/enumeration.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include "ivshmem/model/type1.h"

namespace ivshmem::pcie {

namespace {

constexpr std::uint32_t no_function = 0xffff;  // Vendor ID that nobody has

/// Offset of the first capability with this ID; 0 where there is none.
std::uint32_t find_capability(config_access& config, bdf id, std::uint8_t wanted) {
  if ((config.read(id, cfg::status.offset, 2) & cfg::status_capabilities) == 0) {
    return 0;
  }
  std::uint32_t at = config.read(id, cfg::capabilities.offset, 1) & cfg::capability_pointer_mask;
  for (unsigned hops = 0; at != 0 && hops < 48; ++hops) {  // a list with a loop must end too
    if (config.read(id, at, 1) == wanted) {
      return at;
    }
    at = config.read(id, at + cfg::capability_next, 1) & cfg::capability_pointer_mask;
  }
  return 0;
}

constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
  return (value + unit - 1) / unit * unit;
}

/// Hands out naturally aligned addresses of one window, lowest first.
class allocator {
 public:
  explicit allocator(const address_range& window) : next_(window.base), window_(window) {}
  std::uint64_t take(std::uint64_t bytes, std::uint64_t alignment) {
    const std::uint64_t base = round_up(next_, alignment);
    if (window_.bytes == 0 || base < next_ || !window_.contains(base) ||
        bytes > window_.base + window_.bytes - base) {
      return 0;
    }
    next_ = base + bytes;
    return base;
  }
  void align(std::uint64_t unit) { next_ = round_up(next_, unit); }
  std::uint64_t next() const { return next_; }

 private:
  std::uint64_t next_;
  address_range window_;
};

class firmware {
 public:
  firmware(config_access& config, const enumeration_windows& windows)
      : config_(config),
        low_(windows.low),
        high_(windows.high),
        has_high_(windows.high.bytes != 0) {}

  result<std::vector<enumerated_function>, enumeration_error> run() {
    scan(0);
    assign(0, functions_.size());
    for (const enumerated_function& function : functions_) {
      const std::uint32_t now = read(function.id, cfg::command);
      write(function.id, cfg::command, now | cfg::command_memory | cfg::command_master);
    }
    if (no_room_) {
      no_room_->functions = std::move(functions_);
      return std::move(*no_room_);
    }
    return std::move(functions_);
  }

 private:
  std::uint32_t read(bdf id, const reg_desc& reg) {
    return config_.read(id, reg.offset, reg.bytes);
  }
  void write(bdf id, const reg_desc& reg, std::uint32_t value) {
    config_.write(id, reg.offset, reg.bytes, value);
  }

  void scan(unsigned bus) {
    for (unsigned device = 0; device < 32; ++device) {
      unsigned functions = 1;
      for (unsigned number = 0; number < functions; ++number) {
        const bdf id = make_bdf(bus, device, number);
        const std::uint32_t ids = config_.read(id, cfg::vendor_id.offset, 4);
        if ((ids & 0xffffU) == no_function) {
          continue;
        }
        const std::uint32_t type = read(id, cfg::header_type);
        functions = number == 0 && (type & cfg::header_multifunction) != 0 ? 8 : functions;
        found(id, ids, (type & cfg::header_layout) == cfg::header_bridge);
      }
    }
  }

  void found(bdf id, std::uint32_t ids, bool is_bridge) {
    enumerated_function function;
    function.id = id;
    function.vendor_id = static_cast<std::uint16_t>(ids);
    function.device_id = static_cast<std::uint16_t>(ids >> 16U);
    function.is_bridge = is_bridge;
    size_bars(function, is_bridge ? cfg::bridge_bars : cfg::device_bars);
    find_msix(function);
    const std::size_t index = functions_.size();
    functions_.push_back(std::move(function));
    if (is_bridge) {
      const unsigned secondary = ++last_bus_;
      write(id, type1::primary_bus, bus_of(id));
      write(id, type1::secondary_bus, secondary);
      // Everything below, until it is known how much that is.
      write(id, type1::subordinate_bus, 0xff);
      scan(secondary);
      write(id, type1::subordinate_bus, last_bus_);
      functions_[index].secondary_bus = secondary;
      functions_[index].subordinate_bus = last_bus_;
    }
  }

  /// Writes all ones and reads back which bits stick [PCI 3.0 6.2.5.1].
  void size_bars(enumerated_function& function, unsigned registers) {
    for (unsigned i = 0; i < registers; ++i) {
      const std::uint32_t offset = cfg::first_bar + 4 * i;
      const std::uint32_t before = config_.read(function.id, offset, 4);
      enumerated_bar bar;
      bar.index = i;
      bar.is_64_bit = (before & cfg::bar_type) == cfg::bar_type_64;
      bar.prefetchable = (before & cfg::bar_prefetchable) != 0;
      std::uint64_t mask = probe(function.id, offset, before) & ~std::uint64_t{cfg::bar_flags};
      if (bar.is_64_bit) {
        mask |= std::uint64_t{probe(function.id, offset + 4, 0)} << 32U;
        ++i;
      } else if (mask != 0) {
        mask |= 0xffff'ffff'0000'0000;
      }
      if (mask != 0 && (before & cfg::bar_io) == 0) {
        bar.bytes = ~mask + 1;
        function.bars.push_back(bar);
      }
    }
  }

  std::uint32_t probe(bdf id, std::uint32_t offset, std::uint32_t before) {
    config_.write(id, offset, 4, 0xffff'ffff);
    const std::uint32_t after = config_.read(id, offset, 4);
    config_.write(id, offset, 4, before);
    return after;
  }

  void find_msix(enumerated_function& function) {
    const std::uint32_t at = find_capability(config_, function.id, cfg::msix_capability_id);
    if (at != 0) {
      function.msix_capability = at;
      function.msix_vectors =
          (read(function.id, ivshmem::at(at, cfg::msix::control)) & cfg::msix_vectors_mask) + 1;
    }
  }

  /// Assigns the functions [first, end), which are all of one bus and below, depth first: what is
  /// below a bridge stays together, and the bridge's windows are what it took.
  void assign(std::size_t first, std::size_t end) {
    std::vector<std::pair<std::size_t, enumerated_bar*>> bars;
    std::vector<std::size_t> bridges;
    for (std::size_t i = first; i < end;) {
      enumerated_function& function = functions_[i];
      for (enumerated_bar& bar : function.bars) {
        bars.emplace_back(i, &bar);
      }
      std::size_t next = i + 1;
      if (function.is_bridge) {
        bridges.push_back(i);
        while (next < end && bus_of(functions_[next].id) >= function.secondary_bus &&
               bus_of(functions_[next].id) <= function.subordinate_bus) {
          ++next;
        }
      }
      i = next;
    }
    std::stable_sort(bars.begin(), bars.end(), [](const auto& a, const auto& b) {
      return a.second->bytes > b.second->bytes;
    });
    for (auto& [index, bar] : bars) {
      place(functions_[index].id, *bar);
    }
    for (const std::size_t index : bridges) {
      assign_bridge(index, end);
    }
  }

  void assign_bridge(std::size_t index, std::size_t end) {
    const enumerated_function& bridge = functions_[index];
    std::size_t last = index + 1;
    while (last < end && bus_of(functions_[last].id) >= bridge.secondary_bus &&
           bus_of(functions_[last].id) <= bridge.subordinate_bus) {
      ++last;
    }
    low_.align(type1::window_granule);
    high_.align(type1::window_granule);
    const std::uint64_t low = low_.next();
    const std::uint64_t high = high_.next();
    const bdf id = bridge.id;
    assign(index + 1, last);
    low_.align(type1::window_granule);
    high_.align(type1::window_granule);
    // A window that holds nothing has its base above its limit.
    const bool has_low = low_.next() != low;
    const bool has_high = has_high_ && high_.next() != high;
    const auto units = [](std::uint64_t address) {
      return static_cast<std::uint32_t>(address >> type1::window_shift) & type1::window_bits;
    };
    const auto upper = [](std::uint64_t address) {
      return static_cast<std::uint32_t>(address >> 32U);
    };
    write(id, type1::memory_base, has_low ? units(low) : type1::closed_base);
    write(id, type1::memory_limit, has_low ? units(low_.next() - 1) : 0);
    write(id, type1::prefetch_base, has_high ? units(high) : type1::closed_base);
    write(id, type1::prefetch_limit, has_high ? units(high_.next() - 1) : 0);
    write(id, type1::base_upper, has_high ? upper(high) : 0);
    write(id, type1::limit_upper, has_high ? upper(high_.next() - 1) : 0);
  }

  void place(bdf id, enumerated_bar& bar) {
    const bool goes_high = has_high_ && bar.is_64_bit && bar.prefetchable;
    bar.base = (goes_high ? high_ : low_).take(bar.bytes, bar.bytes);
    if (bar.base == 0) {
      if (!no_room_) {
        no_room_ = enumeration_error{id, bar.index, bar.bytes, {}};
      }
      return;
    }
    const std::uint32_t offset = cfg::first_bar + 4 * bar.index;
    config_.write(id, offset, 4, static_cast<std::uint32_t>(bar.base));
    if (bar.is_64_bit) {
      config_.write(id, offset + 4, 4, static_cast<std::uint32_t>(bar.base >> 32U));
    }
  }

  config_access& config_;
  allocator low_;
  allocator high_;
  bool has_high_;
  unsigned last_bus_ = 0;
  std::vector<enumerated_function> functions_;
  std::optional<enumeration_error> no_room_;
};

}  // namespace

const enumerated_bar* enumerated_function::bar(unsigned index) const noexcept {
  for (const enumerated_bar& one : bars) {
    if (one.index == index) {
      return &one;
    }
  }
  return nullptr;
}

std::string enumeration_error::text() const {
  return "BAR" + std::to_string(bar) + " of device " + std::to_string(device_of(function)) +
         " on bus " + std::to_string(bus_of(function)) + " wants " + std::to_string(bytes) +
         " bytes: no room in the window";
}

std::uint32_t ecam_access::read(bdf function, std::uint32_t offset, unsigned bytes) {
  return access(tlm::TLM_READ_COMMAND, function, offset, bytes, 0);
}

void ecam_access::write(bdf function, std::uint32_t offset, unsigned bytes, std::uint32_t value) {
  access(tlm::TLM_WRITE_COMMAND, function, offset, bytes, value);
}

std::uint32_t ecam_access::access(tlm::tlm_command command_kind, bdf function, std::uint32_t offset,
                                  unsigned bytes, std::uint32_t value) {
  std::array<unsigned char, 4> data{};
  std::memcpy(data.data(), &value, bytes);
  tlm::tlm_generic_payload trans;
  trans.set_command(command_kind);
  trans.set_address(ecam_base_ + (std::uint64_t{to_int(function)} << 12U) + offset);
  trans.set_data_ptr(data.data());
  trans.set_data_length(bytes);
  trans.set_streaming_width(bytes);
  sc_core::sc_time delay;
  cpu_.b_transport(trans, delay);
  std::memcpy(&value, data.data(), bytes);
  return value;
}

unsigned set_max_payload(config_access& config, const std::vector<enumerated_function>& functions,
                         unsigned max_payload_bytes) {
  const auto read = [&](bdf id, const reg_desc& reg) {
    return config.read(id, reg.offset, reg.bytes);
  };
  std::vector<std::pair<bdf, std::uint32_t>> found;
  unsigned bytes = max_payload_bytes;
  for (const enumerated_function& function : functions) {
    const std::uint32_t at = find_capability(config, function.id, cfg::express_capability_id);
    if (at != 0) {
      found.emplace_back(function.id, at);
      bytes = std::min(bytes,
                       cfg::express::payload_bytes(
                           read(function.id, ivshmem::at(at, cfg::express::device_capabilities)) &
                           cfg::express::payload_supported));
    }
  }
  for (const auto& [id, at] : found) {
    const reg_desc control = ivshmem::at(at, cfg::express::device_control);
    const std::uint32_t others = read(id, control) & ~std::uint32_t{cfg::express::payload_size};
    config.write(id, control.offset, control.bytes,
                 others | cfg::express::payload_code(bytes) << cfg::express::payload_size_shift);
  }
  return bytes;
}

result<std::vector<enumerated_function>, enumeration_error> enumerate(
    config_access& config, const enumeration_windows& windows) {
  return firmware(config, windows).run();
}

}  // namespace ivshmem::pcie
