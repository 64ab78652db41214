// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <systemc>
#include <tlm>
#include <typeindex>

namespace ivshmem {

// The base-protocol sockets of this library bind to sockets of every BUSWIDTH in common use: 32
// (the default of TLM-2.0), 64, 128, 256 and 512 bits.
//
// TLM-2.0 makes BUSWIDTH a part of a socket's type; the interfaces behind it are the same for all
// widths [IEEE 1666 13.2]. The parts of this library put no meaning into the width: it neither
// limits nor cuts an access. So each socket here is one of 64 bits that has the base classes of the
// other widths too, and all of them lead to the same port and export. What looks for sockets by
// dynamic_cast must name a width; tlm_base_socket_if is ambiguous.

namespace any_width {

using forward = tlm::tlm_fw_transport_if<>;
using backward = tlm::tlm_bw_transport_if<>;

template <unsigned BusWidth>
using target_base = tlm::tlm_base_target_socket_b<BusWidth, forward, backward>;
template <unsigned BusWidth>
using initiator_base = tlm::tlm_base_initiator_socket_b<BusWidth, forward, backward>;

/// The base class of another width, with what only `Socket` may override from SystemC 3.0 on.
template <class Base>
class other : public Base {
#if IEEE_1666_SYSTEMC >= 202301L
  bool is_multi_socket() const override {
    return (this->get_socket_category() & tlm::TLM_MULTI_SOCKET) != 0;
  }
#endif
};

/// `Socket` of 64 bits, and the base classes of the other widths. `Port` and `Export` are the
/// interfaces of its port and its export.
template <class Socket, template <unsigned> class Base, class Port, class Export>
class socket : public Socket,
               public other<Base<32>>,
               public other<Base<128>>,
               public other<Base<256>>,
               public other<Base<512>> {
 public:
  using Socket::Socket;

  sc_core::sc_port_b<Port>& get_base_port() override { return Socket::get_base_port(); }
  const sc_core::sc_port_b<Port>& get_base_port() const override { return Socket::get_base_port(); }
  sc_core::sc_export<Export>& get_base_export() override { return Socket::get_base_export(); }
  const sc_core::sc_export<Export>& get_base_export() const override {
    return Socket::get_base_export();
  }
  Export& get_base_interface() override { return Socket::get_base_interface(); }
  const Export& get_base_interface() const override { return Socket::get_base_interface(); }
  unsigned get_bus_width() const override { return Socket::get_bus_width(); }
  std::type_index get_protocol_types() const override { return Socket::get_protocol_types(); }
  tlm::tlm_socket_category get_socket_category() const override {
    return Socket::get_socket_category();
  }
#if IEEE_1666_SYSTEMC >= 202301L
  using Socket::is_multi_socket;
#endif
};

}  // namespace any_width

template <class Socket>
class any_width_initiator;

/// A target socket of any width. `Socket` is one of 64 bits, such as
/// tlm_utils::simple_target_socket<module, 64>; all that it has is here too.
template <class Socket>
class any_width_target : public any_width::socket<Socket, any_width::target_base,
                                                  any_width::backward, any_width::forward> {
 public:
  using any_width_target::socket::socket;
  using Socket::bind;

  /// Binds an initiator socket of any width.
  template <unsigned BusWidth>
  void bind(any_width::initiator_base<BusWidth>& initiator) {
    initiator.get_base_port()(this->get_base_interface());
    this->get_base_port()(initiator.get_base_interface());
  }
  template <class Other>
  void bind(any_width_initiator<Other>& initiator) {
    Socket::bind(static_cast<any_width::initiator_base<64>&>(initiator));
  }
  /// Binds the target socket of a module inside, of any width.
  template <unsigned BusWidth>
  void bind(any_width::target_base<BusWidth>& inside) {
    this->get_base_export()(inside.get_base_export());
    inside.get_base_port()(this->get_base_port());
  }
  template <class Other>
  void bind(any_width_target<Other>& inside) {
    Socket::bind(static_cast<any_width::target_base<64>&>(inside));
  }
  template <class Other>
  void operator()(Other& other) {
    bind(other);
  }
};

/// An initiator socket of any width. `Socket` is one of 64 bits, such as
/// tlm_utils::simple_initiator_socket<module, 64>; all that it has is here too.
template <class Socket>
class any_width_initiator : public any_width::socket<Socket, any_width::initiator_base,
                                                     any_width::forward, any_width::backward> {
 public:
  using any_width_initiator::socket::socket;
  using Socket::bind;

  /// Binds a target socket of any width.
  template <unsigned BusWidth>
  void bind(any_width::target_base<BusWidth>& target) {
    this->get_base_port()(target.get_base_interface());
    target.get_base_port()(this->get_base_interface());
  }
  template <class Other>
  void bind(any_width_target<Other>& target) {
    Socket::bind(static_cast<any_width::target_base<64>&>(target));
  }
  /// Binds the initiator socket of the module around this one, of any width.
  template <unsigned BusWidth>
  void bind(any_width::initiator_base<BusWidth>& around) {
    this->get_base_port()(around.get_base_port());
    around.get_base_export()(this->get_base_export());
  }
  template <class Other>
  void bind(any_width_initiator<Other>& around) {
    Socket::bind(static_cast<any_width::initiator_base<64>&>(around));
  }
  template <class Other>
  void operator()(Other& other) {
    bind(other);
  }
};

}  // namespace ivshmem
