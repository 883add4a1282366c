// What the host calls itself.
#pragma once

#include <string>

namespace fairlead::net {

/// gethostname(2), cut to HOST_NAME_MAX octets; "localhost" when it is not known. Any thread.
std::string host_name();

}  // namespace fairlead::net
