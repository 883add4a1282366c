// Files that directives write while blocks are served: no two may want one for different things.
#pragma once

#include <map>
#include <string>

#include "corefile/corefile.h"

namespace fairlead::plugins {

struct KeptFile {
  std::string directive;  // "secondary"
  std::string path;
  std::string content;  // what makes it what it is: blocks that say the same share the file
  std::string advice;   // what is to be done when they do not, the end of a sentence
  corefile::Token at;   // the word that asks for it
};

/// Used while a configuration is read, in the order of its blocks.
class KeptFiles {
 public:
  /// `file` is of a block; those of one block have different paths. Throws corefile::ConfigError
  /// when an earlier block keeps something else there.
  void add(const KeptFile& file);

 private:
  std::map<std::string, KeptFile> first_;  // by path, without "." and such
};

}  // namespace fairlead::plugins
