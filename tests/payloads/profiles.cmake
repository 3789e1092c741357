# SPDX-License-Identifier: MIT
# Recorded pages of other systems are data of others and stay outside of the tree, in ../shared/payloads or where GWTOP_PAYLOADS says.
set(GWTOP_PAYLOADS ${PROJECT_SOURCE_DIR}/../shared/payloads CACHE PATH "recorded pages of the real systems")
if(TARGET gw_source)
  add_executable(payload_profiles payload_profiles.c)
  target_link_libraries(payload_profiles PRIVATE gw_source)
  add_test(NAME payload_profiles COMMAND payload_profiles ${GWTOP_PAYLOADS})
  set_tests_properties(payload_profiles PROPERTIES SKIP_RETURN_CODE 77)
endif()
