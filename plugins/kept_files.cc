#include "plugins/kept_files.h"

#include <filesystem>

namespace fairlead::plugins {

void KeptFiles::add(const KeptFile& file) {
  const std::string path = std::filesystem::path(file.path).lexically_normal().string();
  const auto [known, is_first] = first_.try_emplace(path, file);
  const KeptFile& first = known->second;
  if (is_first || first.content == file.content) return;
  throw corefile::parse_error(file.at,
                              path + " is kept for " + first.at.file + ":" +
                                  std::to_string(first.at.line) + ", too: " + file.advice,
                              file.directive);
}

}  // namespace fairlead::plugins
