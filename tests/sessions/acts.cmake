# SPDX-License-Identifier: MIT
# What operators say, from the shell through a real recorder, and its audit.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND AND TARGET gwtop AND TARGET gwtop-recorder)
  add_test(NAME session_acts COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/acts.py)
  set_tests_properties(session_acts PROPERTIES TIMEOUT 600 ENVIRONMENT "GWTOP_BUILD=${PROJECT_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1")
endif()
