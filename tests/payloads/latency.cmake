# Pages that lie or hold back, all the way: page -> recorder's normaliser -> store -> `gwtop latency` in text, JSON and CSV.
add_executable(pages_latency ${CMAKE_CURRENT_LIST_DIR}/pages_latency.c)
target_include_directories(pages_latency PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(pages_latency PRIVATE gw_record gw_cli PkgConfig::CHECK)
add_test(NAME pages_latency COMMAND pages_latency)
set_tests_properties(pages_latency PROPERTIES ENVIRONMENT "LC_ALL=C.UTF-8;TZ=UTC")
