# SPDX-License-Identifier: Apache-2.0
#
# The installed package: find_package(ivshmem), and pkg-config ivshmem, ivshmem-tlm and ivshmem-rtl.
# The libraries, one component each, are installed by ivshmem_add_library.
include(CMakePackageConfigHelpers)
set(ivshmem_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/ivshmem)

configure_package_config_file(cmake/ivshmem-config.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/ivshmem-config.cmake INSTALL_DESTINATION ${ivshmem_package_dir})
write_basic_package_version_file(
  ${CMAKE_CURRENT_BINARY_DIR}/ivshmem-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${CMAKE_CURRENT_BINARY_DIR}/ivshmem-config.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/ivshmem-config-version.cmake
  cmake/IvshmemSystemC.cmake
  DESTINATION ${ivshmem_package_dir})

# An installed .pc file finds its own prefix, so the tree may be moved.
file(RELATIVE_PATH ivshmem_pc_prefix
  ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
set(ivshmem_pc_packages ivshmem ivshmem-tlm)
if(TARGET ivshmem::rtl)
  list(APPEND ivshmem_pc_packages ivshmem-rtl)
  # The same that rtl_bridge/CMakeLists.txt links.
  set(ivshmem_pc_rtl_requires "")
  set(ivshmem_pc_rtl_libs "")
  if(IVSHMEM_RTL_TRACE)
    set(ivshmem_pc_rtl_requires zlib)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    set(ivshmem_pc_rtl_libs -latomic)
  endif()
endif()
foreach(package IN LISTS ivshmem_pc_packages)
  configure_file(cmake/${package}.pc.in ${CMAKE_CURRENT_BINARY_DIR}/${package}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${package}.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
