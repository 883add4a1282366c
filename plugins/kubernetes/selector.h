// Kubernetes label selectors: checked here, so that a mistake is found with its line and not by the
// API server.
#pragma once

#include <string>
#include <string_view>

namespace fairlead::plugins::kubernetes {

// Empty when `text` is a selector (`app=web,tier in (a, b),!beta`), else what is wrong with it. The
// empty text is one that selects everything.
std::string check_selector(std::string_view text);

}  // namespace fairlead::plugins::kubernetes
