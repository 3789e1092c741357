# Third parties' status pages through the adapters of changes.
if(TARGET gw_source)
  add_executable(payloads_changes payloads_changes.c)
  target_include_directories(payloads_changes PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(payloads_changes PRIVATE gw_source)
  add_test(NAME payloads_changes COMMAND payloads_changes ${PROJECT_SOURCE_DIR}/../shared/payloads)
  set_tests_properties(payloads_changes PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300)
endif()
