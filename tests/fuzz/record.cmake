gwtop_fuzz(fuzz_canary gw_record)
