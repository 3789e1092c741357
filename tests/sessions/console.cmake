# The console driven by keys, on a terminal that exists in memory only.
if(TARGET gw_console)
  add_executable(session_console console_session.c console_keys.c console_life.c console_fake_terminal.c)
  target_include_directories(session_console PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(session_console PRIVATE gw_console PkgConfig::CHECK)
  add_test(NAME session_console COMMAND session_console)
  set_tests_properties(session_console PROPERTIES ENVIRONMENT "CK_DEFAULT_TIMEOUT=120;LC_ALL=C.UTF-8;TZ=UTC" TIMEOUT 900)
endif()
