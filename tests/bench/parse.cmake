# Rates of the decoders. bench_parse takes its peer from vmparse/build.sh, which says why when it can't be had.
if(TARGET gw_source)
  add_executable(bench_parse bench_parse.c expo_data.c)
  target_include_directories(bench_parse PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(bench_parse PRIVATE gw_source)
endif()
