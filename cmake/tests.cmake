# Test code is compiled once and run once: optimizing it costs more than it saves.
add_library(fairlead_test_options INTERFACE)
target_link_libraries(fairlead_test_options INTERFACE fairlead_options)
target_compile_options(fairlead_test_options INTERFACE $<$<CONFIG:Release>:-O0>)

# doctest's own code takes longer to compile than any test.
if(FAIRLEAD_TESTS)
  add_library(fairlead_test_main OBJECT ${CMAKE_SOURCE_DIR}/test/unit/main.cc)
  target_link_libraries(fairlead_test_main PRIVATE fairlead_test_options)
endif()

# Which tests are built. all: every one. threads: those whose code runs on several threads, for ThreadSanitizer. program: what
# must be seen with the optimized program; the rest says nothing there that a sanitizer's build does not say better.
set(FAIRLEAD_TEST_SET all CACHE STRING "all, threads or program")
set(fairlead_threads_tests net listen query metrics http plugins k8s-watch forward cache)
set(fairlead_program_tests allocations forward_allocations hosts_allocations transport_cpprest)

# fairlead_unit_test(NAME LIBS lib… SOURCES file…): the test program test_NAME, run by ctest as unit/NAME.
function(fairlead_unit_test name)
  if(NOT FAIRLEAD_TESTS)
    return()
  endif()
  if(NOT FAIRLEAD_TEST_SET STREQUAL "all" AND NOT name IN_LIST fairlead_${FAIRLEAD_TEST_SET}_tests)
    return()
  endif()
  cmake_parse_arguments(arg "" "" "LIBS;SOURCES" ${ARGN})
  add_executable(test_${name} $<TARGET_OBJECTS:fairlead_test_main> ${arg_SOURCES})
  target_link_libraries(test_${name} PRIVATE fairlead_test_options ${arg_LIBS})
  target_compile_definitions(test_${name} PRIVATE FAIRLEAD_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  add_test(NAME unit/${name} COMMAND test_${name})
  set_tests_properties(unit/${name} PROPERTIES TIMEOUT 300)
endfunction()

# fairlead_fuzz_target(NAME LIBS lib…): fuzz_NAME from test/fuzz/fuzz_NAME.cc. With FAIRLEAD_FUZZ it is a libFuzzer
# program; otherwise it replays the committed corpus as the test fuzz/NAME, so that a seed stays a regression test.
function(fairlead_fuzz_target name)
  cmake_parse_arguments(arg "" "" "LIBS" ${ARGN})
  if(FAIRLEAD_FUZZ)
    add_executable(fuzz_${name} ${CMAKE_SOURCE_DIR}/test/fuzz/fuzz_${name}.cc)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  elseif(FAIRLEAD_TESTS AND FAIRLEAD_TEST_SET STREQUAL "all")
    add_executable(fuzz_${name} ${CMAKE_SOURCE_DIR}/test/fuzz/fuzz_${name}.cc ${CMAKE_SOURCE_DIR}/test/fuzz/replay.cc)
    add_test(NAME fuzz/${name} COMMAND fuzz_${name} ${CMAKE_SOURCE_DIR}/test/fuzz/corpus/${name})
    set_tests_properties(fuzz/${name} PROPERTIES TIMEOUT 300)
  else()
    return()
  endif()
  target_link_libraries(fuzz_${name} PRIVATE fairlead_test_options ${arg_LIBS})
endfunction()

# fairlead_rule_tests(PREFIX RUNNER): each file of rules/ is a test of the program RUNNER, run by ctest as PREFIX/FILE.
function(fairlead_rule_tests prefix runner)
  file(GLOB rules CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/rules/*.txt)
  foreach(file ${rules})
    get_filename_component(name ${file} NAME_WE)
    add_test(NAME ${prefix}/${name} COMMAND ${runner} ${file})
    set_tests_properties(${prefix}/${name} PROPERTIES TIMEOUT 60)
  endforeach()
endfunction()
