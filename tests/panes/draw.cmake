# Panes drawn headless from invented views. Only gw_draw is linked: that this links proves that drawing needs no store, no network, no terminal.
add_library(pane_fakes STATIC fake_views.c fake_overview.c fake_panes.c screen.c)
target_include_directories(pane_fakes PUBLIC ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(pane_fakes PUBLIC gw_draw)

add_executable(picture picture.c)
target_link_libraries(picture PRIVATE pane_fakes)
