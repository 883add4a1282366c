#include "plugins/log/format.h"

#include <algorithm>

namespace fairlead::plugins::log {

namespace {

bool has_soa(const dns::Answer& answer) {
  return std::ranges::any_of(answer.records(), [](const dns::Record& r) {
    return r.section == dns::Section::Authority && r.type == dns::RrType::Soa;
  });
}

bool is_transfer(dns::RrType type) {
  return type == dns::RrType::Axfr || type == dns::RrType::Ixfr;
}

}  // namespace

void append_line(std::span<const Piece> format, const Entry& entry, std::string& out) {
  out += "[INFO] ";
  append_message(format, entry, out);
  out += '\n';
}

uint8_t classify(const dns::Query& query, const dns::Answer& answer) {
  if (query.opcode != dns::Opcode::Query || is_transfer(query.qtype)) return kError;
  const bool no_error = answer.rcode == dns::Rcode::NoError;
  if (answer.rcode == dns::Rcode::NxDomain) return kDenial;
  if (!no_error) return kError;
  if (answer.count(dns::Section::Answer) > 0) return kSuccess;
  return has_soa(answer) ? kDenial : kSuccess;
}

std::string_view class_word(uint8_t reply_class) {
  return reply_class == kSuccess ? "success" : reply_class == kDenial ? "denial" : "error";
}

std::string_view type_of(const dns::Query& query, const dns::Answer& answer) {
  if (query.opcode == dns::Opcode::Update) return "UPDATE";
  if (query.opcode == dns::Opcode::Notify || is_transfer(query.qtype)) return "META";
  switch (answer.rcode) {
    case dns::Rcode::NxDomain:
      return "NXDOMAIN";
    case dns::Rcode::ServFail:
    case dns::Rcode::NotImp:
      return "SERVERERROR";
    case dns::Rcode::NoError:
      break;
    default:
      return "OTHERERROR";
  }
  if (answer.count(dns::Section::Answer) > 0) return "NOERROR";
  if (has_soa(answer)) return "NODATA";
  const bool referral = std::ranges::any_of(answer.records(), [](const dns::Record& r) {
    return r.section == dns::Section::Authority && r.type == dns::RrType::Ns;
  });
  return referral ? "DELEGATION" : "NOERROR";
}

size_t uncompressed_size(const dns::Query& query, const dns::Answer& answer) {
  constexpr size_t kHeader = 12;
  constexpr size_t kQuestionFixed = 4;
  constexpr size_t kRecordFixed = 10;
  size_t size = kHeader;
  if (query.has_question) size += query.qname.size() + kQuestionFixed;
  for (const dns::Record& r : answer.records()) {
    size += answer.name(r.owner, query.qname).size() + kRecordFixed + r.rdata_size;
  }
  return size;
}

Filter::Filter(const Options& options) {
  for (const Rule& rule : options.rules) {
    if (const auto zone = dns::Name::from_text(rule.zone)) {
      scopes_.push_back({zone->lowered(), rule});
    }
  }
}

const Rule* Filter::find(const dns::Query& query, uint8_t reply_class) const {
  for (const Scope& scope : scopes_) {
    if (!dns::is_at_or_below(query.lower_qname.view(), scope.zone.view())) continue;
    return (scope.rule.classes & reply_class) != 0 ? &scope.rule : nullptr;
  }
  return nullptr;
}

}  // namespace fairlead::plugins::log
