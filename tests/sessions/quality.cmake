# SPDX-License-Identifier: MIT
# A drift of scores, from an application's page to what is said of it.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND AND TARGET gwtop AND TARGET gwtop-recorder)
  add_test(NAME session_quality COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/quality.py)
  set_tests_properties(session_quality PROPERTIES TIMEOUT 300 ENVIRONMENT "GWTOP_BUILD=${PROJECT_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1;TZ=UTC")
endif()
