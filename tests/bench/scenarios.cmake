# What is made of every scenario of the simulated gateway (bench_scenarios.py). The short form, one seed of each, is a test.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND AND TARGET gwtop-sim AND TARGET gwtop-recorder)
  add_test(NAME bench_scenarios_short COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/bench_scenarios.py ${PROJECT_BINARY_DIR} --short)
  set_tests_properties(bench_scenarios_short PROPERTIES TIMEOUT 1200 ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
endif()
