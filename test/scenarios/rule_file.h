// Text files of questions and what was answered to them: a runner reads the statements, asks, and
// compares or rewrites.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::scenarios {

using Lines = std::vector<std::string>;

/// One file. A derived class says what its statements mean; errors of the file are
/// std::runtime_error.
class RuleFile {
 public:
  /// With `rewrite` what is said is not compared with the file.
  RuleFile(const std::string& path, bool rewrite);
  virtual ~RuleFile() = default;
  RuleFile(const RuleFile&) = delete;
  RuleFile& operator=(const RuleFile&) = delete;

  /// Runs every statement; the number of questions that are not answered as written.
  int run();

  /// The file as it would be right today; valid after run().
  [[nodiscard]] const Lines& today() const { return today_; }

  /// FILE:LINE of the last statement.
  [[nodiscard]] std::string where() const { return path_ + ":" + std::to_string(at_); }

 protected:
  /// One statement, neither empty nor a comment.
  virtual void step(const std::string& line) = 0;

  /// The lines from here on that are `wanted`.
  Lines take_while(const std::function<bool(const std::string&)>& wanted);

  /// The text up to the line "end".
  std::string take_text();

  /// Compares `said` with the lines that follow and are `expected`; `question` is for the report.
  void answer(const std::string& question, const Lines& said,
              const std::function<bool(const std::string&)>& expected);

 private:
  std::string take();

  const std::string path_;
  const bool rewrite_;
  Lines lines_, today_;
  size_t at_ = 0;
  int asked_ = 0;
  int wrong_ = 0;
};

using MakeRuleFile =
    std::function<std::unique_ptr<RuleFile>(const std::string& path, bool rewrite)>;

/// main() of a runner: `[--rewrite] FILE...`.
int run_rule_files(int argc, char** argv, const MakeRuleFile& make);

}  // namespace fairlead::scenarios
