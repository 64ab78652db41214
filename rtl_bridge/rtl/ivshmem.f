// SPDX-License-Identifier: Apache-2.0
//
// The files of the RTL, in the order in which a tool without its own search has to read them:
// packages first. CMake, the proofs and the checks read this list too.
ivshmem_timing_pkg.sv
ivshmem_regs_pkg.sv
ivshmem_tlp_pkg.sv
ivshmem_fifo.sv
ivshmem_length.sv
ivshmem_receive.sv
ivshmem_decode.sv
ivshmem_request.sv
ivshmem_config.sv
ivshmem_registers.sv
ivshmem_lowest.sv
ivshmem_msix.sv
ivshmem_messages.sv
ivshmem_memory.sv
ivshmem_completions.sv
ivshmem_flush.sv
ivshmem_position.sv
ivshmem_piece.sv
ivshmem_execute.sv
ivshmem_core.sv
ivshmem_endpoint.sv
ivshmem_tlp_merge.sv
ivshmem_axis_adapter.sv
