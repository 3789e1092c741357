# Tests: one runner per folder of tests/unit, linking only that layer; ctest runs each. Benches and fuzz targets build beside them.
enable_testing()
pkg_check_modules(CHECK REQUIRED IMPORTED_TARGET check)

# tests/unit/<layer>/test_*.c each define `Suite *suite_<module>(void)`; the runner is generated from the file names.
function(gwtop_unit layer)
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/unit/${layer}/test_*.c)
  if(NOT files)
    return()
  endif()
  set(protos "")
  set(adds "")
  foreach(file IN LISTS files)
    get_filename_component(stem ${file} NAME_WE)
    string(REGEX REPLACE "^test_" "suite_" suite ${stem})
    string(APPEND protos "Suite *${suite}(void);\n")
    string(APPEND adds "    srunner_add_suite(runner, ${suite}());\n")
  endforeach()
  set(main ${PROJECT_BINARY_DIR}/tests/unit_${layer}.c)
  file(CONFIGURE OUTPUT ${main} CONTENT [=[
#include <check.h>
#include <stdlib.h>
@protos@
int main(void)
{
    SRunner *runner = srunner_create(NULL);
@adds@    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
]=] @ONLY)
  add_executable(unit_${layer} ${main} ${files})
  target_include_directories(unit_${layer} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(unit_${layer} PRIVATE ${ARGN} PkgConfig::CHECK)
  target_compile_definitions(unit_${layer} PRIVATE TEST_ROOT="${PROJECT_SOURCE_DIR}/tests")
  add_test(NAME unit_${layer} COMMAND unit_${layer})
  set_tests_properties(unit_${layer} PROPERTIES ENVIRONMENT "CK_DEFAULT_TIMEOUT=120;LC_ALL=C.UTF-8;TZ=UTC" TIMEOUT 900)
endfunction()

foreach(layer base model config source analysis store view record netcli draw console cli sim)
  if(TARGET gw_${layer})
    gwtop_unit(${layer} gw_${layer})
  endif()
endforeach()

# Each allocation of a loader can be made to fail, and what it reads is counted.
if(TARGET unit_view)
  target_link_options(unit_view PRIVATE -Wl,--wrap=arena_alloc -Wl,--wrap=arena_array -Wl,--wrap=arena_strdup -Wl,--wrap=arena_printf
    -Wl,--wrap=store_read -Wl,--wrap=outcome_by_name)
endif()

# Anything larger than a unit brings its own CMake file, beside its sources.
foreach(folder payloads panes sessions real faults fuzz bench checks)
  if(EXISTS ${PROJECT_SOURCE_DIR}/tests/${folder}/CMakeLists.txt)
    add_subdirectory(tests/${folder})
  endif()
endforeach()
