# Run by `cmake --install` and CPack, which know only then where everything goes: the unit has to name it.
# In: CMAKE_INSTALL_PREFIX, DESTDIR, and fairlead_source, the folder of the sources.
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  set(fairlead_etc /etc/fairlead)
else()
  set(fairlead_etc ${CMAKE_INSTALL_PREFIX}/etc/fairlead)
endif()
set(fairlead_unit $ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/lib/systemd/system/fairlead.service)
message(STATUS "Installing: ${fairlead_unit}")
configure_file(${fairlead_source}/packaging/fairlead.service.in ${fairlead_unit} @ONLY)
if(NOT EXISTS $ENV{DESTDIR}${fairlead_etc}/Corefile)  # somebody's configuration
  file(INSTALL ${fairlead_source}/packaging/Corefile DESTINATION ${fairlead_etc})
endif()
