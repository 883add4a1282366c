// The autopath directive: search lists of clients are walked here rather than by them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"
#include "dns/name.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::autopath {

struct Options {
  std::vector<std::string> zones;
  std::string directive;  // who knows clients' domains, "kubernetes" or "erratic"; empty: nobody
  std::vector<dns::Name> search;  // of a file; lower case, without the root
  std::vector<dns::Name> host;    // this machine's, behind those that `directive` knows
  friend bool operator==(const Options&, const Options&) = default;
};

// The search list of a resolv.conf(5), of its last `search` or `domain` line: lower case, without
// the root. `wrong` gets the words that are no names.
std::vector<dns::Name> read_search_list(std::string_view text, std::vector<std::string>& wrong);

// Of several uses the last one's zones hold, the last file and the last directive. Reads the files.
// Throws corefile::ConfigError.
Options parse(corefile::Cursor& cursor, const corefile::Context& context);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::autopath
