# SPDX-License-Identifier: MIT
# gwtop --plain: fed step by step with a clock that is moved by hand, and as a program whose output goes away.
if(TARGET gw_console AND TARGET gwtop AND TARGET gwtop-recorder)
  add_executable(session_plain plain_session.c plain_lines.c plain_program.c)
  target_include_directories(session_plain PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(session_plain PRIVATE gw_console PkgConfig::CHECK)
  add_test(NAME session_plain COMMAND session_plain $<TARGET_FILE:gwtop>)
  set_tests_properties(session_plain PROPERTIES ENVIRONMENT "CK_DEFAULT_TIMEOUT=120;LC_ALL=C.UTF-8;TZ=UTC" TIMEOUT 900)
endif()
