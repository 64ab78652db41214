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
target_link_libraries(ivshmem::systemc INTERFACE ${ivshmem_systemc_target})

# Refuses, when the project has been read, each target of another dialect that links SystemC: that
# of the property CXX_STANDARD, without one that of the compiler.
function(ivshmem_check_dialects folder)
  get_property(folders DIRECTORY ${folder} PROPERTY SUBDIRECTORIES)
  foreach(one IN LISTS folders)
    ivshmem_check_dialects(${one})
  endforeach()
  get_property(targets DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    ivshmem_links_systemc(${target} links_systemc)
    if(NOT links_systemc OR type STREQUAL INTERFACE_LIBRARY)
      continue()
    endif()
    get_target_property(standard ${target} CXX_STANDARD)
    set(said "CXX_STANDARD ${standard}")
    if(NOT standard)
      set(standard ${CMAKE_CXX_STANDARD_DEFAULT})
      set(said "no CXX_STANDARD, and C++${standard} is this compiler's default")
    endif()
    if(NOT standard EQUAL 17)
      message(FATAL_ERROR
        "ivshmem: target ${target} has ${said}: must be 17, as SystemC was built. Use "
        "set(CMAKE_CXX_STANDARD 17) before the target, or its property CXX_STANDARD.")
    endif()
  endforeach()
endfunction()

# Whether a target links ivshmem::systemc, by itself or through others.
function(ivshmem_links_systemc target result)
  set(reached ${target})
  set(left ${target})
  while(left)
    list(POP_FRONT left one)
    foreach(property IN ITEMS LINK_LIBRARIES INTERFACE_LINK_LIBRARIES)
      get_target_property(libraries ${one} ${property})
      foreach(library IN LISTS libraries)
        string(REGEX REPLACE "^\\$<LINK_ONLY:(.*)>$" "\\1" library "${library}")
        if(TARGET "${library}" AND NOT library IN_LIST reached)
          list(APPEND reached "${library}")
          list(APPEND left "${library}")
        endif()
      endforeach()
    endforeach()
  endwhile()
  set(${result} FALSE PARENT_SCOPE)
  if("ivshmem::systemc" IN_LIST reached)
    set(${result} TRUE PARENT_SCOPE)
  endif()
endfunction()

cmake_language(DEFER DIRECTORY ${CMAKE_SOURCE_DIR} CALL ivshmem_check_dialects ${CMAKE_SOURCE_DIR})
