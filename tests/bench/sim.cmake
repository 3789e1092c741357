# What a day of simulated traffic costs, beside the copying of the same bytes in the same run.
if(TARGET gw_sim)
  add_executable(bench_sim bench_sim.c)
  target_link_libraries(bench_sim PRIVATE gw_sim)
endif()
