# SPDX-License-Identifier: Apache-2.0
#
# Looks for Accellera CCI, from its CMake package or, where SystemC has none beside it (Debian), by its
# header and library. Sets IVSHMEM_CCI_FOUND and defines the imported target ivshmem::accellera_cci.
# Used by this build and, installed, by the package's consumers; after IvshmemSystemC.cmake.

find_package(SystemCCCI CONFIG QUIET GLOBAL)
if(NOT TARGET SystemC::cci)
  find_path(IVSHMEM_CCI_INCLUDE cci_configuration DOC "Optional: the headers of Accellera CCI")
  find_library(IVSHMEM_CCI_LIBRARY NAMES cci-config cciapi DOC "Optional: the library of Accellera CCI")
  mark_as_advanced(IVSHMEM_CCI_INCLUDE IVSHMEM_CCI_LIBRARY)
endif()

set(IVSHMEM_CCI_FOUND FALSE)
if(TARGET ivshmem::accellera_cci)
  set(IVSHMEM_CCI_FOUND TRUE)
elseif(TARGET SystemC::cci)
  add_library(ivshmem::accellera_cci INTERFACE IMPORTED GLOBAL)
  target_link_libraries(ivshmem::accellera_cci INTERFACE SystemC::cci ivshmem::systemc)
  set(IVSHMEM_CCI_FOUND TRUE)
elseif(IVSHMEM_CCI_INCLUDE AND IVSHMEM_CCI_LIBRARY)
  add_library(ivshmem::accellera_cci INTERFACE IMPORTED GLOBAL)
  target_include_directories(ivshmem::accellera_cci SYSTEM INTERFACE ${IVSHMEM_CCI_INCLUDE})
  target_link_libraries(ivshmem::accellera_cci INTERFACE ${IVSHMEM_CCI_LIBRARY} ivshmem::systemc)
  set(IVSHMEM_CCI_FOUND TRUE)
endif()
