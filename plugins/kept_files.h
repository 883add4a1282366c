// Files that directives write while blocks are served: no two may want one for different things.
#pragma once

#include <map>
#include <string>

#include "corefile/corefile.h"

namespace fairlead::plugins {

struct KeptFile {
  std::string directive;  // "secondary"
  std::string path;
  std::string content;          // what makes it what it is: blocks that say the same share the file
  std::string advice;           // what is to be done when they do not, the end of a sentence
  corefile::Token at;           // the word that asks for it
  bool may_go_without = false;  // a warning rather than an error: the first line has the file
  bool goes_without = false;    // what KeptFiles says then
};

/// Used while a configuration is read, in the order of its blocks.
class KeptFiles {
 public:
  /// When an earlier line keeps something else there, `file` goes without, and what its user is to
  /// be warned of is returned; or it throws corefile::ConfigError.
  std::string add(KeptFile& file);

 private:
  std::map<std::string, KeptFile> first_;  // by path, without "." and such
};

}  // namespace fairlead::plugins
