// What `-version` and the first lines of the log say.
#pragma once

#include <string>

namespace fairlead::server {

/// "Fairlead-VERSION" and a line with platform and compiler, each with its newline.
std::string version_text();

}  // namespace fairlead::server
