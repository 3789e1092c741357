# Panes drawn headless from invented views. Only gw_draw is linked: that this links proves that drawing needs no store, no network, no terminal.
add_library(pane_fakes STATIC fake_views.c fake_overview.c fake_panes.c fake_facts.c fake_story.c screen.c)
target_include_directories(pane_fakes PUBLIC ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(pane_fakes PUBLIC gw_draw)

add_executable(picture picture.c)
target_link_libraries(picture PRIVATE pane_fakes)

add_executable(test_panes test_panes.c alloc_count.c)
target_link_libraries(test_panes PRIVATE pane_fakes PkgConfig::CHECK)
target_link_options(test_panes PRIVATE -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc)
target_compile_definitions(test_panes PRIVATE GOLDEN_DIR="${CMAKE_CURRENT_SOURCE_DIR}/golden")
add_test(NAME panes COMMAND test_panes)
set_tests_properties(panes PROPERTIES ENVIRONMENT "LC_ALL=C.UTF-8;TZ=UTC" TIMEOUT 900)
