# Turns data files into C arrays, so that defaults, profiles and themes travel inside the programs and stay ordinary files in the tree.
# gwtop_embed(target file)            -> const unsigned char embed_<name>[]; const size_t embed_<name>_size
# gwtop_embed_dir(target name folder) -> const struct embed_file embed_<name>[]; const size_t embed_<name>_count, sorted by file name
function(gwtop_embed target file)
  if(NOT TARGET ${target} OR NOT EXISTS ${file})
    return()
  endif()
  get_filename_component(stem ${file} NAME_WE)
  set(out ${PROJECT_BINARY_DIR}/embed/${stem}.c)
  add_custom_command(OUTPUT ${out} DEPENDS ${file} ${PROJECT_SOURCE_DIR}/cmake/embed_file.cmake
    COMMAND ${CMAKE_COMMAND} -DNAME=${stem} -DOUT=${out} -DFILES=${file} -DLIST=OFF -P ${PROJECT_SOURCE_DIR}/cmake/embed_file.cmake)
  target_sources(${target} PRIVATE ${out})
endfunction()

function(gwtop_embed_dir target name folder)
  if(NOT TARGET ${target})
    return()
  endif()
  file(GLOB files CONFIGURE_DEPENDS ${folder}/*.yaml)
  set(out ${PROJECT_BINARY_DIR}/embed/${name}.c)
  string(REPLACE ";" "|" joined "${files}")
  add_custom_command(OUTPUT ${out} DEPENDS ${files} ${PROJECT_SOURCE_DIR}/cmake/embed_file.cmake VERBATIM
    COMMAND ${CMAKE_COMMAND} -DNAME=${name} -DOUT=${out} "-DFILES=${joined}" -DLIST=ON -P ${PROJECT_SOURCE_DIR}/cmake/embed_file.cmake)
  target_sources(${target} PRIVATE ${out})
endfunction()
