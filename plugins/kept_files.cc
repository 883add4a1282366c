#include "plugins/kept_files.h"

#include <filesystem>

namespace fairlead::plugins {
namespace {

std::string place_of(const corefile::Token& at) {
  return at.file + ":" + std::to_string(at.line);
}

}  // namespace

std::string KeptFiles::add(KeptFile& file) {
  const std::string path = std::filesystem::path(file.path).lexically_normal().string();
  const auto [known, is_first] = first_.try_emplace(path, file);
  const KeptFile& first = known->second;
  if (is_first || first.content == file.content) return {};
  const std::string why = path + " is kept for " + place_of(first.at) + ", too: " + file.advice;
  if (!file.may_go_without) throw corefile::parse_error(file.at, why, file.directive);
  file.goes_without = true;
  return "plugin/" + file.directive + ": " + place_of(file.at) + " - " + why;
}

}  // namespace fairlead::plugins
