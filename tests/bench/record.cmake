# SPDX-License-Identifier: MIT
# What the recorder costs per poll, beside receiving the same bytes and doing nothing with them.
if(TARGET gw_record)
  add_executable(bench_record bench_record.c)
  target_include_directories(bench_record PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(bench_record PRIVATE gw_record)
endif()
