# SPDX-License-Identifier: MIT
if(TARGET gw_model)
  gwtop_fuzz(fuzz_ruleexpr gw_model)
endif()
