# Recorded bodies through the decoders; third parties' bodies where they are at hand; and that reading allocates nothing.
if(TARGET gw_source)
  add_executable(payloads_parse payloads_parse.c)
  target_compile_definitions(payloads_parse PRIVATE PAYLOADS_OWN="${CMAKE_CURRENT_SOURCE_DIR}/parse")
  target_link_libraries(payloads_parse PRIVATE PkgConfig::CHECK)
  add_test(NAME payloads_parse COMMAND payloads_parse)
  set_tests_properties(payloads_parse PROPERTIES ENVIRONMENT "CK_DEFAULT_TIMEOUT=120;LC_ALL=C.UTF-8;TZ=UTC" TIMEOUT 900)

  add_executable(payloads_shared payloads_shared.c)
  add_test(NAME payloads_shared COMMAND payloads_shared ${PROJECT_SOURCE_DIR}/../shared/payloads)
  set_tests_properties(payloads_shared PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 900)

  add_executable(expo_alloc expo_alloc.c ../bench/expo_data.c)
  target_link_options(expo_alloc PRIVATE -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc)
  add_test(NAME expo_alloc COMMAND expo_alloc)

  foreach(program payloads_parse payloads_shared expo_alloc)
    target_include_directories(${program} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    target_link_libraries(${program} PRIVATE gw_source)
  endforeach()
endif()
