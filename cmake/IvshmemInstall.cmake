# SPDX-License-Identifier: Apache-2.0
#
# The installed package: find_package(ivshmem), and pkg-config ivshmem and ivshmem-tlm.
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
foreach(package IN ITEMS ivshmem ivshmem-tlm)
  configure_file(cmake/${package}.pc.in ${CMAKE_CURRENT_BINARY_DIR}/${package}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${package}.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
