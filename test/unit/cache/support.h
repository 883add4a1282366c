// Questions, upstreams' answers and replies of the cache, in words.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "cache/cache.h"
#include "dns/parse.h"
#include "dns/render.h"
#include "test/scenarios/wire.h"

namespace fairlead::cache {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;
using State = Found::State;

inline constexpr Now kStart = std::chrono::hours(100);

/// A query as it came over the network, and the packet that it looks into.
struct Asked {
  explicit Asked(const std::string& line, uint16_t id = 0x4242)
      : question(scenarios::parse_question(line)), packet(scenarios::encode(question, id)) {
    const auto transport = question.tcp ? dns::Transport::Tcp : dns::Transport::Udp;
    REQUIRE(parse_query(packet, transport, query).verdict == dns::Verdict::Answer);
  }
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;

  scenarios::Question question;
  scenarios::Octets packet;
  dns::Query query;
};

inline dns::Name name(const std::string& text) {
  return *dns::Name::from_text(text);
}

/// Builds an upstream's answer. An owner or target of "" is the question's name.
struct Upstream {
  dns::Answer answer;

  explicit Upstream(dns::Rcode rcode = dns::Rcode::NoError) {
    answer.rcode = rcode;
    answer.recursion_available = true;
  }
  dns::NameRef owner(const std::string& text) {
    return text.empty() ? dns::kQname : answer.add_name(name(text).view());
  }
  Upstream& address(const std::string& at, uint32_t ttl, const std::string& text) {
    answer.add_address(dns::Section::Answer, owner(at), ttl, *dns::IpAddress::from_text(text));
    return *this;
  }
  Upstream& addresses(size_t count, uint32_t ttl = 60) {
    for (size_t i = 0; i < count; ++i) {
      address("", ttl, "10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256));
    }
    return *this;
  }
  Upstream& cname(const std::string& at, uint32_t ttl, const std::string& target) {
    const dns::NameRef from = owner(at);
    answer.add_name_record(dns::RrType::Cname, dns::Section::Answer, from, ttl, owner(target));
    return *this;
  }
  Upstream& ns(const std::string& at, uint32_t ttl, const std::string& target) {
    const dns::NameRef from = owner(at);
    answer.add_name_record(dns::RrType::Ns, dns::Section::Authority, from, ttl, owner(target));
    return *this;
  }
  Upstream& soa(const std::string& at, uint32_t ttl, uint32_t minimum) {
    const dns::NameRef zone = owner(at);
    const dns::NameRef mname = answer.add_name("ns", name(at).view());
    answer.add_soa(dns::Section::Authority, zone, ttl, {mname, mname, 1, 2, 3, 4, minimum});
    return *this;
  }
};

inline Upstream gone(uint32_t ttl = 60) {
  Upstream result(dns::Rcode::NxDomain);
  result.soa("example", ttl, ttl);
  return result;
}

inline Upstream nodata(uint32_t ttl = 60) {
  Upstream result;
  result.soa("example", ttl, ttl);
  return result;
}

inline Upstream one_address(const std::string& text = "192.0.2.1", uint32_t ttl = 60) {
  Upstream result;
  result.address("", ttl, text);
  return result;
}

/// A cache and a clock.
struct Setup {
  explicit Setup(Settings settings = {}) : cache(with_root(std::move(settings))) {}

  static Settings with_root(Settings settings) {
    if (settings.zones.empty()) settings.zones.emplace_back();
    return settings;
  }

  StoreResult store(const std::string& line, Upstream upstream) {
    return cache.store(Asked(line).query, now, upstream.answer);
  }
  Found find(const std::string& line, uint64_t shuffle = 0) {
    const Asked asked(line);
    out.assign(dns::kMaxTcpReply, 0xee);
    const Found found = cache.find(asked.query, now, shuffle, out);
    out.resize(found.size);
    return found;
  }
  State state(const std::string& line) { return find(line).state; }

  /// What a client gets for `line` from the cache; "miss" or "verify" when nothing is served.
  Texts reply(const std::string& line) {
    const Found found = find(line);
    if (found.state == State::Miss) return {"miss"};
    if (found.state == State::Verify) return {"verify"};
    return records();
  }
  /// The answer and authority records of what find() wrote.
  Texts records() {
    const scenarios::Reply read = decoded();
    Texts all = read.answer;
    all.insert(all.end(), read.authority.begin(), read.authority.end());
    return all;
  }
  scenarios::Reply decoded() {
    std::string error;
    const auto read = scenarios::decode(out, &error);
    REQUIRE_MESSAGE(read.has_value(), error);
    return *read;
  }

  Cache cache;
  Now now = kStart;
  scenarios::Octets out;
};

}  // namespace fairlead::cache
