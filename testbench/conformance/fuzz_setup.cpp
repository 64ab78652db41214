// SPDX-License-Identifier: Apache-2.0
//
// A random machine: its devices, their properties and the first messages of the server.
#include "fuzz_setup.h"

#include <algorithm>

namespace ivshmem::conformance {

namespace {

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;
constexpr std::uint64_t gib = 1024 * mib;

std::uint64_t random_size(dice& random) {
  return random.pick({mib, mib, mib, 4 * kib, 64 * kib, 16 * mib, 8 * gib});
}

std::string eventfd_name(unsigned peer, unsigned vector) {
  return "e" + std::to_string(peer) + "." + std::to_string(vector);
}

unsigned peer_of(const json& device) { return device["peer_id"]; }
unsigned vectors_of(const json& device) { return device["vectors"]; }
bool is_doorbell(const json& device) { return device["kind"] == "doorbell"; }

/// The messages that a server sends while the devices connect one after the other, then those for
/// the ghosts. Some of the last own vectors are left out now and then: they may come later.
json handshakes(const json& devices, const json& ghosts, dice& random) {
  json init = json::object();
  for (std::size_t i = 0; i < devices.size(); ++i) {
    if (!is_doorbell(devices[i])) {
      continue;
    }
    const unsigned vectors = vectors_of(devices[i]);
    json& mine = init[std::to_string(i)] =
        json::array({{0, nullptr}, {peer_of(devices[i]), nullptr}, {-1, "shm"}});
    const auto connect = [](json& to, unsigned peer, unsigned count) {
      for (unsigned vector = 0; vector < count; ++vector) {
        to.push_back({peer, eventfd_name(peer, vector)});
      }
    };
    for (std::size_t j = 0; j < i; ++j) {
      if (is_doorbell(devices[j])) {
        const unsigned common = std::min(vectors, vectors_of(devices[j]));
        connect(mine, peer_of(devices[j]), common);
        connect(init[std::to_string(j)], peer_of(devices[i]), common);
      }
    }
    connect(mine, peer_of(devices[i]),
            random.one_in(4) ? vectors - random.index(vectors) : vectors);
  }
  for (auto& [index, messages] : init.items()) {
    for (const json& ghost : ghosts) {
      const unsigned peer = ghost["peer"];
      const unsigned count =
          std::min(ghost["vectors"].get<unsigned>(),
                   vectors_of(devices[static_cast<std::size_t>(std::stoul(index))]));
      for (unsigned vector = 0; vector < count; ++vector) {
        messages.push_back({peer, eventfd_name(peer, vector)});
      }
    }
  }
  return init;
}

}  // namespace

const std::vector<std::string>& fuzz_kinds() {
  static const std::vector<std::string> names{"plain", "doorbell", "pair", "mixed",
                                              "trio",  "wide",     "any"};
  return names;
}

json random_header(const std::string& kind, std::uint64_t seed, dice& random) {
  if (kind == "any") {
    return random_header(random.pick<const char*>({"plain", "doorbell", "doorbell", "pair", "pair",
                                                   "pair", "mixed", "trio", "wide"}),
                         seed, random);
  }
  const std::uint64_t shared_bytes = random_size(random);
  // The first ID of a machine; high ones matter to ioeventfd, 0 to short doorbell writes.
  std::uint64_t peer = random.pick({0U, 0U, 0U, 1U, 5U, 15U, 255U, 32'766U, 40'000U});
  json devices = json::array();
  const auto plain = [&] {
    devices.push_back({{"kind", "plain"}, {"bar2_size", random_size(random)}});
  };
  const auto doorbell = [&](unsigned vectors) {
    devices.push_back({{"kind", "doorbell"},
                       {"bar2_size", shared_bytes},
                       {"vectors", vectors},
                       {"ioeventfd", random.one_in(2)},
                       {"peer_id", peer}});
    peer += random.pick({1U, 1U, 2U, 7U, 12'000U});
  };
  const auto few = [&] { return random.pick({1U, 2U, 3U, 4U, 5U, 8U, 16U, 32U}); };
  if (kind == "plain") {
    plain();
  } else if (kind == "doorbell") {
    doorbell(few());
  } else if (kind == "wide") {
    doorbell(random.pick({64U, 65U, 128U, 129U, 255U, 256U, 257U, 300U, 512U, 1000U, 2048U}));
  } else if (kind == "mixed") {
    plain();
    doorbell(few());
  } else {
    for (unsigned i = 0; i < (kind == "trio" ? 3U : 2U); ++i) {
      doorbell(few());
    }
    if (random.one_in(2)) {
      std::swap(devices[0]["peer_id"], devices[1]["peer_id"]);
    }
  }
  json header{{"op", "header"},
              {"title", "fuzz " + kind},
              {"kind", kind},
              {"seed", seed},
              {"machine", random.pick<const char*>({"q35", "q35", "pc"})},
              {"devs", devices},
              {"config", {{"shm_size", shared_bytes}, {"calls", seed % 4 == 0}}}};
  if (std::any_of(devices.begin(), devices.end(), is_doorbell)) {
    const unsigned vectors = vectors_of(devices.back());
    header["ghosts"] = json::array(
        {{{"peer", 50}, {"vectors", std::min(vectors, 4U)}},
         {{"peer", 33'001}, {"vectors", std::min(vectors, random.pick({2U, 300U, 300U}))}}});
    header["server_init"] = handshakes(devices, header["ghosts"], random);
  }
  return header;
}

std::string describe(const json& header) {
  std::string text = header["machine"];
  text += header["config"].value("calls", false) ? " with callbacks" : "";
  for (const json& device : header["devs"]) {
    text += ", " + device["kind"].get<std::string>();
    if (is_doorbell(device)) {
      text += " id=" + std::to_string(peer_of(device)) +
              " vectors=" + std::to_string(vectors_of(device)) +
              " ioeventfd=" + (device["ioeventfd"] ? "on" : "off");
    }
    text += " memory=" + hex(device["bar2_size"]);
  }
  return text;
}

}  // namespace ivshmem::conformance
