# SPDX-License-Identifier: MIT
# A drill with a real recorder, and what was said scored.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND AND TARGET gwtop-sim AND TARGET gwtop-recorder)
  add_test(NAME session_drill COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/drill.py ${PROJECT_BINARY_DIR})
  set_tests_properties(session_drill PROPERTIES TIMEOUT 300 ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
endif()
