// An answer from a table of hosts allocates nothing once a worker's buffers have grown.
#include <doctest/doctest.h>

#include <memory>

#include "plugins/hosts/answer.h"
#include "test/unit/count_allocations.h"
#include "test/unit/plugins/question.h"

using namespace fairlead;
using namespace fairlead::plugins;

TEST_CASE("allocations: none in an answer from hosts") {
  hosts::Options options;
  options.zones = {"."};
  options.fall_through = {"example.net."};
  const hosts::Settings settings(options);
  const hosts::HostMap::Reading reading{"f", settings.zones, true, nullptr};
  const char* const text = "10.0.0.1 a b\nfd00::1 a\n10.0.0.2 *.wild\n10.0.0.3 a\n";
  const hosts::Table table{hosts::HostMap(text, reading),
                           std::make_shared<const hosts::HostMap>("10.0.0.1 c a\n", reading)};
  using dns::RrType;
  const test::Question questions[] = {
      {"a", RrType::A},           {"A", RrType::Aaaa},
      {"x.wild", RrType::A},      {"b", RrType::Txt},
      {"none", RrType::A},        {"none.example.net", RrType::A},
      {"d.c.b.a.", RrType::Aaaa}, {"1.0.0.10.in-addr.arpa", RrType::Ptr},
  };
  dns::Answer answer;
  for (int round = 0; round < 2; ++round) {
    for (const test::Question& question : questions) {
      answer.clear();
      const size_t before = allocations;
      hosts::answer(settings, table, question.query, answer);
      const size_t after = allocations;
      CAPTURE(dns::to_text(question.query.qname));
      if (round == 1) CHECK(after == before);
    }
  }
}

TEST_CASE("allocations: the counter counts") {
  const size_t before = allocations;
  const auto number = std::make_unique<int>(1);
  CHECK(allocations > before);
}
