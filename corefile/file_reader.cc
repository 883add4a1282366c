#include "corefile/file_reader.h"

#include <fnmatch.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "net/file.h"

namespace fairlead::corefile {
namespace {

namespace fs = std::filesystem;

bool has_wildcard(const std::string& text) {
  return text.find_first_of("*?[") != std::string::npos;
}

bool matches(const std::string& pattern, const std::string& name) {
  return fnmatch(pattern.c_str(), name.c_str(), FNM_PATHNAME) == 0;
}

// The entries of `folder` that match one path component of a pattern. An unreadable folder has
// none.
void match_entries(const fs::path& folder, const std::string& pattern, std::vector<fs::path>& out) {
  std::error_code ec;
  fs::directory_iterator entry(folder, ec);
  for (; !ec && entry != fs::directory_iterator() && out.size() < FileReader::kMaxMatches;
       entry.increment(ec)) {
    if (matches(pattern, entry->path().filename().string())) out.push_back(entry->path());
  }
}

std::vector<fs::path> step(const std::vector<fs::path>& folders, const std::string& component) {
  std::vector<fs::path> out;
  for (const fs::path& folder : folders) {
    std::error_code ec;
    if (has_wildcard(component)) {
      match_entries(folder, component, out);
    } else if (fs::exists(folder / component, ec)) {
      out.push_back(folder / component);
    }
  }
  return out;
}

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::string {
    const char* value =
        std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): nobody sets variables
    return value == nullptr ? std::string() : std::string(value);
  };
}

std::optional<FileText> DiskReader::read(const std::string& path) const {
  std::error_code ec;
  const fs::file_status status = fs::status(path, ec);
  if (status.type() == fs::file_type::not_found) return std::nullopt;
  if (ec) return FileText{{}, ec.message()};
  if (fs::is_directory(status)) return FileText{{}, "is a directory"};
  FileText file;
  const int error = net::read_file(path, kMaxBytes, file.text);
  if (error != 0)
    file.error = error == EFBIG ? "is too large" : std::generic_category().message(error);
  return file;
}

std::vector<std::string> DiskReader::glob(const std::string& pattern) const {
  const fs::path whole(pattern);
  std::vector<fs::path> found = {whole.root_path()};
  for (const fs::path& component : whole.relative_path()) found = step(found, component.string());
  std::vector<std::string> out;
  out.reserve(found.size());
  for (const fs::path& path : found) out.push_back(path.string());
  std::sort(out.begin(), out.end());
  return out;
}

std::string DiskReader::working_directory() const {
  std::error_code ec;
  const fs::path here = fs::current_path(ec);
  return ec ? "/" : here.string();
}

std::optional<FileText> MemoryReader::read(const std::string& path) const {
  if (const auto file = files_.find(path); file != files_.end()) return FileText{file->second, {}};
  if (files_.contains(path + "/")) return FileText{{}, "is a directory"};
  return std::nullopt;
}

std::vector<std::string> MemoryReader::glob(const std::string& pattern) const {
  std::vector<std::string> out;
  for (const auto& [path, text] : files_) {
    const std::string name = path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
    if (matches(pattern, name)) out.push_back(name);
  }
  return out;
}

}  // namespace fairlead::corefile
