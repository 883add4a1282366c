#include "plugins/autopath/setup.h"

#include <optional>
#include <utility>

#include "dns/printable.h"
#include "plugins/text_lines.h"

namespace fairlead::plugins::autopath {
namespace {

constexpr std::string_view kBlank = " \t\r\v\f";
constexpr const char* kHostFile = "/etc/resolv.conf";
constexpr size_t kMostShown = 64;     // octets of a word that is no name
constexpr size_t kMostWarnings = 10;  // of one file

void warn_of(const std::string& path, const std::vector<std::string>& wrong,
             corefile::Cursor& cursor) {
  for (size_t i = 0; i < wrong.size() && i < kMostWarnings; ++i) {
    cursor.warn(path + ": '" + dns::printable(wrong[i], kMostShown) +
                "' in the search list is no domain name, it is passed over");
  }
}

std::vector<dns::Name> read_file(const std::string& path, const corefile::Context& context,
                                 corefile::Cursor& cursor) {
  if (context.files == nullptr) return {};
  const std::optional<corefile::FileText> file = context.files->read(path);
  const std::string failed = "failed to parse \"" + path + "\": ";
  if (!file) throw cursor.error(failed + "open " + path + ": no such file or directory");
  if (!file->error.empty()) throw cursor.error(failed + "open " + path + ": " + file->error);
  std::vector<std::string> wrong;
  std::vector<dns::Name> list = read_search_list(file->text, wrong);
  warn_of(path, wrong, cursor);
  return list;
}

// A machine without one has no search list.
std::vector<dns::Name> read_host_file(const corefile::Context& context, corefile::Cursor& cursor) {
  if (context.files == nullptr) return {};
  const std::optional<corefile::FileText> file = context.files->read(kHostFile);
  if (!file || !file->error.empty()) return {};
  std::vector<std::string> wrong;
  std::vector<dns::Name> list = read_search_list(file->text, wrong);
  warn_of(kHostFile, wrong, cursor);
  return list;
}

}  // namespace

std::vector<dns::Name> read_search_list(std::string_view text, std::vector<std::string>& wrong) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    std::string_view line = take_line(text);
    const std::string_view keyword = take_word(line, kBlank);
    if (keyword != "search" && keyword != "domain") continue;
    words.clear();
    for (auto word = take_word(line, kBlank); !word.empty(); word = take_word(line, kBlank)) {
      words.push_back(word);
      if (keyword == "domain") break;
    }
  }
  std::vector<dns::Name> list;
  for (const std::string_view word : words) {
    const std::optional<dns::Name> name = dns::Name::from_text(word);
    if (!name) wrong.emplace_back(word);
    if (name && name->size() > 1) list.push_back(name->lowered());
  }
  return list;
}

Options parse(corefile::Cursor& cursor, const corefile::Context& context) {
  Options options;
  while (cursor.next()) {
    std::vector<std::string> args = cursor.remaining_args();
    if (args.empty()) throw cursor.error("no resolv-conf specified");
    const std::string source = std::move(args.back());
    args.pop_back();
    if (source.starts_with('@')) {
      options.directive = source.substr(1);
    } else {
      options.search = read_file(source, context, cursor);
    }
    options.zones = corefile::zone_arguments(cursor, args, context.block_zones);
    if (cursor.next_block()) throw cursor.unknown_property();
  }
  if (options.directive == "kubernetes") options.host = read_host_file(context, cursor);
  return options;
}

}  // namespace fairlead::plugins::autopath
