// SPDX-License-Identifier: Apache-2.0
//
// Entry of every SystemC test program; main() is libsystemc's. Reports keep SystemC's default
// actions: an error is thrown as sc_report, which fails the test unless the test expects it.
#include <gmock/gmock.h>

#include <systemc>

int sc_main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
