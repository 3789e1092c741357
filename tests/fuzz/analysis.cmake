gwtop_fuzz(fuzz_prices gw_analysis)
gwtop_fuzz(fuzz_csvseries gw_analysis)
