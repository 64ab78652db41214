// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <systemc>

#include "ivshmem/tlm/pcie/port.h"

namespace ivshmem::pcie {

// The way of a request in timed transport: who sends it on notes the hop, and completion and
// credits find their way back along the hops.

/// Which of the packets that come at one time goes first: that of the lower function, and of one
/// function requests before completions. Else the order in which the kernel runs processes decided.
inline unsigned rank_of(const payload& trans, bool completion) {
  const tlp& header = tlp_of(trans);
  return 2 * to_int(completion ? header.completer : header.requester) + (completion ? 1 : 0);
}

/// Ends a request that came in at `in` as unsupported.
inline void refuse_request(port& in, payload& trans, const sc_core::sc_time& delay) {
  const bool posted = tlp_of(trans).is_posted();
  trans.acquire();  // a posted payload is gone once it is accepted
  in.accept(trans, false);
  complete(trans, completion_status::unsupported_request);
  if (!posted) {
    in.send_completion(trans, delay);
  }
  trans.release();
}

/// Sends a request that came in at `in` on through `out`. A way that is too long ends here: a guest
/// can build one with bus numbers.
inline void forward_request(port& in, port& out, payload& trans, const sc_core::sc_time& delay) {
  tlp& header = tlp_of(trans);
  if (header.depth == tlp::max_hops) {
    refuse_request(in, trans, delay);
    return;
  }
  header.path[header.depth++] = {&in, &out};
  header.hops = header.depth;
  out.send_request(trans, delay);
}

/// Sends a completion that came in at `at` back the way its request came; false when the request
/// did not come from elsewhere. `header` is that of `trans`, here and below.
inline bool return_completion(port& at, payload& trans, tlp& header,
                              const sc_core::sc_time& delay) {
  if (header.depth == 0 || header.path[header.depth - 1].out != &at) {
    return false;
  }
  port& back = *header.path[--header.depth].in;
  back.send_completion(trans, delay);
  return true;
}

/// Gives the credit of a packet that left through `at` back to where it came from; false when it
/// did not come from elsewhere.
inline bool return_credit(port& at, payload& trans, const tlp& header, bool completion) {
  if (completion) {
    for (unsigned i = header.depth; i < header.hops; ++i) {
      if (header.path[i].in == &at) {
        header.path[i].out->accept(trans, true);
        return true;
      }
    }
    return false;
  }
  for (unsigned i = header.depth; i-- != 0;) {
    if (header.path[i].out == &at) {
      header.path[i].in->accept(trans, false);
      return true;
    }
  }
  return false;
}

}  // namespace ivshmem::pcie
