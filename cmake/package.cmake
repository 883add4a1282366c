# What `cmake --install` puts where, and the Debian package of it (CPack; `./dev package`).
include(GNUInstallDirs)
if(NOT TARGET fairlead)
  return()
endif()
set(FAIRLEAD_MAINTAINER "Fairlead maintainers <fairlead@localhost.localdomain>" CACHE STRING "Name and address in the Debian package")
set(fairlead_made ${CMAKE_BINARY_DIR}/package)
file(MAKE_DIRECTORY ${fairlead_made})

# fairlead_gzip(SOURCE NAME): NAME.gz in fairlead_made, the same from the same source.
function(fairlead_gzip source name)
  execute_process(COMMAND gzip -9nc ${source} OUTPUT_FILE ${fairlead_made}/${name}.gz COMMAND_ERROR_IS_FATAL ANY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
endfunction()

install(TARGETS fairlead RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR})
foreach(page fairlead.8 Corefile.5)
  fairlead_gzip(${CMAKE_SOURCE_DIR}/docs/man/${page} ${page})
  string(REGEX MATCH "[0-9]$" section ${page})
  install(FILES ${fairlead_made}/${page}.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
install(FILES packaging/sysusers.conf DESTINATION lib/sysusers.d RENAME fairlead.conf)
install(CODE "set(fairlead_source ${CMAKE_SOURCE_DIR})")
install(SCRIPT cmake/install_service.cmake)

set(CPACK_GENERATOR DEB)
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_NAME fairlead)
set(CPACK_PACKAGE_CONTACT ${FAIRLEAD_MAINTAINER})
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR})
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "systemd | systemd-standalone-sysusers, procps, ca-certificates")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "DNS server for the names of a Kubernetes cluster")
set(CPACK_PACKAGE_DESCRIPTION "Fairlead reads the Corefile that CoreDNS reads, and answers what CoreDNS
answers: the names of a cluster's services, endpoints and pods from memory,
all others from a cache and upstream servers over UDP, TCP, TLS and HTTPS.

It has CoreDNS's flags, ports, log lines and metric names, and needs a
fraction of its CPU and memory.")
set(fairlead_control ${CMAKE_SOURCE_DIR}/packaging/debian)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  "${fairlead_control}/conffiles;${fairlead_control}/postinst;${fairlead_control}/prerm;${fairlead_control}/postrm")

string(TIMESTAMP fairlead_changelog_date "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(packaging/debian/changelog.in package/changelog.Debian @ONLY)
fairlead_gzip(${fairlead_made}/changelog.Debian changelog.Debian)
fairlead_gzip(${CMAKE_SOURCE_DIR}/CHANGELOG.md changelog)
install(FILES packaging/debian/copyright ${fairlead_made}/changelog.Debian.gz ${fairlead_made}/changelog.gz
  DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES packaging/debian/lintian-overrides DESTINATION share/lintian/overrides RENAME fairlead)
include(CPack)
