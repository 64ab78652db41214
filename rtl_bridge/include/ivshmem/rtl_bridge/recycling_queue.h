// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace ivshmem::rtl {

/// A queue whose elements are used again, with all they hold, when it wraps: nothing is allocated
/// once it has grown.
template <class Element>
class recycling_queue {
 public:
  /// The element that push() will queue, with what it held when it was used last.
  Element& back_slot() {
    if (count_ == ring_.size()) {
      grow();
    }
    return ring_[(first_ + count_) & (ring_.size() - 1)];
  }
  void push() noexcept { ++count_; }
  void push(const Element& element) {
    back_slot() = element;
    push();
  }

  Element& front() noexcept { return ring_[first_]; }
  const Element& front() const noexcept { return ring_[first_]; }
  /// The element `index` places behind the front.
  Element& at(std::size_t index) noexcept { return ring_[(first_ + index) & (ring_.size() - 1)]; }
  void pop() noexcept {
    first_ = (first_ + 1) & (ring_.size() - 1);
    --count_;
  }
  void clear() noexcept { count_ = 0; }

  bool empty() const noexcept { return count_ == 0; }
  std::size_t size() const noexcept { return count_; }

 private:
  void grow() {
    std::vector<Element> larger(ring_.empty() ? 16 : 2 * ring_.size());
    for (std::size_t i = 0; i < count_; ++i) {
      larger[i] = std::move(at(i));
    }
    ring_.swap(larger);
    first_ = 0;
  }

  std::vector<Element> ring_;  // a power of two
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

}  // namespace ivshmem::rtl
