#include "records/master_file.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include "dns/name_text.h"
#include "dns/record_words.h"
#include "dns/text_octets.h"
#include "records/generate.h"

namespace fairlead::records {
namespace {

using dns::problem_with;
using dns::RecordWord;
using dns::RecordWords;

bool is_word(std::string_view word, std::string_view other) {
  return std::ranges::equal(word, other, [](char a, char b) {
    return dns::lower(static_cast<uint8_t>(a)) == dns::lower(static_cast<uint8_t>(b));
  });
}

// What all files of a zone share.
struct Reading {
  const ReadText& read;
  const MasterSink& sink;
  const MasterLimits& limits;
  dns::TextRecord record;
  size_t octets = 0;
  size_t records = 0;
  size_t includes = 0;
};

class MasterFile {
 public:
  MasterFile(Reading& all, std::string path, const dns::Name& origin, size_t depth)
      : all_(all), path_(std::move(path)), origin_(origin), depth_(depth) {}

  // What a file takes from the one that includes it.
  void continue_from(const MasterFile& outer) {
    owner_ = outer.owner_;
    ttl_ = outer.ttl_;
    ttl_of_directive_ = outer.ttl_of_directive_;
  }

  std::string run(std::string_view text) {
    all_.octets += text.size();
    if (all_.octets > all_.limits.octets) return path_ + ": the zone is too large";
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";  // some editors begin with it
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    RecordWords words(text);
    std::string wrong;
    while (wrong.empty() && words.next_record()) wrong = line(words);
    return wrong;
  }

 private:
  using Order = std::string (MasterFile::*)(RecordWords&);

  std::string line(RecordWords& words) {
    const RecordWord first = words.peek();
    if (first.plain() && first.text.starts_with('$') && !words.begins_blank()) {
      static constexpr std::pair<std::string_view, Order> kOrders[] = {
          {"$ORIGIN", &MasterFile::origin},
          {"$TTL", &MasterFile::ttl},
          {"$INCLUDE", &MasterFile::include},
          {"$GENERATE", &MasterFile::generate},
      };
      for (const auto& [name, order] : kOrders) {
        if (!is_word(first.text, name)) continue;
        words.next();
        return (this->*order)(words);
      }
    }
    return record(words);
  }

  std::string record(RecordWords& words) {
    dns::TextRecord& read = all_.record;
    const std::string wrong = read.read(
        words, {.origin = origin_.view(), .owner = owner_ ? &*owner_ : nullptr, .ttl = ttl_});
    if (!wrong.empty() && !(all_.sink.leave_out && read.can_be_left_out())) return in_file(wrong);
    if (++all_.records > all_.limits.records) return in_file("the zone has too many records");
    owner_ = dns::Name(read.owner());
    const bool is_soa = wrong.empty() && read.type() == dns::RrType::Soa;
    if (!ttl_of_directive_ && (read.has_own_ttl() || (!ttl_ && is_soa))) ttl_ = read.ttl();
    if (!wrong.empty()) return leave_out(words, wrong);
    all_.sink.take(read);
    return {};
  }

  std::string leave_out(RecordWords& words, const std::string& wrong) {
    RecordWord rest = words.next();
    while (!rest.ends() && rest.kind != RecordWord::Kind::Broken) rest = words.next();
    if (!rest.ends()) return in_file(problem_with(rest, ""));
    all_.sink.leave_out(in_file(wrong));
    return {};
  }

  std::string origin(RecordWords& words) {
    const RecordWord word = words.next();
    if (!word.plain()) return in_file(problem_with(word, "expecting $ORIGIN value, not this..."));
    const auto name = dns::name_from_text(word.text, origin_.view());
    if (!name) return in_file(problem_with(word, "bad origin name"));
    origin_ = *name;
    return end(words, "garbage after $ORIGIN");
  }

  std::string ttl(RecordWords& words) {
    const RecordWord word = words.next();
    const auto seconds = word.plain() ? dns::period_from_text(word.text) : std::nullopt;
    if (!seconds) return in_file(problem_with(word, "expecting $TTL value, not this..."));
    ttl_ = *seconds;
    ttl_of_directive_ = true;
    return end(words, "garbage after $TTL");
  }

  std::string include(RecordWords& words) {
    const RecordWord word = words.next();
    if (!word.plain() && !word.quoted())
      return in_file(problem_with(word, "expecting $INCLUDE value, not this..."));
    dns::Name below = origin_;
    if (const RecordWord next = words.peek(); !next.ends()) {
      words.next();
      const auto name =
          next.plain() ? dns::name_from_text(next.text, origin_.view()) : std::nullopt;
      if (!name) return in_file(problem_with(next, "bad origin name"));
      below = *name;
    }
    std::string wrong = end(words, "garbage after $INCLUDE");
    return wrong.empty() ? read_included(word, below) : wrong;
  }

  std::string read_included(const RecordWord& word, const dns::Name& below) {
    if (depth_ == all_.limits.include_depth || all_.includes++ == all_.limits.includes)
      return in_file(problem_with(word, "too deeply nested $INCLUDE"));
    std::filesystem::path path(word.text);
    if (path.is_relative()) path = std::filesystem::path(path_).parent_path() / path;
    std::string text;
    const std::string why = all_.read(path.string(), text);
    if (!why.empty())
      return in_file(problem_with(word, "failed to open `" + std::string(word.text) + "': " + why));
    MasterFile included(all_, path.string(), below, depth_ + 1);
    included.continue_from(*this);
    return included.run(text);
  }

  std::string generate(RecordWords& words) {
    const RecordWord word = words.next();
    GenerateRange range;
    if (!word.plain()) return in_file(problem_with(word, "expecting $GENERATE value, not this..."));
    const std::string unreadable = range.read(word.text);
    if (!unreadable.empty()) return in_file(problem_with(word, unreadable));
    RecordWord at = word;
    std::string_view rest = words.rest_of_line();
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r"), rest.size()));
    if (rest.empty()) return in_file(problem_with(words.next(), "garbage after $GENERATE range"));
    const std::optional<dns::Name> owner = owner_;  // what follows is not told of the lines made
    const std::optional<uint32_t> ttl = ttl_;
    std::string made;
    for (int64_t number = range.start; number <= range.stop; number += range.step) {
      std::string wrong = generate_line(rest, number, made, at.text);
      if (!wrong.empty()) return in_file(problem_with(at, wrong));
      all_.octets += made.size();
      if (all_.octets > all_.limits.octets) return in_file("the zone is too large");
      RecordWords one(made, words.line());
      if (!one.next_record()) return in_file(problem_with(word, "nothing to $GENERATE"));
      wrong = record(one);
      if (!wrong.empty()) return wrong;
    }
    owner_ = owner;
    ttl_ = ttl;
    return {};
  }

  std::string end(RecordWords& words, std::string_view garbage) {
    const RecordWord word = words.next();
    return word.ends() ? std::string() : in_file(problem_with(word, garbage));
  }

  [[nodiscard]] std::string in_file(const std::string& wrong) const { return path_ + ": " + wrong; }

  Reading& all_;
  const std::string path_;
  dns::Name origin_;
  const size_t depth_;
  std::optional<dns::Name> owner_;
  std::optional<uint32_t> ttl_;
  bool ttl_of_directive_ = false;
};

}  // namespace

std::string read_master_file(const MasterText& file, const dns::Name& origin, const ReadText& read,
                             const MasterSink& sink, const MasterLimits& limits) {
  Reading all{read, sink, limits, {}, 0, 0, 0};
  return MasterFile(all, file.path, origin, 0).run(file.text);
}

}  // namespace fairlead::records
