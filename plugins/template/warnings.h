// What can be seen of a template at start that will not do what it looks like.
#pragma once

#include <string>
#include <vector>

#include "plugins/template/setup.h"

namespace fairlead::plugins::templates {

/// Whole sentences. None of it keeps CoreDNS from serving, so it is no error.
std::vector<std::string> warnings_of(const Rule& rule);

}  // namespace fairlead::plugins::templates
