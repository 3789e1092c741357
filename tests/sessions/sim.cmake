# The demo's parent process, between stand-ins for the recorder and the console.
if(TARGET gwtop-sim)
  add_test(NAME session_demo COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/demo.sh $<TARGET_FILE:gwtop-sim>)
  set_tests_properties(session_demo PROPERTIES TIMEOUT 300)
endif()
