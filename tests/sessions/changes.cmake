# SPDX-License-Identifier: MIT
# Changes and status pages, as servers and files tell them well and badly, through the real programs.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND AND TARGET gwtop AND TARGET gwtop-recorder)
  add_test(NAME session_changes COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/changes.py)
  set_tests_properties(session_changes PROPERTIES TIMEOUT 600 ENVIRONMENT "GWTOP_BUILD=${PROJECT_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1")
endif()
