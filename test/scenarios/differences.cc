#include "test/scenarios/differences.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>

namespace fairlead::scenarios {
namespace {

using Parts = std::map<std::string, std::vector<std::string>>;

Parts parts_of(const std::vector<std::string>& lines) {
  Parts parts;
  for (const std::string& line : lines) parts[line.substr(0, line.find(' '))].push_back(line);
  return parts;
}

std::vector<std::string> differing(const std::vector<std::string>& theirs,
                                   const std::vector<std::string>& ours) {
  Parts a = parts_of(theirs);
  Parts b = parts_of(ours);
  std::vector<std::string> kinds;
  for (const auto& [kind, lines] : a) {
    if (b[kind] != lines) kinds.push_back(kind);
  }
  for (const auto& [kind, lines] : b) {
    if (!a.contains(kind) && !lines.empty()) kinds.push_back(kind);
  }
  return kinds;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "|") + line;
  return text;
}

std::string question_text(const Question& question) {
  std::string text = question.name + " " + question.type;
  if (question.rr_class != 1) text += " class";
  if (question.opcode != 0) text += " opcode=" + std::to_string(question.opcode);
  text += question.tcp ? " tcp" : "";
  return text;
}

}  // namespace

// "heading: H" begins an entry; "parts:", "question:", "theirs:" and "ours:" follow, the last three
// being regular expressions.
Differences::Differences(const std::string& path) {
  std::ifstream in(path);
  if (!in) throw std::runtime_error("cannot read " + path);
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    const size_t colon = line.find(": ");
    const std::string key = line.substr(0, colon);
    const std::string value = colon == std::string::npos ? "" : line.substr(colon + 2);
    const auto regex = [&] { return std::regex(value, std::regex::optimize); };
    if (key == "heading") {
      entries_.push_back({value, {}, std::regex(""), std::regex(""), std::regex(""), 0});
    } else if (entries_.empty()) {
      throw std::runtime_error("a difference begins with its heading: " + line);
    } else if (key == "parts") {
      std::istringstream words(value);
      for (std::string word; words >> word;) entries_.back().parts.push_back(word);
    } else if (key == "question") {
      entries_.back().question = regex();
    } else if (key == "theirs") {
      entries_.back().theirs = regex();
    } else if (key == "ours") {
      entries_.back().ours = regex();
    } else {
      throw std::runtime_error("no such line in a difference: " + line);
    }
  }
}

std::vector<std::string> Differences::unexplained(const Compared& compared) {
  std::vector<std::string> kinds = differing(compared.theirs, compared.ours);
  if (kinds.empty()) return kinds;
  const std::string question = question_text(compared.question);
  const std::string theirs = joined(compared.theirs);
  const std::string ours = joined(compared.ours);
  for (Entry& entry : entries_) {
    const auto explained = [&](const std::string& kind) {
      return std::ranges::find(entry.parts, kind) != entry.parts.end();
    };
    if (std::ranges::none_of(kinds, explained)) continue;
    if (!std::regex_search(question, entry.question) || !std::regex_search(theirs, entry.theirs) ||
        !std::regex_search(ours, entry.ours)) {
      continue;
    }
    std::erase_if(kinds, explained);
    ++entry.used;
  }
  return kinds;
}

std::vector<std::string> Differences::undocumented(const std::string& path) const {
  std::set<std::string> known;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("### ")) known.insert(line.substr(4));
  }
  std::vector<std::string> headings;
  for (const Entry& entry : entries_) {
    if (!known.contains(entry.heading)) headings.push_back(entry.heading);
  }
  return headings;
}

std::vector<std::string> Differences::unused() const {
  std::vector<std::string> headings;
  for (const Entry& entry : entries_) {
    if (entry.used == 0) headings.push_back(entry.heading);
  }
  return headings;
}

}  // namespace fairlead::scenarios
