# The store on bad days. Both reach below the store's interface on purpose: a VFS of their own, and raw SQLite to damage and count with.
function(gw_store_fault_test name source)
  add_executable(${name} ${source} store_vfs.c)
  target_compile_definitions(${name} PRIVATE _DEFAULT_SOURCE)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE gw_store PkgConfig::SQLITE PkgConfig::CHECK)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 900)
endfunction()

if(TARGET gw_store)
  gw_store_fault_test(faults_store store_faults.c)
  gw_store_fault_test(faults_store_facts store_facts.c)
endif()
