// SPDX-License-Identifier: Apache-2.0
//
// Every doorbell from its write to its end.
#include "ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace ivshmem::sim {

const char* cause_text(std::size_t cause) noexcept {
  switch (cause) {
    case reset_cause:
      return "reset";
    case gone_cause:
      return "destination_gone";
    case sender_reset_cause:
      return "sender_reset";
    case sender_gone_cause:
      return "sender_gone";
    case link_down_cause:
      return "link_down";
    case poisoned_cause:
      return "poisoned";
    case partitioned_cause:
      return "partitioned";
    case message_link_down_cause:
      return "message_link_down";
    case message_poisoned_cause:
      return "message_poisoned";
    default:
      return to_string(static_cast<drop_cause>(cause));
  }
}

bool is_sender_cause(std::size_t cause) noexcept {
  switch (cause) {
    case static_cast<std::size_t>(drop_cause::no_such_peer):
    case static_cast<std::size_t>(drop_cause::peer_left):
    case static_cast<std::size_t>(drop_cause::no_such_vector):
    case static_cast<std::size_t>(drop_cause::no_interrupts):
    case sender_reset_cause:
    case sender_gone_cause:
    case link_down_cause:
    case poisoned_cause:
      return true;
    default:
      return false;
  }
}

std::uint64_t node_account::dropped_here() const noexcept {
  std::uint64_t sum = 0;
  for (std::size_t cause = 0; cause < drops.size(); ++cause) {
    sum += is_sender_cause(cause) ? drops[cause] : 0;
  }
  return sum;
}

std::uint64_t node_account::dropped_there() const noexcept {
  return std::accumulate(drops.begin(), drops.end(), std::uint64_t{0}) - dropped_here();
}

bool node_account::is_balanced() const noexcept {
  return issued == rung + dropped_here() + write_under_way + write_lost &&
         addressed == delivered + merged + dropped_there() + pending + under_way + lost;
}

void doorbell_ledger::add(const std::string& name, unsigned vectors, bool in_kernel) {
  nodes_.push_back({name, vectors, {}, in_kernel});
  accounts_.emplace_back();
}

void doorbell_ledger::set_peer(peer_id id, unsigned index) {
  if (by_peer_.size() <= to_int(id)) {
    by_peer_.resize(to_int(id) + 1U);
  }
  by_peer_[to_int(id)] = index;
}

doorbell_ledger::vector_state& doorbell_ledger::state(unsigned node, unsigned vector) {
  return nodes_[node].vectors[vector];
}

void doorbell_ledger::issued(unsigned sender, peer_id peer, unsigned vector, picoseconds now) {
  last_event_ = now;
  ++accounts_[sender].issued;
  nodes_[sender].written.push_back({peer, vector, now, nodes_[sender].unusable});
}

auto doorbell_ledger::take_written(unsigned sender, peer_id peer, unsigned vector)
    -> std::optional<written_doorbell> {
  std::vector<written_doorbell>& written = nodes_[sender].written;
  auto found = std::find_if(written.begin(), written.end(), [&](const written_doorbell& w) {
    return w.peer == peer && w.vector == vector;
  });
  if (written.empty()) {
    return std::nullopt;  // software wrote a part of the register
  }
  if (found == written.end()) {
    found = written.begin();  // the device decodes fewer bits than software wrote
  }
  const written_doorbell taken = *found;
  written.erase(found);
  return taken;
}

void doorbell_ledger::rung(unsigned sender, peer_id peer, unsigned vector, picoseconds at,
                           const path& way) {
  ++accounts_[sender].rung;
  const auto write = take_written(sender, peer, vector);
  const unsigned node = by_peer_[to_int(peer)];
  ++accounts_[node].addressed;
  if (way.is_cut) {
    ++accounts_[node].drops[partitioned_cause];
    log_.disturb();
    return;
  }
  std::vector<ring>& queue = state(node, vector).under_way;
  const ring added{at + fabric_latency_ + way.extra, at, write ? write->at : at, sender};
  const auto place =
      std::upper_bound(queue.begin(), queue.end(), added, [](const ring& a, const ring& b) {
        return std::tie(a.due, a.sender) < std::tie(b.due, b.sender);
      });
  queue.insert(place, added);
}

void doorbell_ledger::write_lost(unsigned sender, peer_id peer, unsigned vector, bool poisoned) {
  if (take_written(sender, peer, vector)) {
    ++accounts_[sender].drops[poisoned ? poisoned_cause : link_down_cause];
  }
}

void doorbell_ledger::message_lost(unsigned node, unsigned vector, bool poisoned) {
  if (vector < nodes_[node].vector_count && !state(node, vector).sent.empty()) {
    ++accounts_[node].drops[poisoned ? message_poisoned_cause : message_link_down_cause];
    state(node, vector).sent.pop_back();
  }
}

void doorbell_ledger::drop_unseen(unsigned node) {
  std::vector<written_doorbell>& written = nodes_[node].written;
  const auto seen = std::remove_if(written.begin(), written.end(), [&](const written_doorbell& w) {
    accounts_[node].drops[w.unusable] += w.unusable == 0 ? 0 : 1;
    return w.unusable != 0;
  });
  written.erase(seen, written.end());
}

/// A write from before cannot arrive any more: what makes the device take writes passes no write.
void doorbell_ledger::usable(unsigned node) {
  drop_unseen(node);
  nodes_[node].unusable = 0;
}

void doorbell_ledger::make_unusable(unsigned node, std::size_t cause) {
  nodes_[node].unusable = cause;
  for (written_doorbell& w : nodes_[node].written) {
    w.unusable = cause;
  }
}

void doorbell_ledger::notified(unsigned node, unsigned vector, picoseconds now) {
  last_event_ = now;
  vector_state& v = state(node, vector);
  const auto end = std::find_if(v.under_way.begin(), v.under_way.end(),
                                [&](const ring& r) { return r.due > now; });
  if (end == v.under_way.begin()) {
    log_.fail(fmt::format("node {} vector {} at {}: notified, but nobody rang it",
                          nodes_[node].name, vector, duration_text(now)));
    return;
  }
  const ring carrier = v.under_way.front();
  accounts_[node].merged += static_cast<std::uint64_t>(end - v.under_way.begin()) - 1;
  v.under_way.erase(v.under_way.begin(), end);
  v.latest_merged = v.is_waiting && !v.may_be_gone;
  if (v.latest_merged) {
    ++accounts_[node].merged;
    ++v.merged_into_waiting;
    v.latest = carrier;
    return;
  }
  if (v.is_waiting) {
    drop_waiting(node, v, reset_cause);
  }
  v.is_waiting = true;
  v.waiting = carrier;
  v.arrived = now;
}

void doorbell_ledger::pending_bits(unsigned node, unsigned count) {
  const unsigned before = std::exchange(nodes_[node].pending_bits, count);
  if (!nodes_[node].in_kernel && count > before) {
    accounts_[node].pended += count - before;
  }
}

/// The carrier leaves the device at last. A latch outside the device shows only by the time.
void doorbell_ledger::end_waiting(unsigned node, vector_state& v, picoseconds now) {
  if (nodes_[node].in_kernel && now != v.arrived) {
    ++accounts_[node].pended;
  }
  v.is_waiting = false;
  v.may_be_gone = false;
}

void doorbell_ledger::drop_waiting(unsigned node, vector_state& v, std::size_t cause) {
  ++accounts_[node].drops[cause];
  v.is_waiting = false;
  v.may_be_gone = false;
  v.merged_into_waiting = 0;
}

/// One that met a waiting notification has an end of its own.
bool doorbell_ledger::part_merged(unsigned node, vector_state& v) {
  if (v.merged_into_waiting == 0) {
    return false;
  }
  --v.merged_into_waiting;
  --accounts_[node].merged;
  return true;
}

void doorbell_ledger::message(unsigned node, unsigned vector, picoseconds now) {
  vector_state& v = state(node, vector);
  if (v.is_waiting) {
    end_waiting(node, v, now);
  } else if (part_merged(node, v)) {
    // The device had not decided when it met the other; or one was latched and one pending.
    v.waiting = v.latest;
  } else {
    log_.fail(fmt::format("node {} vector {} at {}: MSI-X message without a doorbell",
                          nodes_[node].name, vector, duration_text(now)));
    return;
  }
  v.sent.push_back({v.waiting, now});
}

void doorbell_ledger::received(unsigned node, unsigned vector, picoseconds now) {
  last_event_ = now;
  if (vector >= nodes_[node].vector_count || state(node, vector).sent.empty()) {
    log_.fail(fmt::format("node {} vector {} at {}: interrupt without an MSI-X message of it",
                          nodes_[node].name, vector, duration_text(now)));
    return;
  }
  std::vector<sent_message>& sent = state(node, vector).sent;
  ++accounts_[node].delivered;
  accounts_[node].latency.add(now - sent.front().carrier.written);
  sent.erase(sent.begin());
}

void doorbell_ledger::line_served(unsigned node, picoseconds now) {
  bool is_first = true;
  for (auto& [vector, v] : nodes_[node].vectors) {
    if (!v.is_waiting) {
      continue;
    }
    end_waiting(node, v, v.arrived);
    v.merged_into_waiting = 0;
    if (is_first) {
      ++accounts_[node].delivered;
      accounts_[node].latency.add(now - v.waiting.written);
    } else {
      ++accounts_[node].merged;
    }
    is_first = false;
  }
}

void doorbell_ledger::dropped(unsigned node, drop_cause cause, peer_id peer, unsigned vector,
                              picoseconds now) {
  if (is_sender_cause(static_cast<std::size_t>(cause))) {
    take_written(node, peer, vector);
    ++accounts_[node].drops[static_cast<std::size_t>(cause)];
    return;
  }
  vector_state& v = state(node, vector);
  // With MSI-X off, an older one still waits in the pending bit.
  const bool is_latest = cause == drop_cause::msix_disabled && v.latest_merged;
  bool has_ended = is_latest && part_merged(node, v);
  if (!has_ended && v.is_waiting) {
    end_waiting(node, v, now);
    has_ended = true;
  }
  if (has_ended || part_merged(node, v)) {
    ++accounts_[node].drops[static_cast<std::size_t>(cause)];
  }
}

void doorbell_ledger::was_reset(unsigned node) {
  make_unusable(node, sender_reset_cause);
  for (auto& [vector, v] : nodes_[node].vectors) {
    // A pending bit is gone; the hypervisor's latch is not, nor a message on its way out.
    v.may_be_gone = v.is_waiting;
  }
}

void doorbell_ledger::left(unsigned node) {
  make_unusable(node, sender_gone_cause);
  for (auto& [vector, v] : nodes_[node].vectors) {
    accounts_[node].drops[gone_cause] += v.under_way.size();
    v.under_way.clear();
    if (v.is_waiting) {
      drop_waiting(node, v, v.may_be_gone ? reset_cause : gone_cause);
    }
  }
}

void doorbell_ledger::lose(unsigned node, unsigned vector, const ring& which, const char* where) {
  ++accounts_[node].lost;
  log_.fail(fmt::format(
      "node {} vector {}: lost doorbell, rung by {} at {}: expected 1 interrupt, "
      "seen 0; {}",
      nodes_[node].name, vector, nodes_[which.sender].name, duration_text(which.rung), where));
}

void doorbell_ledger::close_vector(unsigned node, unsigned vector, bool is_pending,
                                   const closing& how) {
  vector_state& v = state(node, vector);
  for (const ring& r : v.under_way) {
    if (how.is_cut_off && r.due >= how.at) {
      ++accounts_[node].under_way;
    } else {
      lose(node, vector, r, "it never reached the device");
    }
  }
  for (const sent_message& m : v.sent) {
    if (how.may_be_under_way(m.sent)) {
      ++accounts_[node].under_way;
    } else {
      lose(node, vector, m.carrier, "its MSI-X message never reached the processor");
    }
  }
  if (!v.is_waiting) {
    accounts_[node].pending += is_pending && part_merged(node, v) ? 1 : 0;
    return;
  }
  if (is_pending) {
    accounts_[node].pended += nodes_[node].in_kernel ? 1 : 0;
    ++accounts_[node].pending;
  } else if (v.may_be_gone) {
    drop_waiting(node, v, reset_cause);
  } else if (how.may_be_under_way(v.arrived)) {
    ++accounts_[node].under_way;
  } else {
    lose(node, vector, v.waiting, "the device neither sent nor kept it");
  }
}

void doorbell_ledger::close_node(unsigned node, const closing& how) {
  drop_unseen(node);
  node_account& account = accounts_[node];
  for (const written_doorbell& w : nodes_[node].written) {
    ++(how.may_be_under_way(w.at) ? account.write_under_way : account.write_lost);
  }
  if (account.write_lost != 0) {
    log_.fail(fmt::format("node {}: lost doorbells: {} written, {} never seen by its device",
                          nodes_[node].name, account.issued, account.write_lost));
  }
  if (!account.is_balanced()) {
    log_.fail(fmt::format(
        "node {}: the account of doorbells is wrong: issued {} = rung {} + dropped here {} + under "
        "way {} + lost {}; for it {} = delivered {} + merged {} + dropped there {} + pending {} + "
        "under way {} + lost {}",
        nodes_[node].name, account.issued, account.rung, account.dropped_here(),
        account.write_under_way, account.write_lost, account.addressed, account.delivered,
        account.merged, account.dropped_there(), account.pending, account.under_way, account.lost));
  }
}

}  // namespace ivshmem::sim
