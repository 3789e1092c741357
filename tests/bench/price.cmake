# SPDX-License-Identifier: MIT
# How many token increments are priced per second, beside the bare multiplications, and that their sums are exact. The short form is a test: it
# fails when a sum is off by a nano-dollar, never for its speed.
if(TARGET gw_analysis)
  add_executable(bench_price bench_price.c)
  target_link_libraries(bench_price PRIVATE gw_analysis)
  add_test(NAME bench_price_short COMMAND bench_price --short)
endif()
