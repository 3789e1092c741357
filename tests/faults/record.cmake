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

# The recorder above a store that fails.
if(TARGET gw_record)
  add_executable(faults_record_store ${CMAKE_CURRENT_LIST_DIR}/record_store.c ${CMAKE_CURRENT_LIST_DIR}/store_vfs.c)
  target_include_directories(faults_record_store PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(faults_record_store PRIVATE gw_record PkgConfig::SQLITE PkgConfig::CHECK)
  add_test(NAME faults_record_store COMMAND faults_record_store)
  set_tests_properties(faults_record_store PROPERTIES ENVIRONMENT "CK_DEFAULT_TIMEOUT=60;LC_ALL=C.UTF-8;TZ=UTC" TIMEOUT 300)
endif()

# TLS, with an authority made by openssl for each run.
find_package(Python3 COMPONENTS Interpreter)
if(TARGET gw_netcli AND Python3_FOUND)
  add_executable(faults_tls ${CMAKE_CURRENT_LIST_DIR}/faults_tls.c)
  target_include_directories(faults_tls PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(faults_tls PRIVATE gw_netcli PkgConfig::CHECK)
  add_test(NAME faults_tls COMMAND faults_tls ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/tls_server.py)
  set_tests_properties(faults_tls PROPERTIES ENVIRONMENT "CK_DEFAULT_TIMEOUT=120;LC_ALL=C.UTF-8;TZ=UTC;PYTHONDONTWRITEBYTECODE=1" TIMEOUT 600)
endif()
