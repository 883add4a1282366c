// Where the parser gets imported files and environment variables from, so that a test needs
// neither.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace fairlead::corefile {

// The value of an environment variable; an unset one is empty.
using Environment = std::function<std::string(const std::string& name)>;
Environment process_environment();

struct FileText {
  std::string text;
  std::string
      error;  // not empty: why it could not be read, as the system says it ("is a directory", …)
};

// Files by absolute path. Implementations do not throw.
class FileReader {
 public:
  virtual ~FileReader() = default;
  // nullopt: there is no such file.
  [[nodiscard]] virtual std::optional<FileText> read(const std::string& path) const = 0;
  // Paths matching a pattern of `*` and `?` (neither matches `/`), sorted, at most kMaxMatches.
  [[nodiscard]] virtual std::vector<std::string> glob(const std::string& pattern) const = 0;
  // What relative paths begin from, without a trailing slash unless it is the root.
  [[nodiscard]] virtual std::string working_directory() const = 0;

  static constexpr size_t kMaxMatches = 100'000;
  static constexpr size_t kMaxBytes = 16u << 20;
};

class DiskReader final : public FileReader {
 public:
  [[nodiscard]] std::optional<FileText> read(const std::string& path) const override;
  [[nodiscard]] std::vector<std::string> glob(const std::string& pattern) const override;
  [[nodiscard]] std::string working_directory() const override;
};

// A fixed set of files, for tests and fuzzing; the working directory is "/". A path ending in "/"
// is a directory.
class MemoryReader final : public FileReader {
 public:
  MemoryReader() = default;
  explicit MemoryReader(std::map<std::string, std::string> files) : files_(std::move(files)) {}
  [[nodiscard]] std::optional<FileText> read(const std::string& path) const override;
  [[nodiscard]] std::vector<std::string> glob(const std::string& pattern) const override;
  [[nodiscard]] std::string working_directory() const override { return "/"; }

 private:
  std::map<std::string, std::string> files_;
};

}  // namespace fairlead::corefile
