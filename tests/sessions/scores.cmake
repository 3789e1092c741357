# SPDX-License-Identifier: MIT
# Scores of evaluation systems, and those that are handed in, through the real programs.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND AND TARGET gwtop AND TARGET gwtop-recorder)
  add_executable(score_sums ${CMAKE_CURRENT_LIST_DIR}/score_sums.c)
  target_link_libraries(score_sums PRIVATE gw_store)
  add_test(NAME session_scores COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/scores.py $<TARGET_FILE:score_sums>)
  set_tests_properties(session_scores PROPERTIES TIMEOUT 600 ENVIRONMENT "GWTOP_BUILD=${PROJECT_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1")
endif()
