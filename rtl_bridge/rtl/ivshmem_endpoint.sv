// SPDX-License-Identifier: Apache-2.0
//
// The ivshmem device for an FPGA or SoC design: ivshmem_core with its straps tied to parameters,
// which are checked at elaboration. docs/rtl.md describes ports and integration.
`include "ivshmem_assert.svh"

module ivshmem_endpoint #(
  parameter int          DataWidth       = 64,       // of TLP payload and memory: 64, 128 or 256
  parameter int          Vectors         = 1,        // MSI-X: 1 to 2048; 0: ivshmem-plain, or INTx
  parameter logic [63:0] MemoryBytes     = 1 << 20,  // BAR2: a power of two, 4 KiB to 8 GiB
  parameter bit          Legacy          = 1'b0,     // the retired device, revision 0
  parameter bit          Intx            = 1'b0,     // of that, msi=off: needs Vectors = 0
  parameter bit          Express         = 1'b0,     // PCI Express capability
  parameter int          MaxPayloadBytes = 256       // 128 to 4096
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic [15:0]             iv_position_i,           // static while out of reset

  // Requests.
  input  logic                    rx_valid_i,
  output logic                    rx_ready_o,
  input  logic [127:0]            rx_hdr_i,
  input  logic [DataWidth-1:0]    rx_data_i,
  input  logic [DataWidth/32-1:0] rx_strb_i,
  input  logic                    rx_sop_i,
  input  logic                    rx_eop_i,
  output logic                    rx_done_o,               // a request left the buffer

  // Completions.
  output logic                    tx_cpl_valid_o,
  input  logic                    tx_cpl_ready_i,
  output logic [127:0]            tx_cpl_hdr_o,
  output logic [DataWidth-1:0]    tx_cpl_data_o,
  output logic [DataWidth/32-1:0] tx_cpl_strb_o,
  output logic                    tx_cpl_sop_o,
  output logic                    tx_cpl_eop_o,
  output logic                    tx_cpl_err_o,            // with eop: nullify the TLP

  // MSI-X writes and INTx messages.
  output logic                    tx_msg_valid_o,
  input  logic                    tx_msg_ready_i,
  output logic [127:0]            tx_msg_hdr_o,
  output logic [DataWidth-1:0]    tx_msg_data_o,
  output logic [DataWidth/32-1:0] tx_msg_strb_o,
  output logic                    tx_msg_sop_o,
  output logic                    tx_msg_eop_o,

  // Shared memory; addresses are offsets in BAR2.
  output logic                    m_axi_awvalid_o,
  input  logic                    m_axi_awready_i,
  output logic [63:0]             m_axi_awaddr_o,
  output logic [7:0]              m_axi_awlen_o,
  output logic [2:0]              m_axi_awsize_o,
  output logic [1:0]              m_axi_awburst_o,
  output logic                    m_axi_wvalid_o,
  input  logic                    m_axi_wready_i,
  output logic [DataWidth-1:0]    m_axi_wdata_o,
  output logic [DataWidth/8-1:0]  m_axi_wstrb_o,
  output logic                    m_axi_wlast_o,
  input  logic                    m_axi_bvalid_i,
  output logic                    m_axi_bready_o,
  input  logic [1:0]              m_axi_bresp_i,
  output logic                    m_axi_arvalid_o,
  input  logic                    m_axi_arready_i,
  output logic [63:0]             m_axi_araddr_o,
  output logic [7:0]              m_axi_arlen_o,
  output logic [2:0]              m_axi_arsize_o,
  output logic [1:0]              m_axi_arburst_o,
  input  logic                    m_axi_rvalid_i,
  output logic                    m_axi_rready_o,
  input  logic [DataWidth-1:0]    m_axi_rdata_i,
  input  logic [1:0]              m_axi_rresp_i,
  input  logic                    m_axi_rlast_i,

  // Doorbells out.
  output logic                    db_valid_o,
  input  logic                    db_ready_i,
  output logic [15:0]             db_peer_o,
  output logic [15:0]             db_value_o,
  output logic                    db_word_o,               // one write of the whole register

  // Notifications in.
  input  logic                    ntf_valid_i,
  output logic                    ntf_ready_o,
  input  logic [10:0]             ntf_vector_i,

  // Function reset: machine or hot reset.
  input  logic                    frst_valid_i,
  output logic                    frst_ready_o,

  // What became of a notification or a pending vector; for counters and error reporting.
  output logic                    evt_valid_o,
  output logic [2:0]              evt_kind_o,
  output logic [10:0]             evt_vector_o,
  output logic                    err_ur_o,
  output logic                    err_malformed_o,
  output logic                    err_poisoned_o,
  output logic                    err_memory_o,            // the memory refused a write
  output logic                    busy_o                   // 0: without input nothing will happen
);
  localparam int MaxVectors = Vectors == 0 ? 1 : Vectors;
  localparam int MemoryLog2 = $clog2(MemoryBytes);
  localparam int PayloadLog2 = $clog2(MaxPayloadBytes);

  `IVSHMEM_REQUIRE(gen_width, DataWidth == 64 || DataWidth == 128 || DataWidth == 256,
    (1, "ivshmem_endpoint: DataWidth = %0d: must be 64, 128 or 256", DataWidth))
  `IVSHMEM_REQUIRE(gen_vectors, Vectors >= 0 && Vectors <= ivshmem_regs_pkg::MaxVectors,
    (1, "ivshmem_endpoint: Vectors = %0d: must be from 0 to %0d",
     Vectors, ivshmem_regs_pkg::MaxVectors))
  `IVSHMEM_REQUIRE(gen_memory, MemoryBytes >= ivshmem_regs_pkg::MinMemoryBytes &&
                   MemoryBytes <= ivshmem_regs_pkg::MaxMemoryBytes &&
                   (MemoryBytes & (MemoryBytes - 1)) == 0,
    (1, "ivshmem_endpoint: MemoryBytes = %0d: must be a power of two from %0d to %0d",
     MemoryBytes, ivshmem_regs_pkg::MinMemoryBytes, ivshmem_regs_pkg::MaxMemoryBytes))
  `IVSHMEM_REQUIRE(gen_intx, !Intx || (Legacy && Vectors == 0),
    (1, "ivshmem_endpoint: Intx = 1: needs Legacy = 1 and Vectors = 0"))
  `IVSHMEM_REQUIRE(gen_payload, MaxPayloadBytes >= 128 && MaxPayloadBytes <= 4096 &&
                   (MaxPayloadBytes & (MaxPayloadBytes - 1)) == 0,
    (1, "ivshmem_endpoint: MaxPayloadBytes = %0d: must be a power of two from 128 to 4096",
     MaxPayloadBytes))

  ivshmem_core #(
    .DataWidth (DataWidth),
    .MaxVectors(MaxVectors)
  ) u_core (
    .clk_i,
    .rst_ni,
    .cfg_vectors_i         (Vectors[11:0]),
    .cfg_memory_log2_i     (MemoryLog2[5:0]),
    .cfg_legacy_i          (Legacy),
    .cfg_intx_i            (Intx),
    .cfg_express_i         (Express),
    .cfg_max_payload_log2_i(PayloadLog2[3:0]),
    .cfg_flush_i           (1'b1),
    .iv_position_i,
    .rx_valid_i,
    .rx_ready_o,
    .rx_hdr_i,
    .rx_data_i,
    .rx_strb_i,
    .rx_sop_i,
    .rx_eop_i,
    .rx_done_o,
    .tx_cpl_valid_o,
    .tx_cpl_ready_i,
    .tx_cpl_hdr_o,
    .tx_cpl_data_o,
    .tx_cpl_strb_o,
    .tx_cpl_sop_o,
    .tx_cpl_eop_o,
    .tx_cpl_err_o,
    .tx_msg_valid_o,
    .tx_msg_ready_i,
    .tx_msg_hdr_o,
    .tx_msg_data_o,
    .tx_msg_strb_o,
    .tx_msg_sop_o,
    .tx_msg_eop_o,
    .m_axi_awvalid_o,
    .m_axi_awready_i,
    .m_axi_awaddr_o,
    .m_axi_awlen_o,
    .m_axi_awsize_o,
    .m_axi_awburst_o,
    .m_axi_wvalid_o,
    .m_axi_wready_i,
    .m_axi_wdata_o,
    .m_axi_wstrb_o,
    .m_axi_wlast_o,
    .m_axi_bvalid_i,
    .m_axi_bready_o,
    .m_axi_bresp_i,
    .m_axi_arvalid_o,
    .m_axi_arready_i,
    .m_axi_araddr_o,
    .m_axi_arlen_o,
    .m_axi_arsize_o,
    .m_axi_arburst_o,
    .m_axi_rvalid_i,
    .m_axi_rready_o,
    .m_axi_rdata_i,
    .m_axi_rresp_i,
    .m_axi_rlast_i,
    .db_valid_o,
    .db_ready_i,
    .db_peer_o,
    .db_value_o,
    .db_word_o,
    .ntf_valid_i,
    .ntf_ready_o,
    .ntf_vector_i,
    .frst_valid_i,
    .frst_ready_o,
    .evt_valid_o,
    .evt_kind_o,
    .evt_vector_o,
    .err_ur_o,
    .err_malformed_o,
    .err_poisoned_o,
    .err_memory_o,
    .busy_o
  );
endmodule
