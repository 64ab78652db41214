# SPDX-License-Identifier: Apache-2.0
#
# What is installed, in three installation components:
#   dev       libraries, headers, find_package(ivshmem), pkg-config ivshmem and one for each other library;
#             ivshmem_add_library installs the libraries
#   programs  the programs and their completion in bash; ivshmem_add_program installs them
#   doc       pages, API reference, examples with their scenarios, licence
include(CMakePackageConfigHelpers)
set(ivshmem_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/ivshmem)

configure_package_config_file(cmake/ivshmem-config.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/ivshmem-config.cmake INSTALL_DESTINATION ${ivshmem_package_dir})
write_basic_package_version_file(
  ${CMAKE_CURRENT_BINARY_DIR}/ivshmem-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${CMAKE_CURRENT_BINARY_DIR}/ivshmem-config.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/ivshmem-config-version.cmake
  cmake/IvshmemCci.cmake
  cmake/IvshmemSystemC.cmake
  DESTINATION ${ivshmem_package_dir} COMPONENT dev)

# An installed .pc file finds its own prefix, so the tree may be moved.
file(RELATIVE_PATH ivshmem_pc_prefix
  ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
set(ivshmem_pc_packages ivshmem)
if(TARGET ivshmem::tlm)
  list(APPEND ivshmem_pc_packages ivshmem-tlm)
endif()
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
if(TARGET ivshmem::cci)
  list(APPEND ivshmem_pc_packages ivshmem-cci)
  # CCI has no .pc file of its own, so its place is written down.
  if(TARGET SystemC::cci)
    get_target_property(ivshmem_pc_cci_library SystemC::cci LOCATION)
    get_target_property(ivshmem_pc_cci_include SystemC::cci INTERFACE_INCLUDE_DIRECTORIES)
    string(REPLACE ";" " -I" ivshmem_pc_cci_include "${ivshmem_pc_cci_include}")
  else()
    set(ivshmem_pc_cci_library ${IVSHMEM_CCI_LIBRARY})
    set(ivshmem_pc_cci_include ${IVSHMEM_CCI_INCLUDE})
  endif()
endif()
foreach(package IN LISTS ivshmem_pc_packages)
  configure_file(cmake/${package}.pc.in ${CMAKE_CURRENT_BINARY_DIR}/${package}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${package}.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT dev)
endforeach()

foreach(program IN ITEMS ivshmem-sim ivshmem-server)
  if(TARGET ${program})
    install(FILES tools/completion/ivshmem.bash RENAME ${program} COMPONENT programs
      DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  endif()
endforeach()

# The pages keep their place beside the examples, so that the links between them work.
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT doc)
install(DIRECTORY docs examples DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT doc
  PATTERN Doxyfile EXCLUDE)
if(IVSHMEM_DOXYGEN)
  add_custom_target(api_reference ALL
    ${PROJECT_SOURCE_DIR}/scripts/api-reference ${CMAKE_CURRENT_BINARY_DIR}/api
    COMMENT "Writing the API reference" VERBATIM)
  install(DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/api OPTIONAL COMPONENT doc
    DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs)
endif()
