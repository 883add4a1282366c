// The etcd directive: zones whose names are keys of etcd, as SkyDNS had them and external-dns
// writes them.
#pragma once

#include <string>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"
#include "dns/name.h"
#include "plugins/etcd/gateway.h"
#include "plugins/etcd/lookup.h"
#include "plugins/etcd/mirror.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::etcd {

struct Options {
  std::vector<dns::Name> zones;         // lower-cased
  std::vector<dns::Name> fall_through;  // where names that are not there are passed on
  Settings settings;
  Connection connection;
};

/// `etcd [ZONES…]` and its options. Only the first use in a block counts, as in CoreDNS. Throws
/// corefile::ConfigError.
Options parse(corefile::Cursor& cursor, const corefile::Context& context);

/// What is to be read for zones of `options`: the path of each that is not below another one.
MirrorOptions mirror_options(const Options& options);

void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::etcd
