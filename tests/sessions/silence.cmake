# SPDX-License-Identifier: MIT
# gwtop silence against an Alertmanager on loopback that answers well, badly and not at all.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND AND TARGET gwtop AND TARGET gwtop-recorder)
  add_test(NAME session_silence COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/silence.py)
  set_tests_properties(session_silence PROPERTIES TIMEOUT 300 ENVIRONMENT "GWTOP_BUILD=${PROJECT_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1")
endif()
