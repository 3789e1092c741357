if(TARGET gw_store)
  gwtop_fuzz(fuzz_head gw_store)
  gwtop_fuzz(fuzz_chunk gw_store)
endif()
