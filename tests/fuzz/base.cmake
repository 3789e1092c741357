gwtop_fuzz(fuzz_safe_text gw_base)
gwtop_fuzz(fuzz_timefmt gw_base)
gwtop_fuzz(fuzz_numbers gw_base)
