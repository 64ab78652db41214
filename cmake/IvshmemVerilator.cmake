# SPDX-License-Identifier: Apache-2.0
#
# Decides whether the RTL is built: IVSHMEM_BUILD_RTL, ON where a good Verilator is found.

set(ivshmem_verilator_wanted 5.006)
find_package(verilator ${ivshmem_verilator_wanted} QUIET HINTS $ENV{VERILATOR_ROOT})
find_package(ZLIB QUIET)
set(ivshmem_rtl_missing "")
if(NOT verilator_FOUND AND verilator_CONSIDERED_VERSIONS)
  set(ivshmem_rtl_missing "Verilator ${verilator_CONSIDERED_VERSIONS} found, needed is 5.006 or newer")
elseif(NOT verilator_FOUND)
  set(ivshmem_rtl_missing "no Verilator found, needed is 5.006 or newer")
elseif(NOT ZLIB_FOUND)
  set(ivshmem_rtl_missing "no zlib found")
endif()

if(ivshmem_rtl_missing)
  set(ivshmem_rtl_default OFF)
else()
  set(ivshmem_rtl_default ON)
endif()
option(IVSHMEM_BUILD_RTL "Build the RTL endpoint (needs Verilator 5.006)" ${ivshmem_rtl_default})
option(IVSHMEM_RTL_TRACE "Compile waveform capture into the RTL" ON)
set(IVSHMEM_RTL_COVERAGE OFF CACHE STRING
  "Coverage to compile into the RTL: OFF, ON (line and user) or toggle")
set_property(CACHE IVSHMEM_RTL_COVERAGE PROPERTY STRINGS OFF ON toggle)
if(NOT IVSHMEM_RTL_COVERAGE MATCHES "^(OFF|ON|toggle)$")
  message(FATAL_ERROR
    "ivshmem: IVSHMEM_RTL_COVERAGE is \"${IVSHMEM_RTL_COVERAGE}\": must be OFF, ON or toggle")
endif()
set(IVSHMEM_RTL_DIR ${CMAKE_CURRENT_SOURCE_DIR}/rtl_bridge/rtl CACHE PATH
  "Folder of the SystemVerilog files; another one for experiments such as mutations")
mark_as_advanced(IVSHMEM_RTL_DIR IVSHMEM_RTL_TRACE)

if(IVSHMEM_BUILD_RTL AND ivshmem_rtl_missing)
  message(FATAL_ERROR
    "ivshmem: IVSHMEM_BUILD_RTL is ON, but ${ivshmem_rtl_missing}. Install verilator and "
    "zlib1g-dev, or configure with -DIVSHMEM_BUILD_RTL=OFF.")
elseif(NOT IVSHMEM_BUILD_RTL)
  if(NOT ivshmem_rtl_missing)
    set(ivshmem_rtl_missing "IVSHMEM_BUILD_RTL is OFF")
  endif()
  message(STATUS "ivshmem: without the RTL endpoint: ${ivshmem_rtl_missing}")
endif()
