#include "bench/query_list.h"

#include <cstring>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

namespace fairlead::bench {
namespace {

// One query in wire form, RD set, ID 0. Nothing when the line is not a name and a type.
std::optional<Query> encode(const std::string& name, const std::string& type, int edns) {
  static const std::map<std::string, uint16_t> kTypes{
      {"A", 1},   {"NS", 2},   {"CNAME", 5}, {"SOA", 6},  {"PTR", 12},
      {"MX", 15}, {"TXT", 16}, {"AAAA", 28}, {"SRV", 33}, {"ANY", 255}};
  Query query;
  size_t at = 12;
  std::stringstream labels(name);
  for (std::string label; std::getline(labels, label, '.');) {
    if (label.empty()) continue;
    if (label.size() > 63 || at + label.size() + 1 > 12 + 254) return {};
    query.octets[at++] = static_cast<uint8_t>(label.size());
    std::memcpy(&query.octets[at], label.data(), label.size());
    at += label.size();
  }
  const auto known = kTypes.find(type);
  if (known == kTypes.end()) return {};
  const uint8_t question_end[] = {0, 0, static_cast<uint8_t>(known->second), 0, 1};
  std::memcpy(&query.octets[at], question_end, sizeof question_end);
  at += sizeof question_end;
  query.octets[2] = 1;  // RD
  query.octets[5] = 1;  // QDCOUNT
  if (edns > 0) {
    query.octets[11] = 1;  // ARCOUNT
    const uint8_t opt[] = {
        0, 0, 41, static_cast<uint8_t>(edns >> 8), static_cast<uint8_t>(edns), 0, 0, 0, 0, 0, 0};
    std::memcpy(&query.octets[at], opt, sizeof opt);
    at += sizeof opt;
  }
  query.size = at;
  return query;
}

}  // namespace

std::vector<Query> load_queries(const std::string& path, int edns) {
  std::vector<Query> queries;
  std::ifstream in(path);
  std::string name;
  for (std::string type; in >> name >> type;) {
    if (const auto query = encode(name, type, edns)) queries.push_back(*query);
  }
  return queries;
}

}  // namespace fairlead::bench
