# SPDX-License-Identifier: MIT
# The console on pseudo-terminals. One recorded demo serves all cases.
find_package(Python3 COMPONENTS Interpreter)
function(gwtop_terminal_case case)
  add_test(NAME terminal_${case} COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/terminal.py ${case})
  set_tests_properties(terminal_${case} PROPERTIES TIMEOUT 600
    ENVIRONMENT "GWTOP_BUILD=${PROJECT_BINARY_DIR};GWTOP_STORE=${PROJECT_BINARY_DIR}/tests/terminal-store/t.db;PYTHONDONTWRITEBYTECODE=1")
endfunction()
if(Python3_FOUND AND TARGET gwtop AND TARGET gwtop-sim AND TARGET gwtop-recorder)
  gwtop_terminal_case(make_store)
  set_tests_properties(terminal_make_store PROPERTIES FIXTURES_SETUP terminal_store)
  foreach(case ways_out crash_anywhere errors suspend gone sizes resize_storm kinds no_terminal plain early_keys locale no_color hostile)
    gwtop_terminal_case(${case})
    set_tests_properties(terminal_${case} PROPERTIES FIXTURES_REQUIRED terminal_store)
  endforeach()
endif()
