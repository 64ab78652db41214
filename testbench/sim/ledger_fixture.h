// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include "ledger.h"

namespace ivshmem::sim::test {

inline constexpr picoseconds latency = 1000;
inline constexpr doorbell_ledger::closing cut_off{5000, true, 100};
/// Two nodes with two vectors each; 0 rings 1.
struct Ledger : testing::Test {
  run_log log;
  doorbell_ledger books{latency, log};

  void SetUp() override {
    for (unsigned i = 0; i < 2; ++i) {
      books.add(i == 0 ? "a" : "b", 2, false);
      books.set_peer(static_cast<peer_id>(i), i);
    }
  }
  void ring(picoseconds at) {
    books.issued(0, static_cast<peer_id>(1), 0, at);
    books.rung(0, static_cast<peer_id>(1), 0, at, {});
  }
  void close(bool pending = false, const doorbell_ledger::closing& how = {}) {
    books.close(how, [&](unsigned /*node*/, unsigned /*vector*/) { return pending; });
  }
  const node_account& b() { return books.account(1); }
};

}  // namespace ivshmem::sim::test
