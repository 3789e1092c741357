# The analysis of money: each bench prints its figures and fails when one misses its gate. They draw from fixed seeds, so they are tests too.
if(TARGET gw_analysis)
  add_executable(bench_lmdi bench_lmdi.c)
  target_link_libraries(bench_lmdi PRIVATE gw_analysis)
  add_test(NAME bench_lmdi COMMAND bench_lmdi)
endif()
