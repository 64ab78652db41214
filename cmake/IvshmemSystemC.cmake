# SPDX-License-Identifier: Apache-2.0
#
# Defines the imported target ivshmem::systemc, from SystemC's own CMake package or, where there is
# none (Debian), from pkg-config. Used by this build and, installed, by the package's consumers.

find_package(SystemCLanguage CONFIG QUIET GLOBAL)
if(SystemCLanguage_FOUND)
  set(ivshmem_systemc_version ${SystemCLanguage_VERSION})
  set(ivshmem_systemc_target SystemC::systemc)
else()
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(IVSHMEM_SYSTEMC QUIET IMPORTED_TARGET GLOBAL systemc)
  endif()
  if(NOT IVSHMEM_SYSTEMC_FOUND)
    message(FATAL_ERROR
      "ivshmem: SystemC not found: neither its CMake package (SystemCLanguage) nor pkg-config "
      "'systemc'. Install libsystemc-dev, or put SystemC's prefix into CMAKE_PREFIX_PATH.")
  endif()
  set(ivshmem_systemc_version ${IVSHMEM_SYSTEMC_VERSION})
  set(ivshmem_systemc_target PkgConfig::IVSHMEM_SYSTEMC)
endif()

if(NOT ivshmem_systemc_version MATCHES "^(2\\.3\\.4|3\\.0\\.)")
  message(FATAL_ERROR
    "ivshmem: SystemC ${ivshmem_systemc_version} found; supported are 2.3.4 and 3.0.x")
endif()

# libsystemc's symbols carry the C++ dialect it was built with; ours is C++17. Say so here, not at
# the link of the first program.
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/ivshmem_systemc_check.cpp
  "#include <systemc>\nint sc_main(int, char**) { return 0; }\n")
try_compile(IVSHMEM_SYSTEMC_IS_CXX17 ${CMAKE_CURRENT_BINARY_DIR}/ivshmem_systemc_check
  SOURCES ${CMAKE_CURRENT_BINARY_DIR}/ivshmem_systemc_check.cpp
  LINK_LIBRARIES ${ivshmem_systemc_target}
  CXX_STANDARD 17 CXX_STANDARD_REQUIRED ON
  OUTPUT_VARIABLE ivshmem_systemc_output)
if(NOT IVSHMEM_SYSTEMC_IS_CXX17)
  unset(IVSHMEM_SYSTEMC_IS_CXX17 CACHE)
  message(FATAL_ERROR
    "ivshmem: a C++17 program does not link with SystemC ${ivshmem_systemc_version}. Was it built "
    "for another C++ standard? Build it with -DCMAKE_CXX_STANDARD=17.\n${ivshmem_systemc_output}")
endif()

add_library(ivshmem::systemc INTERFACE IMPORTED GLOBAL)
set(ivshmem_consumer_standard $<TARGET_PROPERTY:CXX_STANDARD>)
set(ivshmem_consumer_is_17 $<STREQUAL:${ivshmem_consumer_standard},17>)
set(ivshmem_consumer_is_other
  $<AND:$<BOOL:${ivshmem_consumer_standard}>,$<NOT:${ivshmem_consumer_is_17}>>)
# For a consumer of another dialect the second item names a target that does not exist: CMake
# stops with that name as its message. $<TARGET_PROPERTY:...> is the consumer's own.
target_link_libraries(ivshmem::systemc INTERFACE ${ivshmem_systemc_target}
  "$<${ivshmem_consumer_is_other}:ivshmem::SystemC was built as C++17, set CXX_STANDARD 17 for target $<TARGET_PROPERTY:NAME>>")
