// The words of directives -> the settings of what carries them out.
#pragma once

#include "plugins/cache/setup.h"
#include "plugins/forward/setup.h"
#include "server/config.h"

namespace fairlead::server {

CacheConfig cache_config(const plugins::cache::Options& options);

ForwardConfig forward_config(const plugins::forward::Options& options);

/// The settings of a line with its upstreams: addresses as they are, names by asking for them
/// (blocking, up to some seconds). Throws std::runtime_error.
forward::Settings resolved_settings(const ForwardConfig& config);

/// Lower-cased names; a text that is none becomes the root.
dns::Name to_name(const std::string& text);
std::vector<dns::Name> to_names(const std::vector<std::string>& texts);

}  // namespace fairlead::server
