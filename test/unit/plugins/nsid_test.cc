#include <doctest/doctest.h>

#include "net/host_name.h"
#include "plugins/nsid/setup.h"
#include "test/unit/plugins/served.h"
#include "test/unit/plugins/setup_support.h"

namespace fairlead::plugins::nsid {
using namespace fairlead::plugins::testing;

namespace {

const auto kParse = [](auto& cursor, const auto&) { return plugins::nsid::parse(cursor); };

// The answer that the first label names.
query::Turn answer(query::Walk& walk) {
  const std::string_view what = walk.question().label(0);
  dns::Answer& out = walk.answer();
  if (what == "servfail") return walk.fail(dns::Rcode::ServFail);
  if (what == "drop") return query::Turn::Drop;
  if (what == "blocked") {
    out.rcode = dns::Rcode::Refused;
    out.add_extended_error(15, "");
    return query::Turn::Done;
  }
  if (what == "echo") out.add_option(dns::OptionCode::Nsid, std::array<uint8_t, 2>{'u', 'p'});
  out.add_address(dns::Section::Answer, dns::kQname, 5, *dns::IpAddress::from_text("192.0.2.1"));
  return query::Turn::Done;
}

// The texts of the NSID options of the last reply, each in <>.
std::string nsid_of(const Served& served) {
  const auto reply = scenarios::decode(served.reply());
  if (!reply || !reply->edns) return "no OPT";
  std::string all;
  dns::OptionReader options(reply->edns->options);
  while (const auto option = options.next()) {
    if (option->code == dns::OptionCode::Nsid)
      all += '<' + std::string(option->data.begin(), option->data.end()) + '>';
  }
  return all;
}

}  // namespace

TEST_CASE("nsid: options and mistakes") {
  const auto data_of = [](const std::string& lines) {
    return with_directive("nsid", lines, kParse).data;
  };
  CHECK(data_of("nsid").empty());
  CHECK(data_of("nsid abc") == "abc");
  CHECK(data_of("nsid a \"b c\" d") == "a b c d");
  CHECK(setup_error("nsid", "nsid a\nnsid b", kParse) == "3" + kOnce);
  CHECK(setup_error("nsid", "nsid {\nx\n}", kParse) == "2" + kOnce);
}

TEST_CASE("nsid: clients that ask for it are told, whoever answers") {
  Served served("nsid abc\nany", answer);
  struct Row {
    const char* question;
    const char* nsid;
    const char* reply;
  };
#define DATA "; answer x.test. 5 A 192.0.2.1"
  for (const Row& row : {
           Row{"x.test. A edns=1232 option=3:", "<abc>",
               "NOERROR rd; edns version=0 size=1232 option=3" DATA},
           Row{"x.test. A edns=1232,do option=10:0011223344556677 option=3:", "<abc>",
               "NOERROR rd; edns version=0 size=1232 do option=3" DATA},
           Row{"x.test. A edns=512 option=3:616263", "<abc>",
               "NOERROR rd; edns version=0 size=1232 option=3" DATA},
           Row{"x.test. A edns=1232", "", "NOERROR rd; edns version=0 size=1232" DATA},
           Row{"x.test. A", "no OPT", "NOERROR rd" DATA},
           Row{"blocked.test. A edns=1232 option=3:", "<abc>",
               "REFUSED rd; edns version=0 size=1232 ede=15 option=3"},
           Row{"echo.test. A edns=1232 option=3:", "<abc>",
               "NOERROR rd; edns version=0 size=1232 option=3; answer echo.test. 5 A 192.0.2.1"},
           Row{"servfail.test. A edns=1232 option=3:", "", "SERVFAIL rd; edns version=0 size=1232"},
       }) {
    CAPTURE(row.question);
    CHECK(served.ask(row.question) == row.reply);
    CHECK(nsid_of(served) == row.nsid);
  }
  CHECK(served.ask("drop.test. A edns=1232 option=3:") == "noreply");
  served.ask("x.test. ANY edns=1232 option=3:");
  CHECK(nsid_of(served) == "<abc>");
}

TEST_CASE("nsid: the host's name without data") {
  Served served("nsid\nwhoami");
  served.ask("x.test. A edns=1232 option=3:");
  CHECK(nsid_of(served) == '<' + net::host_name() + '>');
}

}  // namespace fairlead::plugins::nsid
