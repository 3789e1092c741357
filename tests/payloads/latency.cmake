# Latency all the way to `gwtop latency`: pages that lie or hold back from the recorder's normaliser on, native histograms from a Prometheus' answer on.
foreach(name pages_latency native_latency)
  add_executable(${name} ${CMAKE_CURRENT_LIST_DIR}/${name}.c)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE gw_record gw_cli PkgConfig::CHECK)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES ENVIRONMENT "LC_ALL=C.UTF-8;TZ=UTC")
endforeach()
