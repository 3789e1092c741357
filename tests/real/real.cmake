# Real servers, driven end to end. GWTOP_LITELLM_PYTHON: an interpreter with litellm[proxy], which ./dev prepares.
find_package(Python3 COMPONENTS Interpreter)
set(GWTOP_LITELLM_PYTHON "" CACHE FILEPATH "interpreter with litellm[proxy] for the real LiteLLM test")
function(gwtop_real name script)
  if(NOT Python3_FOUND)
    return()
  endif()
  add_test(NAME ${name} COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/${script} ${ARGN})
  set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 600 LABELS real
    ENVIRONMENT "GWTOP_BUILD=${PROJECT_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1")
endfunction()
gwtop_real(real_prometheus prom_compare.py prometheus)
gwtop_real(real_victoria_metrics prom_compare.py victoria-metrics)
gwtop_real(real_litellm litellm.py "${GWTOP_LITELLM_PYTHON}")
