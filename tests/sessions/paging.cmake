# SPDX-License-Identifier: MIT
# Pages through real commands and a webhook on loopback; a recorder killed between commit and delivery; a heartbeat.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND AND TARGET gwtop AND TARGET gwtop-recorder)
  add_test(NAME session_paging COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/paging.py)
  set_tests_properties(session_paging PROPERTIES TIMEOUT 600 ENVIRONMENT "GWTOP_BUILD=${PROJECT_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1")
endif()
