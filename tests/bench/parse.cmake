# Rates of the decoders, each beside a peer and a floor measured in the same run. bench_parse has its peer built by vmparse/build.sh, which
# says why when it can't be had.
if(TARGET gw_source)
  add_executable(bench_parse bench_parse.c expo_data.c)
  target_compile_definitions(bench_parse PRIVATE
    VMPARSE_BUILD="${CMAKE_CURRENT_SOURCE_DIR}/vmparse/build.sh" VMPARSE_DIR="${CMAKE_CURRENT_BINARY_DIR}/vmparse")
  add_executable(bench_json bench_json.c)
  target_link_libraries(bench_json PRIVATE PkgConfig::CJSON)
  foreach(bench bench_parse bench_json)
    target_include_directories(${bench} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    target_link_libraries(${bench} PRIVATE gw_source)
  endforeach()
endif()
