// SPDX-License-Identifier: Apache-2.0
//
// The only file that sees what Verilator generates: one model for each width. SystemC must not come
// in here, its verilated headers would want a global sc_time_stamp().
#include "verilated_model.h"

#include <Vivshmem_core_128.h>
#include <Vivshmem_core_128___024root.h>
#include <Vivshmem_core_256.h>
#include <Vivshmem_core_256___024root.h>
#include <Vivshmem_core_64.h>
#include <Vivshmem_core_64___024root.h>
#include <verilated.h>

#include <algorithm>
#include <cstring>

#include "verilated_peek.h"

#if VM_TRACE
#include <Vivshmem_core_64_traced.h>
#include <Vivshmem_core_64_traced___024root.h>
#include <verilated_fst_c.h>
#endif

namespace ivshmem::rtl {

namespace {

// A bus of 64 bits is a number in the verilated class, a wider one an array of words.

void put(QData& to, const beat_data& from) { to = from[0] | QData{from[1]} << 32U; }
void get(beat_data& to, const QData& from) {
  to[0] = static_cast<std::uint32_t>(from);
  to[1] = static_cast<std::uint32_t>(from >> 32U);
}
template <std::size_t Words>
void put(VlWide<Words>& to, const beat_data& from) {
  std::memcpy(to.m_storage, from.data(), sizeof to.m_storage);
}
template <std::size_t Words>
void get(beat_data& to, const VlWide<Words>& from) {
  std::memcpy(to.data(), from.m_storage, sizeof from.m_storage);
}
void put_header(VlWide<4>& to, const header_words& from) {
  std::reverse_copy(from.begin(), from.end(), to.m_storage);
}
void get_header(header_words& to, const VlWide<4>& from) {
  std::reverse_copy(from.m_storage, from.m_storage + 4, to.begin());
}

template <class Pins>
void drive(Pins& pins, const core_inputs& in) {
  pins.rx_valid_i = in.request.valid;
  if (in.request.valid) {  // what stands beside a low valid is not looked at
    pins.rx_sop_i = in.request.first;
    pins.rx_eop_i = in.request.last;
    pins.rx_strb_i = in.request.strobes;
    put(pins.rx_data_i, in.request.data);
    if (in.request.first) {
      put_header(pins.rx_hdr_i, in.request.header);
    }
  }
  pins.tx_cpl_ready_i = in.completion_ready;
  pins.tx_msg_ready_i = in.message_ready;
  pins.m_axi_awready_i = in.aw_ready;
  pins.m_axi_wready_i = in.w_ready;
  pins.m_axi_arready_i = in.ar_ready;
  pins.m_axi_bvalid_i = in.b_valid;
  pins.m_axi_bresp_i = in.b_response;
  pins.m_axi_rvalid_i = in.r.valid;
  if (in.r.valid) {
    pins.m_axi_rlast_i = in.r.last;
    pins.m_axi_rresp_i = in.r.response;
    put(pins.m_axi_rdata_i, in.r.data);
  }
  pins.db_ready_i = in.doorbell_ready;
  pins.ntf_valid_i = in.notify;
  pins.ntf_vector_i = in.notify_vector;
  pins.frst_valid_i = in.function_reset;
}

template <class Pins>
void sample_completion(const Pins& pins, tlp_beat& to) {
  to.valid = pins.tx_cpl_valid_o != 0;
  if (to.valid) {
    to.first = pins.tx_cpl_sop_o != 0;
    to.last = pins.tx_cpl_eop_o != 0;
    to.nullified = pins.tx_cpl_err_o != 0;
    to.strobes = pins.tx_cpl_strb_o;
    get(to.data, pins.tx_cpl_data_o);
    if (to.first) {
      get_header(to.header, pins.tx_cpl_hdr_o);
    }
  }
}

template <class Pins>
void sample_message(const Pins& pins, tlp_beat& to) {
  to.valid = pins.tx_msg_valid_o != 0;
  if (to.valid) {
    to.first = pins.tx_msg_sop_o != 0;
    to.last = pins.tx_msg_eop_o != 0;
    to.strobes = pins.tx_msg_strb_o;
    get(to.data, pins.tx_msg_data_o);
    get_header(to.header, pins.tx_msg_hdr_o);
  }
}

template <class Pins>
void sample_memory(const Pins& pins, core_outputs& out) {
  out.aw.valid = pins.m_axi_awvalid_o != 0;
  if (out.aw.valid) {
    out.aw = {true, pins.m_axi_awlen_o, pins.m_axi_awsize_o, pins.m_axi_awburst_o,
              pins.m_axi_awaddr_o};
  }
  out.ar.valid = pins.m_axi_arvalid_o != 0;
  if (out.ar.valid) {
    out.ar = {true, pins.m_axi_arlen_o, pins.m_axi_arsize_o, pins.m_axi_arburst_o,
              pins.m_axi_araddr_o};
  }
  out.w.valid = pins.m_axi_wvalid_o != 0;
  if (out.w.valid) {
    out.w.last = pins.m_axi_wlast_o != 0;
    out.w.strobes = pins.m_axi_wstrb_o;
    get(out.w.data, pins.m_axi_wdata_o);
  }
  out.b_ready = pins.m_axi_bready_o != 0;
  out.r_ready = pins.m_axi_rready_o != 0;
}

template <class Pins>
void sample(const Pins& pins, core_outputs& out) {
  sample_completion(pins, out.completion);
  sample_message(pins, out.message);
  sample_memory(pins, out);
  out.request_ready = pins.rx_ready_o != 0;
  out.notify_ready = pins.ntf_ready_o != 0;
  out.function_reset_ready = pins.frst_ready_o != 0;
  out.doorbell.valid = pins.db_valid_o != 0;
  if (out.doorbell.valid) {
    out.doorbell = {true, pins.db_word_o != 0, pins.db_peer_o, pins.db_value_o};
  }
  out.event.valid = pins.evt_valid_o != 0;
  if (out.event.valid) {
    out.event = {true, static_cast<interrupt_event>(pins.evt_kind_o), pins.evt_vector_o};
  }
  out.request_done = pins.rx_done_o != 0;
  out.unsupported = pins.err_ur_o != 0;
  out.malformed = pins.err_malformed_o != 0;
  out.poisoned = pins.err_poisoned_o != 0;
  out.memory_error = pins.err_memory_o != 0;
  out.busy = pins.busy_o != 0;
}

struct no_waveform {
  template <class Pins>
  bool open(Pins& /*pins*/, const std::string& /*path*/) {
    return false;
  }
  void dump(std::uint64_t /*time_ps*/) {}
  void close() {}
};

#if VM_TRACE
class fst_waveform {
 public:
  template <class Pins>
  bool open(Pins& pins, const std::string& path) {
    if (file_ == nullptr) {
      file_ = std::make_unique<VerilatedFstC>();
      pins.trace(file_.get(), 99);
      file_->set_time_unit("1ps");
      file_->set_time_resolution("1ps");
    }
    file_->open(path.c_str());
    return file_->isOpen();
  }
  void dump(std::uint64_t time_ps) { file_->dump(time_ps); }
  void close() { file_->close(); }

 private:
  std::unique_ptr<VerilatedFstC> file_;
};
#endif

/// Takes the clock back. Nothing in the core happens at a falling edge, so it is enough that the
/// model remembers a low clock; where a version of Verilator keeps that elsewhere, it evaluates.
template <class Verilated>
auto fall(Verilated& pins, int /*preferred*/)
    -> decltype(pins.rootp->__Vtrigrprev__TOP__clk_i, void()) {
  pins.clk_i = 0;
  pins.rootp->__Vtrigrprev__TOP__clk_i = 0;
}
template <class Verilated>
void fall(Verilated& pins, long /*otherwise*/) {
  pins.clk_i = 0;
  pins.eval();
}

template <class Verilated, class Waveform>
class model_of final : public verilated_core::model {
 public:
  model_of() : model(std::make_unique<VerilatedContext>()), pins_(context.get()) {}
  ~model_of() override {
    ::Verilated::threadContextp(context.get());  // where the scopes take themselves out of
    pins_.final();
  }

  static void step(verilated_core::model& self, const core_inputs& in, core_outputs& out,
                   std::uint64_t /*cycle*/) {
    auto& pins = static_cast<model_of&>(self).pins_;
    ::Verilated::threadContextp(self.context.get());  // who counts an assertion that fails
    drive(pins, in);
    pins.clk_i = 1;
    pins.eval();
    sample(pins, out);
    fall(pins, 0);
  }
  /// The same with a waveform open. What a cycle's outputs are begins with its rising edge.
  static void traced_step(verilated_core::model& self, const core_inputs& in, core_outputs& out,
                          std::uint64_t cycle) {
    auto& pins = static_cast<model_of&>(self).pins_;
    ::Verilated::threadContextp(self.context.get());
    drive(pins, in);
    pins.eval();
    self.dump(cycle * self.period_ps + self.period_ps / 2);
    pins.clk_i = 1;
    pins.eval();
    sample(pins, out);
    self.dump((cycle + 1) * self.period_ps);
    pins.clk_i = 0;
    pins.eval();
  }

  void set_reset(bool active) override {
    pins_.rst_ni = active ? 0 : 1;
    pins_.eval();
  }
  void set_straps(const core_config& straps) override {
    pins_.cfg_vectors_i = static_cast<SData>(straps.vectors);
    pins_.cfg_memory_log2_i = static_cast<CData>(straps.memory_log2);
    pins_.cfg_legacy_i = straps.legacy;
    pins_.cfg_intx_i = straps.intx;
    pins_.cfg_express_i = straps.express;
    pins_.cfg_max_payload_log2_i = static_cast<CData>(straps.max_payload_log2);
    pins_.cfg_flush_i = straps.flush;
    pins_.iv_position_i = straps.iv_position;
  }

  bool open_waveform(const std::string& path) override { return waveform_.open(pins_, path); }
  void dump(std::uint64_t time_ps) override { waveform_.dump(time_ps); }
  void close_waveform() override { waveform_.close(); }

  core_state state() const override { return state_of(*pins_.rootp); }
  std::uint32_t scratch(unsigned dword) const override { return scratch_of(*pins_.rootp, dword); }
  std::uint32_t table(unsigned vector, unsigned dword) const override {
    return table_of(*pins_.rootp, vector, dword);
  }
  std::uint64_t pending(unsigned word) const override { return pending_of(*pins_.rootp, word); }

 private:
  Waveform waveform_;
  Verilated pins_;
};

template <class Verilated, class Waveform = no_waveform>
made_model make() {
  using one = model_of<Verilated, Waveform>;
  return {std::make_unique<one>(), &one::step, &one::traced_step};
}

}  // namespace

verilated_core::model::model(std::unique_ptr<VerilatedContext> owned) : context(std::move(owned)) {
  Verilated::threadContextp(context.get());
  context->threads(1);  // no pool of threads beside it
  context->randReset(0);
  context->fatalOnError(false);  // a failed assertion is counted, see failed_assertions()
#if VM_TRACE
  context->traceEverOn(true);
#endif
}

verilated_core::model::~model() { Verilated::threadContextp(Verilated::defaultContextp()); }

made_model make_model(const core_config& configuration) {
#if VM_TRACE
  if (configuration.waveform && configuration.data_width == 64) {
    return make<Vivshmem_core_64_traced, fst_waveform>();
  }
#endif
  switch (configuration.data_width) {
    case 256:
      return make<Vivshmem_core_256>();
    case 128:
      return make<Vivshmem_core_128>();
    default:
      return make<Vivshmem_core_64>();
  }
}

}  // namespace ivshmem::rtl
