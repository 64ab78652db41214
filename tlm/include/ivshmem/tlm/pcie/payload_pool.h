// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <tlm>
#include <vector>

#include "ivshmem/tlm/pcie/tlp.h"

namespace ivshmem::pcie {

/// Payloads with their TLP extension, reused: no allocation on an access path.
class payload_pool final : private tlm::tlm_mm_interface {
 public:
  /// A payload that knows its extension.
  class pooled final : public payload {
   public:
    pooled() : header(*new tlp) { set_extension(&header); }  // frees its extensions
    tlp& header;

   private:
    friend class payload_pool;
    std::vector<unsigned char> data_;
  };

  payload_pool() = default;
  payload_pool(const payload_pool&) = delete;
  payload_pool& operator=(const payload_pool&) = delete;
  ~payload_pool() override;

  /// A payload in initial state for the lifetime of the lease: blocking transport.
  class lease {
   public:
    explicit lease(payload_pool& pool) : pool_(pool), trans_(pool.take()) {}
    ~lease() { pool_.free_.push_back(trans_); }
    lease(const lease&) = delete;
    lease& operator=(const lease&) = delete;

    pooled& operator*() const noexcept { return *trans_; }
    pooled* operator->() const noexcept { return trans_; }

   private:
    payload_pool& pool_;
    pooled* trans_;
  };

  /// A payload with one reference and room for `bytes` bytes of data of its own: timed transport.
  /// It returns to the pool with the last release().
  pooled& allocate(unsigned bytes);

 private:
  pooled* take();
  void free(payload* trans) override {
    trans->reset();  // what others attached
    free_.push_back(static_cast<pooled*>(trans));
  }

  std::vector<pooled*> free_;
  std::vector<std::unique_ptr<pooled>> all_;
};

}  // namespace ivshmem::pcie
