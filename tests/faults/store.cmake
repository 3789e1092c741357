# The store on bad days. It reaches below the store's interface on purpose: a VFS of its own, and raw SQLite to damage files with.
if(TARGET gw_store)
  add_executable(faults_store store_faults.c store_vfs.c)
  target_compile_definitions(faults_store PRIVATE _DEFAULT_SOURCE)
  target_include_directories(faults_store PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(faults_store PRIVATE gw_store PkgConfig::SQLITE PkgConfig::CHECK)
  add_test(NAME faults_store COMMAND faults_store)
  set_tests_properties(faults_store PROPERTIES TIMEOUT 900)
endif()
