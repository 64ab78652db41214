# SPDX-License-Identifier: Apache-2.0
#
# How this project compiles itself. Nothing here reaches a consumer.

# Warnings: an interface target, never a global flag.
add_library(ivshmem_build INTERFACE)
target_compile_options(ivshmem_build INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor
  $<$<BOOL:${IVSHMEM_WERROR}>:-Werror>)
# SystemC 2.3.4 needs SC_HAS_PROCESS; SystemC 3.0, which does not, says that it is deprecated.
target_compile_definitions(ivshmem_build INTERFACE SC_ALLOW_DEPRECATED_IEEE_API)

# A sanitizer must see every object of a program, generated code included: directory options.
if(IVSHMEM_SANITIZE STREQUAL "address")
  set(ivshmem_sanitize -fsanitize=address,undefined -fno-sanitize-recover=all)
elseif(IVSHMEM_SANITIZE STREQUAL "thread")
  set(ivshmem_sanitize -fsanitize=thread)
elseif(NOT IVSHMEM_SANITIZE STREQUAL "")
  message(FATAL_ERROR
    "ivshmem: IVSHMEM_SANITIZE is \"${IVSHMEM_SANITIZE}\": must be empty, address or thread")
endif()
if(IVSHMEM_SANITIZE)
  # -g1: a report needs functions and lines, no variables.
  add_compile_options(${ivshmem_sanitize} -fno-omit-frame-pointer -g1)
  add_link_options(${ivshmem_sanitize})
endif()

# The compiler cache. An object must not depend on where the clone stands: paths are relative to
# the source folder, in the debug information as in the cache's keys.
if(PROJECT_IS_TOP_LEVEL AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(IVSHMEM_CCACHE ccache)
  mark_as_advanced(IVSHMEM_CCACHE)
  if(IVSHMEM_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${IVSHMEM_CCACHE})
    add_compile_options("-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.")
  endif()
endif()
