// SPDX-License-Identifier: Apache-2.0
//
// What of a text reaches a terminal as it is, and what is escaped.
#include "printable.h"

#include <gtest/gtest.h>

#include <string>

namespace ivshmem::tool::test {
namespace {

TEST(Printable, TextStaysAsItIs) {
  for (const char* text :
       {"", "a b", "gr\xc3\xb6\xc3\x9f er", "\xe2\x82\xac", "\xf0\x9f\x92\xa1"}) {
    EXPECT_EQ(printable(text), text);
    EXPECT_TRUE(is_utf8(text));
  }
}

TEST(Printable, WhatATerminalObeysIsEscaped) {
  EXPECT_EQ(printable("a\nb\tc\r"), "a\\nb\\tc\\r");
  EXPECT_EQ(printable("\x1b[31m"), "\\x1b[31m");
  EXPECT_EQ(printable(std::string("\0\x7f", 2)), "\\x00\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b") << "a control sequence in one character";
  EXPECT_EQ(printable("\xe2\x80\xa8"), "\\xe2\\x80\\xa8") << "a line separator";
  EXPECT_EQ(printable("\xe2\x80\xae"), "\\xe2\\x80\\xae") << "right to left from here";
}

TEST(Printable, WhatIsNotUtf8IsEscaped) {
  for (const char* text : {"\xff", "\x80", "\xc3", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80",
                           "\xf4\x90\x80\x80", "\xf0\x80\x80\x80", "\xe2\x82"}) {
    EXPECT_FALSE(is_utf8(text)) << printable(text);
    const std::string shown = printable(text);
    EXPECT_TRUE(is_utf8(shown));
    EXPECT_EQ(shown.substr(0, 2), "\\x");
  }
  EXPECT_EQ(printable("a\xff"
                      "b"),
            "a\\xffb");
}

}  // namespace
}  // namespace ivshmem::tool::test
