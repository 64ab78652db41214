// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cci_configuration>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ivshmem/model/parameter.h"

namespace ivshmem {

/// Parameters of Accellera CCI, one for each row of a table, under the name of a part of the
/// platform. Rows and values are those of parameter.h.
class cci_parameters {
 public:
  /// `part` is the name of the part in the module under construction, or that of the running
  /// process.
  explicit cci_parameters(const std::string& part);

  /// Makes the parameter of `row`, and gives its value: that which was preset at the broker, or
  /// else `fallback`. A value that the row does not take is reported as SC_ERROR of the part.
  /// Metadata may be added to what is returned by `last()`.
  std::uint64_t add(const parameter& row, std::uint64_t fallback);
  cci::cci_param_untyped& last() { return *rows_.back().made; }

  /// The value of the parameter that was made as number `index`; it is one that its row takes.
  std::uint64_t value(std::size_t index) const;
  /// CCI refuses to change any of them from now on.
  void lock(void* key);

 private:
  template <class Value>
  std::shared_ptr<cci::cci_param_untyped> make(const parameter& row, const std::string& name,
                                               std::uint64_t fallback);

  struct entry {
    const parameter* of;
    std::uint64_t fallback;
    std::shared_ptr<cci::cci_param_untyped> made;
  };

  std::string part_;  // its hierarchical name
  cci::cci_originator originator_;
  cci::cci_broker_handle broker_;
  std::vector<entry> rows_;
};

}  // namespace ivshmem
