// SPDX-License-Identifier: Apache-2.0
//
// Reads script files: one step a line, words separated by blanks.
#include "script.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>

#include "ivshmem/model/regmap.h"
#include "scenario_parse.h"

namespace ivshmem::sim {

namespace {

constexpr std::array<std::string_view, 4> space_names{"bar0", "bar1", "bar2", "config"};
constexpr std::uint64_t max_fill_bytes = 1ULL << 30U;
constexpr std::uint64_t max_rounds = 1'000'000'000;   // of repeats within each other
constexpr picoseconds max_time = 1'000'000 * second;  // as much as a run may last

struct step_word {
  std::string_view name;
  script_action action;
  unsigned bytes;  ///< of one access, 0 for none
};

constexpr std::array<step_word, 29> words{{
    {"write8", script_action::write, 1},
    {"write16", script_action::write, 2},
    {"write32", script_action::write, 4},
    {"write64", script_action::write, 8},
    {"read8", script_action::read, 1},
    {"read16", script_action::read, 2},
    {"read32", script_action::read, 4},
    {"read64", script_action::read, 8},
    {"expect8", script_action::expect, 1},
    {"expect16", script_action::expect, 2},
    {"expect32", script_action::expect, 4},
    {"expect64", script_action::expect, 8},
    {"fill", script_action::fill, 0},
    {"verify", script_action::verify, 0},
    {"ring", script_action::ring, 0},
    {"wait-irq", script_action::wait_irq, 0},
    {"expect-irqs", script_action::expect_irqs, 0},
    {"delay", script_action::delay, 0},
    {"mask", script_action::mask, 0},
    {"unmask", script_action::unmask, 0},
    {"msix", script_action::msix, 0},
    {"bus-master", script_action::bus_master, 0},
    {"reset", script_action::reset, 0},
    {"init", script_action::init, 0},
    {"leave", script_action::leave, 0},
    {"join", script_action::join, 0},
    {"repeat", script_action::repeat, 0},
    {"end", script_action::end, 0},
    {"node", script_action::end, 0},  // handled before the steps
}};

/// Reads one file. Every refusal names the word that is wrong and what it must be.
class script_reader {
 public:
  script_reader(const std::string& file, const scenario& nodes_of)
      : nodes_of_(nodes_of), names_(node_names(nodes_of)) {
    result_.file = file;
  }

  script read() {
    std::ifstream in(result_.file);
    if (!in) {
      throw scenario_error(result_.file, 1, "nothing to read: must be a file that can be read");
    }
    for (std::string text; std::getline(in, text);) {
      ++line_;
      split(text);
      if (!words_.empty()) {
        read_line();
      }
    }
    finish_part();
    result_.parts.erase(std::remove_if(result_.parts.begin(), result_.parts.end(),
                                       [](const script_part& p) { return p.steps.empty(); }),
                        result_.parts.end());
    if (result_.parts.empty()) {
      refuse("", "a script must have at least one step");
    }
    return std::move(result_);
  }

 private:
  [[noreturn]] void refuse(const std::string& word, const std::string& reason) const {
    throw scenario_error(result_.file, std::max(line_, 1U),
                         word.empty() ? reason : word + ": " + reason);
  }

  void split(const std::string& text) {
    words_.clear();
    at_ = 0;
    const std::string blanks = " \t\r";
    const std::string code = text.substr(0, text.find('#'));
    for (std::size_t begin = code.find_first_not_of(blanks); begin != std::string::npos;) {
      const std::size_t end = std::min(code.find_first_of(blanks, begin), code.size());
      words_.push_back(code.substr(begin, end - begin));
      begin = code.find_first_not_of(blanks, end);
    }
  }

  const std::string& next(const char* what) {
    if (at_ == words_.size()) {
      refuse(words_.front(), fmt::format("{} is missing", what));
    }
    return words_[at_++];
  }

  std::uint64_t number(const char* what, std::uint64_t min, std::uint64_t max) {
    const std::string& word = next(what);
    const auto value = parse_integer(word);
    if (!value || *value < min || *value > max) {
      refuse(fmt::format("{} = {}", what, word),
             fmt::format("must be an integer from {} to {}", min, max));
    }
    return *value;
  }

  picoseconds time(const char* what) {
    std::string word = next(what);
    if (at_ < words_.size()) {
      word += " " + words_[at_++];  // "1 us" is two words
    }
    const auto value = parse_duration(word);
    if (!value || *value > max_time) {
      refuse(fmt::format("{} = {}", what, word),
             "must be a time such as 1.5 us (ps, ns, us, ms, s), up to 1000000 s");
    }
    return *value;
  }

  unsigned node() {
    const std::string& word = next("node");
    const auto found = std::find(names_.begin(), names_.end(), word);
    if (found == names_.end()) {
      refuse("node = " + word, "no such node" + suggestion(word, names_));
    }
    return static_cast<unsigned>(found - names_.begin());
  }

  bool on_or_off() {
    const std::string& word = next("on or off");
    if (word != "on" && word != "off") {
      refuse(fmt::format("{} = {}", words_.front(), word), "must be on or off");
    }
    return word == "on";
  }

  const node_config& settings() const { return nodes_of_.nodes[part_->node]; }

  std::uint64_t vector_of(unsigned index, const char* what) {
    const device_properties& properties = nodes_of_.nodes[index].properties;
    if (!properties.has_peers()) {
      refuse(words_.front(),
             fmt::format("node {} is plain and has no vectors", nodes_of_.nodes[index].name));
    }
    return number(what, 0, properties.vectors - 1);
  }

  void target(script_step& step, unsigned bytes) {
    const std::string& word = next("SPACE+OFFSET");
    const std::size_t plus = word.find('+');
    const auto space = std::find(space_names.begin(), space_names.end(), word.substr(0, plus));
    const auto offset = plus == std::string::npos
                            ? std::optional<std::uint64_t>{0}
                            : parse_integer(std::string_view(word).substr(plus + 1));
    if (space == space_names.end() || !offset) {
      refuse(word, "must be bar0, bar1, bar2 or config, then +OFFSET, such as bar0+0x0c");
    }
    step.space = static_cast<unsigned>(space - space_names.begin());
    step.offset = *offset;
    step.bytes = bytes;
    if (step.space == config_space && (bytes == 8 || step.offset % bytes != 0)) {
      refuse(word, "must be 1, 2 or 4 aligned bytes in config");
    }
    check_extent(word, step);
  }

  void check_extent(const std::string& word, const script_step& step) {
    const std::array<std::uint64_t, 4> sizes{bar0::size_bytes, bar1::size_bytes(max_vectors),
                                             nodes_of_.memory.size_bytes, cfg::express_size_bytes};
    const std::uint64_t size = sizes[step.space];
    if (step.bytes > size || step.offset > size - step.bytes) {
      refuse(word, fmt::format("must be within the {} bytes of {}", size, space_names[step.space]));
    }
  }

  void range(script_step& step) {
    step.space = 2;
    step.offset = number("OFFSET", 0, nodes_of_.memory.size_bytes);
    const std::string& word = next("BYTES");
    const auto bytes = parse_size(word);
    if (!bytes || *bytes == 0 || *bytes > max_fill_bytes || *bytes % 8 != 0) {
      refuse("BYTES = " + word, "must be a multiple of 8 up to 1 GiB");
    }
    step.bytes = *bytes;
    check_extent(words_.front(), step);
    step.value = number("SEED", 0, ~std::uint64_t{0});
  }

  void read_line() {
    const std::string& word = next("a step");
    const auto* found = std::find_if(words.begin(), words.end(),
                                     [&](const step_word& w) { return w.name == word; });
    if (found == words.end()) {
      std::vector<std::string_view> known;
      known.reserve(words.size());
      for (const step_word& w : words) {
        known.push_back(w.name);
      }
      refuse(word, "unknown step" + suggestion(word, known));
    }
    if (word == "node") {
      begin_part(node());
    } else if (part_ == nullptr) {
      refuse(word, "the first step must be node NAME");
    } else {
      script_step step{};
      step.action = found->action;
      step.line = line_;
      arguments(step, found->bytes);
      part_->steps.push_back(step);
    }
    if (at_ != words_.size()) {
      refuse(words_[at_], fmt::format("unexpected, {} takes no more words", words_.front()));
    }
  }

  void arguments(script_step& step, unsigned bytes) {
    const std::uint64_t most = bytes == 0 || bytes == 8 ? ~0ULL : (1ULL << (8 * bytes)) - 1;
    switch (step.action) {
      case script_action::write:
      case script_action::expect:
        target(step, bytes);
        step.value = number("VALUE", 0, most);
        if (step.action == script_action::expect && at_ < words_.size()) {
          keyword("mask");
          step.mask = number("MASK", 0, most);
        }
        break;
      case script_action::read:
        target(step, bytes);
        break;
      case script_action::fill:
      case script_action::verify:
        range(step);
        break;
      case script_action::ring:
        step.node = node();
        step.value = number("VECTOR", 0, 0xffff);
        break;
      case script_action::wait_irq:
        step.value = vector_of(part_->node, "VECTOR");
        if (at_ < words_.size()) {
          keyword("within");
          step.time = time("TIME");
        }
        break;
      case script_action::expect_irqs:
        step.value = vector_of(part_->node, "VECTOR");
        step.bytes = number("COUNT", 0, ~0ULL);
        break;
      case script_action::delay:
        step.time = time("TIME");
        break;
      case script_action::mask:
      case script_action::unmask:
        need_msix();
        step.value = vector_of(part_->node, "VECTOR");
        break;
      case script_action::msix:
        need_msix();
        step.value = on_or_off() ? 1 : 0;
        break;
      case script_action::bus_master:
        step.value = on_or_off() ? 1 : 0;
        break;
      case script_action::repeat:
        step.bytes = number("COUNT", 1, max_rounds);
        check_rounds(step.bytes);
        open_.push_back(part_->steps.size());
        break;
      case script_action::end:
        close_repeat(step);
        break;
      default:
        break;
    }
  }

  void check_rounds(std::uint64_t rounds) const {
    for (const std::size_t outer : open_) {
      const std::uint64_t times = part_->steps[outer].bytes;
      if (rounds > max_rounds / times) {
        refuse(fmt::format("COUNT = {}", words_.back()),
               fmt::format("the repeats around it make too many rounds: must be {} or less in all",
                           max_rounds));
      }
      rounds *= times;
    }
  }

  void keyword(const char* expected) {
    if (next(expected) != expected) {
      refuse(words_[at_ - 1], fmt::format("must be {}", expected));
    }
  }

  void need_msix() const {
    if (!settings().properties.has_msix()) {
      refuse(words_.front(), fmt::format("node {} has no MSI-X", settings().name));
    }
  }

  void close_repeat(script_step& step) {
    if (open_.empty()) {
      refuse("end", "there is no repeat to end");
    }
    step.jump = open_.back();
    part_->steps[step.jump].jump = part_->steps.size();
    open_.pop_back();
  }

  void begin_part(unsigned index) {
    finish_part();
    const auto found = std::find_if(result_.parts.begin(), result_.parts.end(),
                                    [&](const script_part& p) { return p.node == index; });
    if (found != result_.parts.end()) {
      part_ = &*found;
    } else {
      result_.parts.push_back({index, {}});
      part_ = &result_.parts.back();
    }
  }

  void finish_part() {
    if (!open_.empty()) {
      line_ = part_->steps[open_.back()].line;
      refuse("repeat", "its end is missing");
    }
  }

  const scenario& nodes_of_;
  std::vector<std::string_view> names_;
  script result_;
  script_part* part_ = nullptr;
  std::vector<std::string> words_;
  std::size_t at_ = 0;
  std::vector<std::size_t> open_;  // repeats without their end, as indices of steps
  unsigned line_ = 0;
};

}  // namespace

script load_script(const std::string& file, const scenario& nodes_of) {
  return script_reader(file, nodes_of).read();
}

}  // namespace ivshmem::sim
