# SPDX-License-Identifier: Apache-2.0
#
# `cpack -G DEB` in a build folder: one Debian package for each installation component.
set(CPACK_PACKAGE_NAME ivshmem)
set(CPACK_PACKAGE_VENDOR ivshmem-sc)
set(IVSHMEM_PACKAGE_CONTACT "ivshmem-sc maintainers <root@localhost>" CACHE STRING
  "Maintainer in the packages that cpack makes")
mark_as_advanced(IVSHMEM_PACKAGE_CONTACT)
set(CPACK_PACKAGE_CONTACT ${IVSHMEM_PACKAGE_CONTACT})
set(CPACK_COMPONENTS_ALL dev programs doc)
if(NOT IVSHMEM_BUILD_TOOLS)
  list(REMOVE_ITEM CPACK_COMPONENTS_ALL programs)
endif()

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)

set(CPACK_COMPONENT_DEV_DESCRIPTION "ivshmem PCI device: libraries and headers")
set(CPACK_DEBIAN_DEV_PACKAGE_NAME libivshmem-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
# Static libraries: who links them needs what they need.
set(ivshmem_needs "")
if(IVSHMEM_SYSTEMC_FOUND)  # Debian's
  list(APPEND ivshmem_needs libsystemc-dev)
endif()
if(TARGET ivshmem::rtl)
  list(APPEND ivshmem_needs zlib1g-dev)
endif()
list(JOIN ivshmem_needs ", " CPACK_DEBIAN_DEV_PACKAGE_DEPENDS)

set(CPACK_COMPONENT_PROGRAMS_DESCRIPTION "ivshmem PCI device: simulator, server, qtest front end")
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_NAME ivshmem-tools)
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_SECTION utils)
find_program(IVSHMEM_SHLIBDEPS dpkg-shlibdeps DOC "Optional: finds the libraries that programs need")
mark_as_advanced(IVSHMEM_SHLIBDEPS)
if(IVSHMEM_SHLIBDEPS)
  set(CPACK_DEBIAN_PROGRAMS_PACKAGE_SHLIBDEPS ON)
endif()

set(CPACK_COMPONENT_DOC_DESCRIPTION "ivshmem PCI device: documentation and examples")
set(CPACK_DEBIAN_DOC_PACKAGE_NAME ivshmem-doc)
set(CPACK_DEBIAN_DOC_PACKAGE_SECTION doc)
set(CPACK_DEBIAN_DOC_PACKAGE_ARCHITECTURE all)

include(CPack)
