# fairlead_precompile(TARGET header…): headers that nearly every file of the target reads, compiled once.
function(fairlead_precompile target)
  if(NOT TARGET ${target})
    return()
  endif()
  target_precompile_headers(${target} PRIVATE <utility> <algorithm> <array> <chrono> <functional> <map> <memory>
    <optional> <span> <string> <string_view> <vector> ${ARGN})
endfunction()
