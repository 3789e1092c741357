# SPDX-License-Identifier: MIT
# Canaries against a server on loopback that speaks chat completions, well and badly.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND AND TARGET gwtop AND TARGET gwtop-recorder)
  add_test(NAME session_canary COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/canary.py)
  set_tests_properties(session_canary PROPERTIES TIMEOUT 600 ENVIRONMENT "GWTOP_BUILD=${PROJECT_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1")
endif()
