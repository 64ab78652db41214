# SPDX-License-Identifier: Apache-2.0
#
# The two kinds of target that a folder declares. Tests: see testbench/CMakeLists.txt.

# ivshmem_add_library(<name> SOURCES <file>... HEADERS <file>... [LIBS <target>...])
#
# The static library ivshmem::<name>. HEADERS are the public ones, under include/ivshmem/;
# SOURCES and private headers stay in src/. LIBS are public; for others call
# target_link_libraries(ivshmem_<name> PRIVATE ...) afterwards. Installed as the component <name> of
# find_package(ivshmem), in the installation component `dev`.
function(ivshmem_add_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;HEADERS;LIBS")
  set(target ivshmem_${name})
  add_library(${target} STATIC)
  add_library(ivshmem::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON)
  target_sources(${target}
    PRIVATE ${arg_SOURCES}
    PUBLIC FILE_SET HEADERS BASE_DIRS include FILES ${arg_HEADERS})
  target_compile_features(${target} PUBLIC cxx_std_17)
  target_link_libraries(${target} PUBLIC ${arg_LIBS} PRIVATE $<BUILD_INTERFACE:ivshmem_build>)
  if(IVSHMEM_INSTALL)
    install(TARGETS ${target} EXPORT ivshmem-${name}-targets
      ARCHIVE COMPONENT dev FILE_SET HEADERS COMPONENT dev)
    install(EXPORT ivshmem-${name}-targets NAMESPACE ivshmem:: COMPONENT dev
      DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/ivshmem)
  endif()
endfunction()

# ivshmem_add_program(<name> SOURCES <file>... [LIBS <target>...])
#
# The program <name>, in the installation component `programs`; in the build tree it is bin/<name>.
function(ivshmem_add_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBS")
  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  target_link_libraries(${name} PRIVATE ${arg_LIBS} ivshmem_build)
  if(IVSHMEM_INSTALL)
    install(TARGETS ${name} RUNTIME COMPONENT programs)
  endif()
endfunction()
