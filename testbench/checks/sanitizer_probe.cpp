// SPDX-License-Identifier: Apache-2.0
//
// sanitizer_probe leak|overflow|use_after_free: does what a sanitizer must report.
#include <cstring>
#include <limits>

int main(int argc, char** argv) {
  const char* const kind = argc == 2 ? argv[1] : "";
  auto* volatile memory = new int[3];
  memory[0] = std::numeric_limits<int>::max();
  if (std::strcmp(kind, "leak") == 0) {
    memory = nullptr;
    return 0;  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks)
  }
  if (std::strcmp(kind, "overflow") == 0) {
    memory[0] += argc;
  }
  delete[] memory;
  if (std::strcmp(kind, "use_after_free") == 0) {
    return memory[0];  // NOLINT(clang-analyzer-cplusplus.NewDelete)
  }
  return 0;
}
