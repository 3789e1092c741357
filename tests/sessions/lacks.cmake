# SPDX-License-Identifier: MIT
# Recorder, store and one-shot commands over a page that loses parts of itself.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND AND TARGET gwtop AND TARGET gwtop-recorder)
  add_test(NAME session_lacks COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/lacks.py)
  set_tests_properties(session_lacks PROPERTIES TIMEOUT 600 ENVIRONMENT "GWTOP_BUILD=${PROJECT_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1")
endif()
