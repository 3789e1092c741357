# SPDX-License-Identifier: MIT
# The recorder as a program: detached, refused a second time, stopped, killed; and probe's exit codes.
if(TARGET gwtop-recorder)
  find_package(Threads REQUIRED)
  add_executable(session_recorder ${CMAKE_CURRENT_LIST_DIR}/session_recorder.c ${PROJECT_SOURCE_DIR}/tests/faults/fault_server.c)
  target_include_directories(session_recorder PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(session_recorder PRIVATE gw_store PkgConfig::CHECK Threads::Threads)
  add_test(NAME session_recorder COMMAND session_recorder $<TARGET_FILE:gwtop-recorder>)
  set_tests_properties(session_recorder PROPERTIES ENVIRONMENT "CK_DEFAULT_TIMEOUT=180;LC_ALL=C.UTF-8;TZ=UTC" TIMEOUT 900)
endif()
