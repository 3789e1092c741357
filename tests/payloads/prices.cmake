# SPDX-License-Identifier: MIT
# The public price list, where it is at hand: our reading of it against one by Python's decimal, and the shipped list against both.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND AND TARGET gwtop AND TARGET gwtop-recorder)
  add_test(NAME payloads_prices COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/prices.py ${PROJECT_BINARY_DIR}
    ${PROJECT_SOURCE_DIR}/../shared/payloads)
  set_tests_properties(payloads_prices PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 900 ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
endif()
