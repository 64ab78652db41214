// SPDX-License-Identifier: Apache-2.0
//
// A waveform of what the endpoints tell, as value change dump.
#include "ivshmem/tlm/vcd_trace.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <ostream>
#include <string_view>

#include "ivshmem/tlm/report.h"

namespace ivshmem {

namespace {

constexpr const char* reporter = "vcd_trace";

struct variable {
  std::string_view type;
  unsigned bits;
  std::string_view name;
};

// Order of declaration; the enumerators below are indices into it.
constexpr std::array<variable, 14> variables{{{"event", 1, "doorbell"},
                                              {"reg", 16, "doorbell_peer"},
                                              {"reg", 16, "doorbell_vector"},
                                              {"event", 1, "notify"},
                                              {"reg", 16, "notify_vector"},
                                              {"event", 1, "message"},
                                              {"reg", 16, "message_vector"},
                                              {"reg", 16, "pending"},
                                              {"wire", 1, "intx"},
                                              {"string", 1, "irq"},
                                              {"event", 1, "drop"},
                                              {"string", 1, "drop_cause"},
                                              {"reg", 16, "drop_peer"},
                                              {"reg", 16, "drop_vector"}}};

enum variable_index : unsigned {
  doorbell,
  doorbell_peer,
  doorbell_vector,
  notify,
  notify_vector,
  message,
  message_vector,
  pending,
  intx,
  irq,
  drop,
  drop_cause_text,
  drop_peer,
  drop_vector,
};

enum change_kind : std::uint8_t { rung, notified, sent, pended, level, first_drop };

constexpr unsigned initial_unknown_bits = 16;

/// Identifier code: printable characters, the number in base 94 [IEEE 1364 18.2.1].
std::string code_of(std::size_t number) {
  constexpr std::size_t base = 94;
  std::string code;
  do {
    code.push_back(static_cast<char>('!' + number % base));
    number /= base;
  } while (number != 0);
  return code;
}

std::string binary(std::uint32_t value) {
  std::string digits;
  do {
    digits.insert(digits.begin(), (value & 1U) != 0 ? '1' : '0');
    value >>= 1U;
  } while (value != 0);
  return digits;
}

/// The kernel's resolution, a power of ten, as VCD spells it.
std::string timescale() {
  constexpr std::array<std::string_view, 6> units{"s", "ms", "us", "ns", "ps", "fs"};
  double left = sc_core::sc_get_time_resolution().to_seconds();
  for (const std::string_view unit : units) {
    for (const int number : {100, 10, 1}) {
      if (left > 0.999 * number) {
        return std::to_string(number) + " " + std::string(unit);
      }
    }
    left *= 1000.0;
  }
  return "1 fs";
}

}  // namespace

class vcd_trace::node final : public endpoint_observer {
 public:
  node(vcd_trace& owner, std::string name, std::size_t index)
      : owner_(owner), name_(std::move(name)), index_(index) {
    for (std::size_t i = 0; i < variables.size(); ++i) {
      codes_[i] = code_of(index * variables.size() + i);
    }
  }

  void on_doorbell(peer_id peer, vector_index vector, const sc_core::sc_time& delay) override {
    record(rung, to_int(vector), to_int(peer), delay);
  }
  void on_notify(vector_index vector) override {
    record(notified, to_int(vector), 0, sc_core::SC_ZERO_TIME);
  }
  void on_message(vector_index vector, const msix_message& /*message*/,
                  const sc_core::sc_time& delay) override {
    record(sent, to_int(vector), 0, delay);
  }
  void on_pending(unsigned count, const sc_core::sc_time& delay) override {
    record(pended, count, 0, delay);
  }
  void on_intx(bool asserted, const sc_core::sc_time& delay) override {
    record(level, asserted ? 1 : 0, 0, delay);
  }
  void on_drop(drop_cause cause, peer_id peer, vector_index vector,
               const sc_core::sc_time& delay) override {
    record(static_cast<std::uint8_t>(first_drop + static_cast<unsigned>(cause)), to_int(vector),
           to_int(peer), delay);
  }

  const std::string& name() const { return name_; }
  std::size_t index() const { return index_; }

  void declare(std::ostream& out) const {
    out << "$scope module " << name_ << " $end\n";
    for (std::size_t i = 0; i < variables.size(); ++i) {
      const variable& v = variables[i];
      out << "$var " << v.type << " " << v.bits << " " << codes_[i] << " " << v.name << " $end\n";
    }
    out << "$upscope $end\n";
  }

  void initial(std::ostream& out) const {
    for (std::size_t i = 0; i < variables.size(); ++i) {
      if (variables[i].bits == initial_unknown_bits) {
        number(out, i, 0);
      }
    }
    out << "0" << codes_[intx] << "\nsidle " << codes_[irq] << "\nsnone " << codes_[drop_cause_text]
        << "\n";
  }

  void write(std::ostream& out, const change& what) const {
    switch (what.kind) {
      case rung:
        number(out, doorbell_peer, what.peer);
        number(out, doorbell_vector, what.value);
        event(out, doorbell);
        break;
      case notified:
        number(out, notify_vector, what.value);
        event(out, notify);
        break;
      case sent:
        number(out, message_vector, what.value);
        event(out, message);
        break;
      case pended:
        number(out, pending, what.value);
        text(out, irq, what.value != 0 ? "pending" : "idle");
        break;
      case level:
        out << what.value << codes_[intx] << "\n";
        text(out, irq, what.value != 0 ? "intx" : "idle");
        break;
      default:
        text(out, drop_cause_text, to_string(static_cast<drop_cause>(what.kind - first_drop)));
        number(out, drop_peer, what.peer);
        number(out, drop_vector, what.value);
        event(out, drop);
    }
  }

 private:
  void record(std::uint8_t kind, std::uint32_t value, std::uint32_t peer,
              const sc_core::sc_time& delay) {
    owner_.record({time_after(delay), this, kind, value, peer});
  }
  void event(std::ostream& out, std::size_t which) const { out << "1" << codes_[which] << "\n"; }
  void number(std::ostream& out, std::size_t which, std::uint32_t value) const {
    out << "b" << binary(value) << " " << codes_[which] << "\n";
  }
  void text(std::ostream& out, std::size_t which, const char* value) const {
    out << "s" << value << " " << codes_[which] << "\n";
  }

  vcd_trace& owner_;
  std::string name_;
  std::size_t index_;
  std::array<std::string, variables.size()> codes_;
};

vcd_trace::vcd_trace(std::ostream& out) : out_(out) {}

vcd_trace::~vcd_trace() = default;

endpoint_observer& vcd_trace::add_node(const std::string& name) {
  const auto no_part_of_a_word = [](char c) { return c <= ' ' || c >= '\x7f'; };
  const bool is_word = !name.empty() && std::none_of(name.begin(), name.end(), no_part_of_a_word);
  if (!is_word || started_) {
    report_error(
        report_type::parameter, reporter,
        "node \"" + name + "\": must be " +
            (started_ ? "added before start()" : "one word of printable ASCII characters"));
  }
  std::string word = name.empty() ? "_" : name;
  std::replace_if(word.begin(), word.end(), no_part_of_a_word, '_');
  nodes_.push_back(std::make_unique<node>(*this, word, nodes_.size()));
  return *nodes_.back();
}

void vcd_trace::start() {
  if (started_) {
    return;
  }
  started_ = true;
  out_ << "$version ivshmem event trace $end\n$timescale " << timescale()
       << " $end\n$scope module ivshmem $end\n";
  for (const auto& n : nodes_) {
    n->declare(out_);
  }
  out_ << "$upscope $end\n$enddefinitions $end\n#0\n$dumpvars\n";
  for (const auto& n : nodes_) {
    n->initial(out_);
  }
  out_ << "$end\n";
}

void vcd_trace::finish() {
  start();
  while (!waiting_.empty()) {
    write_next_time();
  }
  move_to(std::max(written_, sc_core::sc_time_stamp()));
  out_.flush();
}

void vcd_trace::record(const change& what) {
  start();
  while (!waiting_.empty() && waiting_.next() < sc_core::sc_time_stamp()) {
    write_next_time();
  }
  waiting_.push(what.at, what);
}

void vcd_trace::write_next_time() {
  const sc_core::sc_time at = waiting_.next();
  move_to(at);
  batch_.clear();
  while (!waiting_.empty() && waiting_.next() == at) {
    batch_.push_back(waiting_.pop());
  }
  const auto place = [](const change& one) {
    return std::make_pair(one.source->index(), one.kind);
  };
  std::stable_sort(batch_.begin(), batch_.end(),
                   [&](const change& a, const change& b) { return place(a) < place(b); });
  for (const change& one : batch_) {
    one.source->write(out_, one);
  }
}

void vcd_trace::move_to(const sc_core::sc_time& time) {
  if (time > written_) {
    written_ = time;
    out_ << "#" << time.value() << "\n";
  }
}

void vcd_trace::write_view(std::ostream& out, const std::string& vcd_file,
                           std::size_t most_nodes) const {
  // GTKWave's save format: with zoom -z a unit of time is 200 / 2^z pixels wide. Show all of a
  // short run, and so much of the start of a long one that single doorbells can be seen.
  constexpr double pixels = 800;
  const bool is_long = written_ > sc_core::sc_time(100, sc_core::SC_US);
  const double shown = (is_long ? sc_core::sc_time(20, sc_core::SC_US) : written_) /
                       sc_core::sc_get_time_resolution();
  const int zoom = static_cast<int>(std::ceil(std::log2(std::max(1.0, shown * 200 / pixels))));
  // Flags: 0x24 decimal, 0x28 binary, both right justified; 0x200 a blank line with a caption.
  out << "[*] Made with the trace; open both: gtkwave " << vcd_file << " <this file>\n"
      << "[dumpfile] \"" << vcd_file << "\"\n[timestart] 0\n[size] 1400 900\n*-" << zoom
      << ".000000 0\n[treeopen] ivshmem.\n[sst_width] 160\n[signals_width] 180\n";
  for (std::size_t n = 0; n < std::min(nodes_.size(), most_nodes); ++n) {
    out << "@200\n-" << nodes_[n]->name() << "\n";
    for (const variable& v : variables) {
      const bool is_number = v.bits > 1;
      const std::string range = is_number ? "[" + std::to_string(v.bits - 1) + ":0]" : "";
      out << (is_number ? "@24\n" : "@28\n") << "ivshmem." << nodes_[n]->name() << "." << v.name
          << range << "\n";
    }
  }
}

}  // namespace ivshmem
