gwtop_fuzz(fuzz_safe_text gw_base)
