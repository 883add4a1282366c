// A question asked of an upstream, for the tests of the code that reads the reply.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "dns/render.h"
#include "dns/response.h"
#include "test/unit/dns/upstream_reply.h"

namespace fairlead::dns {

using Lines = std::vector<std::string>;

inline constexpr uint16_t kId = 0x1234;

// A question, what an upstream says to it, and what was read.
struct Asked {
  Name name;
  Question question;
  Response response;
  Answer answer;

  explicit Asked(const std::string& qname = "web.x.", RrType type = RrType::A, bool dnssec = false)
      : name(*Name::from_text(qname)) {
    question.qname = name.view();
    question.qtype = type;
    question.dnssec_ok = dnssec;
  }

  void read(const Octets& packet) {
    // On the heap and of its own size, so that a sanitizer sees every octet too far.
    const Octets exact(packet);
    response = read_response(exact, kId, question, answer);
  }

  // The answer as a client sees it.
  [[nodiscard]] scenarios::Reply rendered() const {
    Query query;
    query.set_name(name.view());
    query.has_question = true;
    query.qtype = question.qtype;
    query.transport = Transport::Tcp;
    query.has_edns = true;
    Octets out(kMaxTcpReply);
    out.resize(render(query, answer, out));
    std::string error;
    const auto reply = scenarios::decode(out, &error);
    REQUIRE_MESSAGE(reply, error);
    return *reply;
  }

  [[nodiscard]] Lines lines() const {
    const scenarios::Reply reply = rendered();
    Lines result = reply.answer;
    for (const std::string& line : reply.authority) result.push_back("authority " + line);
    CHECK(reply.additional.empty());
    return result;
  }
};

inline std::string verdict(const Response& response) {
  const char* words[] = {"ours", "not ours", "malformed"};
  const std::string text = words[static_cast<size_t>(response.verdict)];
  return response.fault == ResponseFault::None ? text : text + ": " + to_text(response.fault);
}

inline std::string verdict_of(const Octets& packet) {
  Asked asked;
  asked.read(packet);
  if (asked.response.verdict != ResponseVerdict::Ours) CHECK(asked.answer.records().empty());
  return verdict(asked.response);
}

inline UpstreamReply reply_with(Lines answer, Lines authority = {}, Lines additional = {}) {
  UpstreamReply reply;
  reply.answer = std::move(answer);
  reply.authority = std::move(authority);
  reply.additional = std::move(additional);
  return reply;
}

}  // namespace fairlead::dns
