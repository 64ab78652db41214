// SPDX-License-Identifier: Apache-2.0
//
// The last cycles at the pins, written as a waveform when they are wanted.
#include "ivshmem/rtl_bridge/pin_history.h"

#include <array>
#include <fstream>

namespace ivshmem::rtl {

namespace {

using words = std::array<std::uint32_t, max_beat_dwords>;

/// Low word first.
words number(std::uint64_t value) {
  return {static_cast<std::uint32_t>(value), static_cast<std::uint32_t>(value >> 32U)};
}
words reversed(const header_words& header) { return {header[3], header[2], header[1], header[0]}; }

/// Calls `visit(name, bits, words)` for every pin, with the names of ivshmem_core.sv. What stands
/// beside a low valid means nothing and is shown as it was.
template <class Visit>
class pins {
 public:
  pins(unsigned beat_dwords, Visit visit) : beat_dwords_(beat_dwords), visit_(visit) {}

  void all(const pin_cycle& now) {
    inputs(now.in);
    outputs(now.out);
    memory(now.in, now.out);
  }

 private:
  void one(const char* name, unsigned bits, std::uint64_t value) {
    visit_(name, bits, number(value));
  }

  void stream(const std::string& prefix, char suffix, const tlp_beat& beat) {
    const auto name = [&](const char* pin) { return prefix + pin + "_" + suffix; };
    visit_(name("valid"), 1, number(beat.valid));
    visit_(name("sop"), 1, number(beat.first));
    visit_(name("eop"), 1, number(beat.last));
    visit_(name("hdr"), 128, reversed(beat.header));
    visit_(name("strb"), beat_dwords_, number(beat.strobes));
    visit_(name("data"), 32 * beat_dwords_, beat.data);
  }

  void inputs(const core_inputs& in) {
    stream("rx_", 'i', in.request);
    one("tx_cpl_ready_i", 1, in.completion_ready);
    one("tx_msg_ready_i", 1, in.message_ready);
    one("db_ready_i", 1, in.doorbell_ready);
    one("ntf_valid_i", 1, in.notify);
    one("ntf_vector_i", 11, in.notify_vector);
    one("frst_valid_i", 1, in.function_reset);
  }

  void outputs(const core_outputs& out) {
    stream("tx_cpl_", 'o', out.completion);
    one("tx_cpl_err_o", 1, out.completion.nullified);
    stream("tx_msg_", 'o', out.message);
    one("rx_ready_o", 1, out.request_ready);
    one("rx_done_o", 1, out.request_done);
    one("ntf_ready_o", 1, out.notify_ready);
    one("frst_ready_o", 1, out.function_reset_ready);
    one("db_valid_o", 1, out.doorbell.valid);
    one("db_peer_o", 16, out.doorbell.peer);
    one("db_value_o", 16, out.doorbell.value);
    one("db_word_o", 1, out.doorbell.word);
    one("evt_valid_o", 1, out.event.valid);
    one("evt_kind_o", 3, static_cast<std::uint64_t>(out.event.kind));
    one("evt_vector_o", 11, out.event.vector);
    one("err_ur_o", 1, out.unsupported);
    one("err_malformed_o", 1, out.malformed);
    one("err_poisoned_o", 1, out.poisoned);
    one("err_memory_o", 1, out.memory_error);
    one("busy_o", 1, out.busy);
  }

  void address(const std::string& prefix, const axi_address& channel) {
    visit_(prefix + "valid_o", 1, number(channel.valid));
    visit_(prefix + "addr_o", 64, number(channel.address));
    visit_(prefix + "len_o", 8, number(channel.length));
  }

  void memory(const core_inputs& in, const core_outputs& out) {
    address("m_axi_aw", out.aw);
    one("m_axi_awready_i", 1, in.aw_ready);
    one("m_axi_wvalid_o", 1, out.w.valid);
    one("m_axi_wready_i", 1, in.w_ready);
    one("m_axi_wlast_o", 1, out.w.last);
    one("m_axi_wstrb_o", 4 * beat_dwords_, out.w.strobes);
    visit_("m_axi_wdata_o", 32 * beat_dwords_, out.w.data);
    one("m_axi_bvalid_i", 1, in.b_valid);
    one("m_axi_bready_o", 1, out.b_ready);
    one("m_axi_bresp_i", 2, in.b_response);
    address("m_axi_ar", out.ar);
    one("m_axi_arready_i", 1, in.ar_ready);
    one("m_axi_rvalid_i", 1, in.r.valid);
    one("m_axi_rready_o", 1, out.r_ready);
    one("m_axi_rlast_i", 1, in.r.last);
    one("m_axi_rresp_i", 2, in.r.response);
    visit_("m_axi_rdata_i", 32 * beat_dwords_, in.r.data);
  }

  unsigned beat_dwords_;
  Visit visit_;
};

std::string binary(unsigned bits, const words& value) {
  std::string text(bits, '0');
  for (unsigned i = 0; i < bits; ++i) {
    if (((value[i / 32] >> (i % 32)) & 1U) != 0) {
      text[bits - 1 - i] = '1';
    }
  }
  return text;
}

/// Short identifier of the pin with number `index`, printable characters only.
std::string code(std::size_t index) {
  constexpr std::size_t letters = 94;
  return {static_cast<char>('!' + index % letters), static_cast<char>('!' + index / letters)};
}

}  // namespace

bool pin_history::write_vcd(const std::string& path, unsigned beat_dwords,
                            std::uint64_t period_ps) const {
  std::ofstream file(path);
  file << "$timescale 1ps $end\n$scope module ivshmem_core $end\n";
  std::vector<std::string> shown;
  const auto declare = [&](const std::string& name, unsigned bits, const words& /*value*/) {
    file << "$var wire " << bits << " " << code(shown.size()) << " " << name << " $end\n";
    shown.emplace_back();
  };
  pins<decltype(declare)>(beat_dwords, declare).all({});
  file << "$var wire 1 " << code(shown.size())
       << " clk_i $end\n$upscope $end\n$enddefinitions $end\n";
  const std::string clock = code(shown.size());
  for (std::size_t i = 0; i < count_; ++i) {
    const pin_cycle& now = ring_[(next_ + ring_.size() - count_ + i) % ring_.size()];
    file << "#" << now.cycle * period_ps << "\n1" << clock << "\n";
    std::size_t index = 0;
    const auto dump = [&](const std::string& /*name*/, unsigned bits, const words& value) {
      std::string text = binary(bits, value);
      if (text != shown[index]) {
        file << (bits == 1 ? text : "b" + text + " ") << code(index) << "\n";
        shown[index] = std::move(text);
      }
      ++index;
    };
    pins<decltype(dump)>(beat_dwords, dump).all(now);
    file << "#" << now.cycle * period_ps + period_ps / 2 << "\n0" << clock << "\n";
  }
  return file.flush().good();
}

}  // namespace ivshmem::rtl
