// SPDX-License-Identifier: Apache-2.0
//
// The checker of the base protocol must see what is wrong: initiators and targets that break it.
//
// Size: one short test for each rule, on one fixture.
#include "../base_protocol_checker.h"

#include <gmock/gmock.h>

#include <array>
#include <functional>

namespace ivshmem::test {
namespace {

using payload = tlm::tlm_generic_payload;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

struct no_manager final : tlm::tlm_mm_interface {
  void free(payload* /*trans*/) override {}
};

struct mark final : tlm::tlm_extension<mark> {
  tlm::tlm_extension_base* clone() const override { return new mark; }
  void copy_from(const tlm::tlm_extension_base& /*other*/) override {}
};

/// Initiator and target of which every answer can be replaced.
struct BaseProtocolChecker : testing::Test,
                             sc_core::sc_module,
                             tlm::tlm_fw_transport_if<>,
                             tlm::tlm_bw_transport_if<> {
  tlm::tlm_initiator_socket<64> from{"from"};
  tlm::tlm_target_socket<64> to{"to"};
  base_protocol_checker checker{"checker"};
  std::function<void(payload&, sc_core::sc_time&)> serve = [](payload& one, sc_core::sc_time&) {
    one.set_response_status(tlm::TLM_OK_RESPONSE);
  };
  std::function<tlm::tlm_sync_enum(payload&, tlm::tlm_phase&, sc_core::sc_time&)> answer =
      [](payload&, tlm::tlm_phase&, sc_core::sc_time&) { return tlm::TLM_ACCEPTED; };
  std::function<bool(tlm::tlm_dmi&)> grant = [](tlm::tlm_dmi&) { return false; };
  unsigned debug_bytes = 0;
  no_manager manager;
  static constexpr unsigned data_bytes = 16;
  static constexpr unsigned enable_bytes = 2;
  std::array<unsigned char, data_bytes> data{};
  std::array<unsigned char, enable_bytes> enables{TLM_BYTE_ENABLED, TLM_BYTE_DISABLED};
  payload trans{&manager};
  payload second{&manager};
  sc_core::sc_time delay{10, sc_core::SC_NS};

  explicit BaseProtocolChecker(const sc_core::sc_module_name& name = "bench") : sc_module(name) {
    from.bind(static_cast<tlm::tlm_bw_transport_if<>&>(*this));
    from.bind(checker.in);
    to.bind(static_cast<tlm::tlm_fw_transport_if<>&>(*this));
    checker.out.bind(to);
    for (payload* one : {&trans, &second}) {
      one->acquire();
      one->set_command(tlm::TLM_WRITE_COMMAND);
      one->set_address(0x100);
      one->set_data_ptr(data.data());
      one->set_data_length(data_bytes);
      one->set_streaming_width(data_bytes);
    }
  }
  void SetUp() override { sc_core::sc_start(sc_core::SC_ZERO_TIME); }

  void b_transport(payload& one, sc_core::sc_time& time) override { serve(one, time); }
  tlm::tlm_sync_enum nb_transport_fw(payload& one, tlm::tlm_phase& phase,
                                     sc_core::sc_time& time) override {
    return answer(one, phase, time);
  }
  tlm::tlm_sync_enum nb_transport_bw(payload&, tlm::tlm_phase&, sc_core::sc_time&) override {
    return tlm::TLM_ACCEPTED;
  }
  bool get_direct_mem_ptr(payload&, tlm::tlm_dmi& dmi) override { return grant(dmi); }
  unsigned transport_dbg(payload&) override { return debug_bytes; }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  void forward(payload& one, tlm::tlm_phase phase, double ns = 10) {
    sc_core::sc_time time(ns, sc_core::SC_NS);
    from->nb_transport_fw(one, phase, time);
  }
  void backward(payload& one, tlm::tlm_phase phase, double ns = 10) {
    sc_core::sc_time time(ns, sc_core::SC_NS);
    to->nb_transport_bw(one, phase, time);
  }
  void respond(payload& one, double ns = 10) {
    one.set_response_status(tlm::TLM_OK_RESPONSE);
    backward(one, tlm::BEGIN_RESP, ns);
  }
  void expect(const char* rule) { EXPECT_THAT(checker.violations(), Contains(HasSubstr(rule))); }
  /// A blocking transport in which the target does something.
  void with_target(std::function<void()> action, const char* rule) {
    serve = [action = std::move(action)](payload& one, sc_core::sc_time&) {
      one.set_response_status(tlm::TLM_OK_RESPONSE);
      action();
    };
    from->b_transport(trans, delay);
    expect(rule);
  }
  void with_initiator(const char* rule) {
    from->b_transport(trans, delay);
    expect(rule);
  }
};

TEST_F(BaseProtocolChecker, IsSilentWhenAllIsWell) {
  trans.set_byte_enable_ptr(enables.data());
  trans.set_byte_enable_length(enable_bytes);
  from->b_transport(trans, delay);
  trans.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  forward(trans, tlm::BEGIN_REQ);
  backward(trans, tlm::END_REQ);
  forward(second, tlm::BEGIN_REQ);
  respond(trans);
  forward(trans, tlm::END_RESP);
  respond(second, 20);
  EXPECT_EQ(checker.under_way(), 1U);
  forward(second, tlm::END_RESP, 20);
  EXPECT_THAT(checker.violations(), IsEmpty());
  EXPECT_EQ(checker.started(), 3U);
  EXPECT_EQ(checker.under_way(), 0U);
}

TEST_F(BaseProtocolChecker, ATargetMustSetAResponse) {
  serve = [](payload&, sc_core::sc_time&) {};
  with_initiator("the response status was not set");
}
TEST_F(BaseProtocolChecker, ATargetMustSetALegalResponse) {
  with_target([this] { trans.set_response_status(static_cast<tlm::tlm_response_status>(3)); },
              "none of the standard");
}
TEST_F(BaseProtocolChecker, ATargetMustNotChangeTheLength) {
  with_target([this] { trans.set_data_length(8); }, "the data length changed");
}
TEST_F(BaseProtocolChecker, ATargetMustNotChangeTheCommand) {
  with_target([this] { trans.set_read(); }, "the command changed");
}
TEST_F(BaseProtocolChecker, ATargetMustNotChangeTheDataPointer) {
  with_target([this] { trans.set_data_ptr(enables.data()); }, "the data pointer changed");
}
TEST_F(BaseProtocolChecker, ATargetMustNotChangeWriteData) {
  with_target([this] { data[3] = 1; }, "the target changed write data");
}
TEST_F(BaseProtocolChecker, ATargetMustNotChangeDisabledBytesOfARead) {
  trans.set_read();
  trans.set_byte_enable_ptr(enables.data());
  trans.set_byte_enable_length(enable_bytes);
  serve = [this](payload& one, sc_core::sc_time&) {
    data[2] = 1;
    one.set_response_status(tlm::TLM_OK_RESPONSE);
  };
  from->b_transport(trans, delay);
  EXPECT_THAT(checker.violations(), IsEmpty()) << "byte 2 is enabled";
  trans.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  with_target([this] { data[3] = 1; }, "a read changed a disabled byte");
}
TEST_F(BaseProtocolChecker, ATargetMustNotChangeByteEnables) {
  trans.set_byte_enable_ptr(enables.data());
  trans.set_byte_enable_length(enable_bytes);
  with_target([this] { enables[1] = TLM_BYTE_ENABLED; }, "a byte enable changed");
}
TEST_F(BaseProtocolChecker, ATargetMustNotGoBackInTime) {
  serve = [](payload& one, sc_core::sc_time& time) {
    one.set_response_status(tlm::TLM_OK_RESPONSE);
    time = sc_core::SC_ZERO_TIME;
  };
  with_initiator("the local time went backwards");
}
TEST_F(BaseProtocolChecker, ATargetMustNotTakeTheInitiatorsExtension) {
  mark mine;
  mark other;
  trans.set_extension(&mine);
  with_target([&] { trans.set_extension(&other); }, "an extension of the initiator changed");
  trans.clear_extension<mark>();
}
TEST_F(BaseProtocolChecker, ATargetMustNotLeaveAnExtensionWithoutMemoryManager) {
  mark mine;
  trans.release();
  trans.set_mm(nullptr);
  with_target([&] { trans.set_extension(&mine); }, "without memory manager");
  trans.clear_extension<mark>();
}

TEST_F(BaseProtocolChecker, AnInitiatorMustClearTheResponse) {
  trans.set_response_status(tlm::TLM_OK_RESPONSE);
  with_initiator("left a response status");
}
TEST_F(BaseProtocolChecker, AnInitiatorMustClearTheDmiHint) {
  trans.set_dmi_allowed(true);
  with_initiator("left the DMI hint");
}
TEST_F(BaseProtocolChecker, AnInitiatorMustGiveALength) {
  trans.set_data_length(0);
  with_initiator("data length is 0");
}
TEST_F(BaseProtocolChecker, AnInitiatorMustGiveAStreamingWidth) {
  trans.set_streaming_width(0);
  with_initiator("streaming width is 0");
}
TEST_F(BaseProtocolChecker, AnInitiatorMustGiveData) {
  trans.set_data_ptr(nullptr);
  with_initiator("no data pointer");
}
TEST_F(BaseProtocolChecker, AnInitiatorMustGiveLegalByteEnables) {
  enables[0] = 1;
  trans.set_byte_enable_ptr(enables.data());
  trans.set_byte_enable_length(enable_bytes);
  with_initiator("a byte enable is neither");
  trans.set_byte_enable_length(0);
  with_initiator("byte enables of length 0");
}
TEST_F(BaseProtocolChecker, AnInitiatorMustNotUseAPayloadTwiceAtATime) {
  forward(trans, tlm::BEGIN_REQ);
  with_initiator("the payload is in use already");
}

TEST_F(BaseProtocolChecker, RequestsExcludeEachOther) {
  forward(trans, tlm::BEGIN_REQ);
  forward(second, tlm::BEGIN_REQ);
  expect("BEGIN_REQ before the END_REQ");
}
TEST_F(BaseProtocolChecker, ResponsesExcludeEachOther) {
  forward(trans, tlm::BEGIN_REQ);
  backward(trans, tlm::END_REQ);
  forward(second, tlm::BEGIN_REQ);
  respond(trans);
  respond(second);
  expect("BEGIN_RESP before the END_RESP");
}
TEST_F(BaseProtocolChecker, PhasesHaveAnOrder) {
  forward(trans, tlm::BEGIN_REQ);
  forward(trans, tlm::END_RESP);
  expect("END_RESP out of order");
  forward(second, tlm::BEGIN_REQ);
  respond(second);
  backward(second, tlm::END_REQ);
  expect("END_REQ out of order");
  forward(second, tlm::BEGIN_REQ);
  expect("BEGIN_REQ of a transaction that is under way");
}
TEST_F(BaseProtocolChecker, APhaseNeedsATransaction) {
  backward(trans, tlm::END_REQ);
  expect("not under way");
}
TEST_F(BaseProtocolChecker, APhaseDoesNotTakeEffectBeforeTheLast) {
  forward(trans, tlm::BEGIN_REQ, 20);
  backward(trans, tlm::END_REQ, 10);
  expect("takes effect before the one before it");
}
TEST_F(BaseProtocolChecker, AResponseNeedsAStatus) {
  forward(trans, tlm::BEGIN_REQ);
  backward(trans, tlm::BEGIN_RESP);
  expect("the response status was not set");
}
TEST_F(BaseProtocolChecker, NonBlockingTransportNeedsAMemoryManager) {
  trans.release();
  trans.set_mm(nullptr);
  forward(trans, tlm::BEGIN_REQ);
  expect("without memory manager");
}
TEST_F(BaseProtocolChecker, TheReturnPathIsCheckedToo) {
  answer = [](payload&, tlm::tlm_phase&, sc_core::sc_time&) { return tlm::TLM_UPDATED; };
  forward(trans, tlm::BEGIN_REQ);
  expect("TLM_UPDATED without a new phase");
  answer = [](payload&, tlm::tlm_phase&, sc_core::sc_time& time) {
    time = sc_core::SC_ZERO_TIME;
    return tlm::TLM_COMPLETED;
  };
  forward(second, tlm::BEGIN_REQ);
  expect("the delay became less");
  expect("the response status was not set");
}

TEST_F(BaseProtocolChecker, ADirectRangeContainsTheAddress) {
  grant = [this](tlm::tlm_dmi& dmi) {
    dmi.allow_read_write();
    dmi.set_dmi_ptr(data.data());
    dmi.set_start_address(0x200);
    dmi.set_end_address(0x2ff);
    return true;
  };
  tlm::tlm_dmi dmi;
  from->get_direct_mem_ptr(trans, dmi);
  expect("does not contain the address");
}
TEST_F(BaseProtocolChecker, DirectAccessHasAPointerAndThePermission) {
  grant = [](tlm::tlm_dmi& dmi) {
    dmi.allow_read();
    return true;
  };
  tlm::tlm_dmi dmi;
  from->get_direct_mem_ptr(trans, dmi);
  expect("without a pointer");
  expect("for the other kind of access");
}
TEST_F(BaseProtocolChecker, AnInvalidatedRangeIsNotEmpty) {
  to->invalidate_direct_mem_ptr(0x20, 0x10);
  expect("an empty range");
}
TEST_F(BaseProtocolChecker, DebugTransportGivesNoMoreThanAskedFor) {
  debug_bytes = 17;
  from->transport_dbg(trans);
  expect("more bytes than asked for");
}

}  // namespace
}  // namespace ivshmem::test
