# SPDX-License-Identifier: MIT
# A demo's spend as its gateway books it, beside what its tokens cost by the demo's prices.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND AND TARGET gwtop AND TARGET gwtop-recorder AND TARGET gwtop-sim)
  add_test(NAME session_spend COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/spend.py ${PROJECT_BINARY_DIR})
  set_tests_properties(session_spend PROPERTIES TIMEOUT 300 ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
endif()
