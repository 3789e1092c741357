# What the console costs, measured on a pseudo-terminal by bench_console.py, which makes its large store with console_store.
if(TARGET gw_console)
  add_executable(console_floor console_floor.c)
  target_link_libraries(console_floor PRIVATE gw_flags PkgConfig::NCURSESW)
  add_executable(console_store console_store.c store_data.c)
  target_compile_definitions(console_store PRIVATE _DEFAULT_SOURCE)
  target_include_directories(console_store PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(console_store PRIVATE gw_store)
endif()
