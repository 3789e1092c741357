# Installation and packages. gwtop finds the other programs beside itself or in ../libexec/gwtop, so any prefix works, a home directory too.
# The tarball brings its libraries along in lib/gwtop. DT_RPATH and not RUNPATH, since those libraries find each other the same way.
foreach(program gwtop gwtop-recorder gwtop-sim)
  if(TARGET ${program})
    target_link_options(${program} PRIVATE -Wl,--disable-new-dtags)
    set_target_properties(${program} PROPERTIES BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH
      "$<IF:$<STREQUAL:${program},gwtop>,$ORIGIN/../lib/gwtop,$ORIGIN/../../lib/gwtop>")
  endif()
endforeach()
if(TARGET gwtop)
  install(TARGETS gwtop RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
foreach(program gwtop-recorder gwtop-sim)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION ${GWTOP_LIBEXECDIR})
  endif()
endforeach()

foreach(section 1 5 8)
  file(GLOB pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/man/*.${section})
  install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
# The built-in profiles, themes and prices are inside the programs; these copies are what one begins with when writing one's own.
file(GLOB docs CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/docs/ARCHITECTURE.md)
install(FILES ${docs} ${PROJECT_SOURCE_DIR}/src/config/defaults.yaml ${PROJECT_SOURCE_DIR}/data/prices.txt
  DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/src/source/profiles ${PROJECT_SOURCE_DIR}/themes ${PROJECT_SOURCE_DIR}/examples
  DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN *.yaml)
install(FILES ${PROJECT_SOURCE_DIR}/packaging/gwtop.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME gwtop)
install(FILES ${PROJECT_SOURCE_DIR}/packaging/gwtop-recorder.service DESTINATION lib/systemd/system)

set(CPACK_PACKAGE_NAME gwtop)
set(CPACK_PACKAGE_VENDOR "gwtop authors")
set(CPACK_PACKAGE_CONTACT "gwtop authors <maintainers@gwtop.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_DESCRIPTION "A terminal console for the engineer on call: traffic, latency, cost burn, quality and incidents of an LLM
gateway, live or at any past moment. A recorder polls the gateway's metrics and keeps their history in SQLite.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_GENERATOR DEB TGZ)
set(CPACK_STRIP_FILES ON)
set(CPACK_SYSTEM_NAME linux-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_SOURCE_GENERATOR "")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "ncurses-base")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates, ncurses-term")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/packaging/postinst ${PROJECT_SOURCE_DIR}/packaging/prerm)
set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_SOURCE_DIR}/cmake/package.cmake)
# Debian wants the licence beside the documentation under this name.
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
include(CPack)
