if(TARGET gw_source)
  gwtop_fuzz(fuzz_exposition gw_source)
  gwtop_fuzz(fuzz_promjson gw_source)
endif()
