# SPDX-License-Identifier: MIT
if(TARGET gw_source)
  gwtop_fuzz(fuzz_yaml gw_source)
endif()
