# SPDX-License-Identifier: MIT
# The recorder against a hostile HTTP server.
if(TARGET gw_record)
  find_package(Threads REQUIRED)
  add_executable(faults_record ${CMAKE_CURRENT_LIST_DIR}/faults_record.c ${CMAKE_CURRENT_LIST_DIR}/fault_server.c)
  target_include_directories(faults_record PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(faults_record PRIVATE gw_record PkgConfig::CHECK Threads::Threads)
  add_test(NAME faults_record COMMAND faults_record)
  set_tests_properties(faults_record PROPERTIES ENVIRONMENT "CK_DEFAULT_TIMEOUT=180;LC_ALL=C.UTF-8;TZ=UTC" TIMEOUT 900)
endif()
