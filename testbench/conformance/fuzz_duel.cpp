// SPDX-License-Identifier: Apache-2.0
//
// The same operations on both programs, and the first difference.
#include "fuzz_duel.h"

namespace ivshmem::conformance {

namespace {

json answer_of(session& running, const json& operation) {
  try {
    return running.run(operation);
  } catch (const program_ended& error) {
    json answer = operation;
    answer["ended"] = error.what();
    return answer;
  }
}

session start(const std::string& program, const json& header, const std::string& qemu) {
  try {
    return session({program, {}, true, qemu}, header);
  } catch (const bench_error& error) {
    throw bench_error(program + " does not start: " + error.what());
  }
}

/// See duelists::invert_answer.
class inverter {
 public:
  void change(json& answer) {
    if (answer.value("bar", -1) != 0 || answer["offset"] != "0x0" || answer["size"] != 4) {
      return;
    }
    if (answer["op"] == "wr") {
      armed_ = true;
    } else if (armed_) {
      answer["result"] = hex(number(answer["result"]) ^ 1U);
    }
  }

 private:
  bool armed_ = false;
};

}  // namespace

duel_result duel(const duelists& names, const json& header, const std::vector<json>& operations) {
  session reference = start(names.reference, header, names.qemu);
  session program = start(names.program, header, followed_qemu(reference.version()));
  inverter fault;
  duel_result result;
  result.version = reference.version();
  for (const json& operation : operations) {
    result.answers.push_back(answer_of(reference, operation));
    json ours = answer_of(program, operation);
    if (names.invert_answer) {
      fault.change(ours);
    }
    if (ours != result.answers.back() || ours.contains("ended")) {
      result.found = difference{result.answers.size() - 1, ours, result.answers.back()};
      break;
    }
  }
  return result;
}

}  // namespace ivshmem::conformance
