# SPDX-License-Identifier: MIT
# Scores of evaluation systems, those that are handed in, and those of the demo's applications, through the real programs.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND AND TARGET gwtop AND TARGET gwtop-recorder)
  add_executable(store_sums ${CMAKE_CURRENT_LIST_DIR}/store_sums.c)
  target_link_libraries(store_sums PRIVATE gw_store)
  add_test(NAME session_scores COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/scores.py $<TARGET_FILE:store_sums>)
  set_tests_properties(session_scores PROPERTIES TIMEOUT 600 ENVIRONMENT "GWTOP_BUILD=${PROJECT_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1")
  if(TARGET gwtop-sim)
    add_test(NAME session_mix COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/mix.py $<TARGET_FILE:store_sums> ${PROJECT_BINARY_DIR})
    set_tests_properties(session_mix PROPERTIES TIMEOUT 300 ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
  endif()
endif()
