# SPDX-License-Identifier: MIT
# The price of electricity and its carbon from a source of the user's own.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND AND TARGET gwtop AND TARGET gwtop-recorder)
  add_test(NAME session_hosting COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/hosting.py)
  set_tests_properties(session_hosting PROPERTIES TIMEOUT 300 ENVIRONMENT "GWTOP_BUILD=${PROJECT_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1")
endif()
