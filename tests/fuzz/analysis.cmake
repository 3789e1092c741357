gwtop_fuzz(fuzz_prices gw_analysis)
