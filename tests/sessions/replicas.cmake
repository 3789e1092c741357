# SPDX-License-Identifier: MIT
# Recorder, store and one-shot commands over pages of two replicas and an engine.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND AND TARGET gwtop AND TARGET gwtop-recorder)
  add_test(NAME session_replicas COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/replicas.py)
  set_tests_properties(session_replicas PROPERTIES TIMEOUT 600 ENVIRONMENT "GWTOP_BUILD=${PROJECT_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1")
endif()
