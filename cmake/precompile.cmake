# Headers that nearly every file reads, compiled once for all targets that use them. Families: `std`, the standard library; `asio`, that
# and net/asio.h; `test_std` and `test_asio`, these and doctest with the
# options of tests; `tool_std` and `tool_asio`, for test programs without doctest.

# Nine tenths of what is instrumented in a file with Asio is Asio, and every access's alignment is a third of that time. What reads and
# writes octets in place (dns, zones, cache) is checked for it.
add_library(fairlead_asio_options INTERFACE)
if(FAIRLEAD_SANITIZE STREQUAL "address")
  target_compile_options(fairlead_asio_options INTERFACE -fno-sanitize=alignment)
endif()

set(fairlead_std_headers <algorithm> <array> <charconv> <chrono> <cstdint> <functional> <map> <memory> <optional> <random> <set> <span>
  <stdexcept> <string> <string_view> <utility> <vector>)
set(fairlead_asio_headers ${fairlead_std_headers} <atomic> <mutex> <thread> ${CMAKE_SOURCE_DIR}/net/asio.h)

# fairlead_headers(FAMILY OPTIONS header…)
function(fairlead_headers family options)
  set(source ${CMAKE_BINARY_DIR}/generated/headers_${family}.cc)
  if(NOT EXISTS ${source})
    file(WRITE ${source} "")
  endif()
  add_library(fairlead_headers_${family} OBJECT EXCLUDE_FROM_ALL ${source})
  target_link_libraries(fairlead_headers_${family} PRIVATE ${options})
  target_precompile_headers(fairlead_headers_${family} PRIVATE ${ARGN})
endfunction()

# fairlead_use_headers(TARGET FAMILY): behind the target's target_link_libraries, as the order of options counts.
function(fairlead_use_headers target family)
  if(family MATCHES "asio$")
    target_link_libraries(${target} PRIVATE fairlead_asio_options)
  endif()
  target_precompile_headers(${target} REUSE_FROM fairlead_headers_${family})
endfunction()

fairlead_headers(std fairlead_options ${fairlead_std_headers})
fairlead_headers(asio "fairlead_options;fairlead_asio_options" ${fairlead_asio_headers})
# Test code is compiled once and run once: optimizing it costs more than it saves.
add_library(fairlead_test_options INTERFACE)
target_link_libraries(fairlead_test_options INTERFACE fairlead_options)
target_compile_options(fairlead_test_options INTERFACE $<$<CONFIG:Release>:-O0>)

if(FAIRLEAD_TESTS OR FAIRLEAD_FUZZ)
  # doctest's header asks for doctest's code: programs that have a main of their own do without.
  fairlead_headers(tool_std fairlead_test_options ${fairlead_std_headers})
  fairlead_headers(tool_asio "fairlead_test_options;fairlead_asio_options" ${fairlead_asio_headers})
  fairlead_headers(test_std fairlead_test_options ${fairlead_std_headers} <doctest/doctest.h>)
  fairlead_headers(test_asio "fairlead_test_options;fairlead_asio_options" ${fairlead_asio_headers} <doctest/doctest.h>)
endif()
