// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

namespace ivshmem::test {

/// Stands between an initiator and a target, passes everything on, and notes every violation of the
/// TLM-2.0 base protocol [IEEE 1666 14, 15]: blocking, non-blocking, debug and direct memory
/// transport. It changes nothing and takes no time.
class base_protocol_checker final : public sc_core::sc_module,
                                    private tlm::tlm_fw_transport_if<>,
                                    private tlm::tlm_bw_transport_if<> {
 public:
  tlm::tlm_target_socket<64> in{"in"};
  tlm::tlm_initiator_socket<64> out{"out"};

  explicit base_protocol_checker(const sc_core::sc_module_name& name);

  /// One line each, in order; more than 20 are only counted.
  const std::vector<std::string>& violations() const noexcept { return violations_; }
  /// Transactions that began, whichever way, and how many of them have not ended.
  std::size_t started() const noexcept { return started_; }
  std::size_t under_way() const noexcept { return started_ - ended_; }

 private:
  using payload = tlm::tlm_generic_payload;

  /// What a transaction was when it began.
  struct snapshot {
    tlm::tlm_command command{};
    unsigned char* data = nullptr;
    unsigned length = 0;
    unsigned width = 0;
    unsigned char* enables = nullptr;
    unsigned enable_length = 0;
    std::vector<unsigned char> bytes;  // of writes: all; of reads: what was there before
    std::vector<unsigned char> enable_bytes;
    std::vector<tlm::tlm_extension_base*> extensions;
  };
  enum class progress { requested, request_ended, responding };
  struct transfer {
    snapshot before;
    progress at = progress::requested;
    sc_core::sc_time effective;  // of the last phase
  };

  void b_transport(payload& trans, sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_fw(payload& trans, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_bw(payload& trans, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  bool get_direct_mem_ptr(payload& trans, tlm::tlm_dmi& dmi) override;
  unsigned transport_dbg(payload& trans) override;
  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override;

  void expect(bool holds, const char* rule, const payload* trans);
  static snapshot take(const payload& trans);
  void check_start(const payload& trans);
  void check_unchanged(const snapshot& before, const payload& trans);
  void check_response(const snapshot& before, const payload& trans);
  void begin(payload& trans, const sc_core::sc_time& delay);
  void advance(payload& trans, const tlm::tlm_phase& phase, const sc_core::sc_time& delay,
               bool forward);
  void finish(payload& trans);
  void returned(payload& trans, tlm::tlm_sync_enum status, const tlm::tlm_phase& passed,
                const tlm::tlm_phase& phase, const sc_core::sc_time& delay, bool forward);

  std::vector<std::string> violations_;
  std::size_t suppressed_ = 0;
  std::size_t started_ = 0;
  std::size_t ended_ = 0;
  std::map<const payload*, transfer> transfers_;  // non-blocking, by payload
  std::map<const payload*, unsigned> blocking_;   // payloads inside b_transport
  const payload* requesting_ = nullptr;           // between BEGIN_REQ and END_REQ
  const payload* responding_ = nullptr;           // between BEGIN_RESP and END_RESP
};

}  // namespace ivshmem::test
