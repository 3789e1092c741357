# SPDX-License-Identifier: MIT
# gwtop prices update from files and over HTTP, and what show and cost say then.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND AND TARGET gwtop AND TARGET gwtop-recorder)
  add_test(NAME session_prices COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/prices.py ${PROJECT_BINARY_DIR})
  set_tests_properties(session_prices PROPERTIES TIMEOUT 300 ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
endif()
