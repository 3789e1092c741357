# How often the burn-rate rules page a healthy service and how soon a dead one, beside the same rules without their guard; and what the
# analysers cost per poll. The short form is a test: it fails when a healthy service is paged.
if(TARGET gw_analysis)
  add_executable(bench_slo bench_slo.c)
  target_link_libraries(bench_slo PRIVATE gw_analysis)
  add_test(NAME bench_slo_short COMMAND bench_slo --short)
endif()
if(TARGET gw_record)
  add_executable(bench_analyse bench_analyse.c)
  target_include_directories(bench_analyse PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(bench_analyse PRIVATE gw_record)
endif()
