# fairlead_precompile(TARGET header…): headers that nearly every file of the target reads, compiled once.
function(fairlead_precompile target)
  if(NOT TARGET ${target})
    return()
  endif()
  target_precompile_headers(${target} PRIVATE <utility> <algorithm> <array> <chrono> <functional> <map> <memory>
    <optional> <span> <string> <string_view> <vector> ${ARGN})
endfunction()

# fairlead_precompile_as(TARGET OTHER): with the headers of OTHER, which is compiled with the same options.
function(fairlead_precompile_as target other)
  if(TARGET ${target} AND TARGET ${other})
    target_precompile_headers(${target} REUSE_FROM ${other})
  endif()
endfunction()
