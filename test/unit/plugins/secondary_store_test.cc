#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "dns/text_record.h"
#include "plugins/secondary/kept_copy.h"
#include "plugins/secondary/store.h"
#include "records/zone_builder.h"
#include "test/unit/support/pipe.h"
#include "test/unit/support/temporary_folder.h"

namespace fairlead::plugins::secondary {
namespace {

constexpr double kGoodAt = 1'700'000'000.5;
constexpr std::chrono::milliseconds kLong{60'000};
const std::string kSoa = "x.test 300 SOA ns.x.test h.x.test 7 2 3 4 5";

dns::Name name(const std::string& text) {
  return *dns::Name::from_text(text);
}

std::shared_ptr<const records::Zone> zone_of(const std::vector<std::string>& lines) {
  records::ZoneBuilder builder(name("x.test"));
  for (const std::string& line : lines) {
    dns::TextRecord record;
    REQUIRE(record.read(line).empty());
    REQUIRE(builder.add(record.owner(), record.type(), record.ttl(), record.rdata()).empty());
  }
  return builder.finish();
}

using Octets = std::vector<uint8_t>;

// Name, type and TTL, rdata.
std::vector<std::array<Octets, 3>> all_of(const records::Zone& zone) {
  std::vector<std::array<Octets, 3>> all;
  for (const auto& node : zone.nodes()) {
    const auto owner = zone.name(node);
    for (const records::ZoneRecord record : zone.records(node)) {
      const auto type = static_cast<uint16_t>(record.type);
      Octets numbers;
      for (const uint32_t number : {uint32_t{type}, record.ttl}) {
        for (int shift = 24; shift >= 0; shift -= 8)
          numbers.push_back(static_cast<uint8_t>(number >> shift));
      }
      all.push_back({Octets(owner.begin(), owner.end()), numbers,
                     Octets(record.rdata.begin(), record.rdata.end())});
    }
  }
  return all;
}

std::string text_of(const std::string& path) {
  const std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string error_of(const std::string& path, const std::string& origin = "x.test") {
  std::string error;
  const KnownCopy copy = read_copy(path, name(origin), error);
  CHECK_FALSE(copy.zone);
  return error;
}

}  // namespace

TEST_CASE("secondary: the name of a file has plain characters only, and is another for each zone") {
  CHECK(file_name(name("example.org")) == "example.org.zone");
  CHECK(file_name(name("10.in-addr.arpa")) == "10.in-addr.arpa.zone");
  CHECK(file_name(name("_tcp.example")) == "_5ftcp.example.zone");
  CHECK(file_name(name("a\\.b.example")) == "a_2eb.example.zone");
  CHECK(file_name(name(".")) == "_.zone");
  CHECK(file_name(name("\\.\\./\\000x")) == "_2e_2e_2f_00x.zone");
  const std::string label(63, '_');
  std::set<std::string> names;
  for (const char last : {'a', 'b', 'c'}) {
    const std::string file = file_name(name(label + "." + label + "." + last));
    CHECK(file.size() <= 200);
    CHECK(std::ranges::all_of(file, [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
    }));
    names.insert(file);
  }
  CHECK(names.size() == 3);
}

TEST_CASE("secondary: a copy is read as it was written") {
  const test::TemporaryFolder folder;
  const auto zone = zone_of({
      kSoa,
      "x.test 300 NS ns.x.test",
      "x.test 300 TYPE65400 \\# 3 00ff0a",
      "$include.x.test 5 TXT \"a;b\" \"\\000\\010\\255\\\"\\\\\"",
      "\\$origin\\010.x.test 5 A 192.0.2.1",
      "\\@.x.test 5 A 192.0.2.2",
      "\\(\\;\\).x.test 5 CNAME \\(\\;\\034.x.test",
      "*.x.test 0 MX 10 a\\.b.x.test",
      "big.x.test 4294967295 AAAA 2001:db8::1",
      "svc.x.test 60 HTTPS 1 . alpn=h2 port=8443",
      "y.x.test 60 CAA 0 issue \"a; b\"",
  });
  std::string error;
  REQUIRE(write_copy(folder / "a", {zone, kGoodAt}).empty());
  const KnownCopy copy = read_copy(folder / "a", name("x.test"), error);
  CHECK(error == "");
  REQUIRE(copy.zone);
  CHECK(all_of(*copy.zone) == all_of(*zone));
  CHECK(copy.zone->serial() == 7);
  CHECK(copy.good_at == doctest::Approx(kGoodAt).epsilon(1e-12));
  CHECK(touch_copy(folder / "a", kGoodAt + 10));
  CHECK(read_copy(folder / "a", name("x.test"), error).good_at ==
        doctest::Approx(kGoodAt + 10).epsilon(1e-12));
  CHECK_FALSE(std::filesystem::exists(folder / "a.new"));
}

TEST_CASE("secondary: a copy is kept with the epoch of its serial") {
  const test::TemporaryFolder folder;
  const std::string path = folder / "a";
  std::string error;
  const auto read = [&] {
    const KnownCopy copy = read_copy(path, name("x.test"), error);
    CHECK(error == "");
    CHECK(copy.zone);
    return copy.epoch;
  };
  for (const records::Epoch epoch : {records::Epoch(0), records::Epoch(0x0123456789abcdef),
                                     records::Epoch(UINT64_MAX), records::Epoch()}) {
    REQUIRE(write_copy(path, {zone_of({kSoa}), kGoodAt, epoch}).empty());
    CHECK(read() == epoch);
  }
  const std::string whole = text_of(path);
  const std::string records = whole.substr(0, whole.rfind(';'));
  for (const std::string line :
       {"; epoch 0123456789abcde\n", "; epoch 0123456789abcdeg\n", ";epoch  0123456789abcdef\n",
        "x; epoch 0123456789abcdef\n", "; epoch 0123456789abcdef\n;\n"}) {
    const bool is_record = line[0] == 'x';
    folder.write("a", records + (is_record ? "x.test 5 IN TXT " : "") + line + "; end of zone\n");
    CHECK_FALSE(read());
  }
}

TEST_CASE("secondary: a copy is kept in the form that it came in") {
  const test::TemporaryFolder folder;
  const std::string path = folder / "a";
  const std::string rules = "_fairlead.x.test TYPE65280 \\# 11 0101000000000900000003";
  const records::Epoch epoch(7);
  const auto zone = zone_of({kSoa, rules, "a.svc.x.test TYPE65281 \\# 1 01"});
  std::string error;
  const records::Cluster cluster = records::cluster_of(*zone, error);
  REQUIRE(cluster);
  REQUIRE(write_copy(path, {zone, kGoodAt, epoch, cluster}).empty());
  const KnownCopy copy = read_copy(path, name("x.test"), error);
  CHECK(error == "");
  REQUIRE(copy.zone);
  CHECK(copy.epoch == epoch);
  CHECK(copy.cluster == cluster);
  // The same records, of a zone that is no cluster's.
  REQUIRE(write_copy(path, {zone, kGoodAt, epoch, {}}).empty());
  CHECK_FALSE(read_copy(path, name("x.test"), error).cluster);
  REQUIRE(write_copy(path, {zone, kGoodAt, {}, cluster}).empty());
  CHECK(error_of(path) == path + ": has no epoch");
  REQUIRE(write_copy(path, {zone_of({kSoa}), kGoodAt, epoch, cluster}).empty());
  CHECK(error_of(path) == path + ": does not say how it is answered");
}

TEST_CASE("secondary: nothing was good later than now") {
  const test::TemporaryFolder folder;
  const double now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  REQUIRE(write_copy(folder / "a", {zone_of({kSoa}), now + 100'000}).empty());
  std::string error;
  CHECK(read_copy(folder / "a", name("x.test"), error).good_at < now + 90'000);
}

TEST_CASE("secondary: a file that is no copy of the zone is none") {
  const test::TemporaryFolder folder;
  const std::string path = folder / "a";
  CHECK(error_of(path).empty());  // there is none
  REQUIRE(write_copy(path, {zone_of({kSoa, "a.x.test A 192.0.2.1"}), kGoodAt}).empty());
  CHECK(error_of(path, "y.test") ==
        path + ": has SOA owner x.test. that does not match origin y.test.");
  const std::string whole = text_of(path);
  for (size_t size = 0; size < whole.size(); ++size) {
    folder.write("a", whole.substr(0, size));
    CHECK(error_of(path) == path + ": is not whole");
  }
  folder.write("a", "nonsense\n" + whole);
  CHECK(error_of(path).find("at line: 1") != std::string::npos);
  folder.write("other", whole);
  folder.write("a", "$INCLUDE other\n" + whole);
  CHECK(error_of(path).find("copies include nothing") != std::string::npos);
  folder.write("a", std::string("\0\xff; end of zone\n", 16));
  CHECK_FALSE(error_of(path).empty());
  CHECK(error_of(folder.path("")) == "open " + folder.path("") + ": is not a regular file");
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(error_of(folder / "pipe") == "open " + folder / "pipe" + ": is not a regular file");
}

TEST_CASE("secondary: the store writes, says that a file is still good, and removes it") {
  const test::TemporaryFolder folder;
  test::Pipe pipe;
  net::LogSink log(pipe.write.get());
  const auto zone = zone_of({kSoa});
  std::string error;
  {
    Store store(log);
    store.keep(folder / "a", {zone, kGoodAt});
  }
  CHECK(read_copy(folder / "a", name("x.test"), error).zone);
  struct stat before {
  }, after{};
  REQUIRE(::stat((folder / "a").c_str(), &before) == 0);
  {
    Store store(log);
    const KnownCopy known = store.read(folder / "a", name("x.test"));
    REQUIRE(known.zone);
    store.keep(folder / "a", {known.zone, kGoodAt + 5});
  }
  REQUIRE(::stat((folder / "a").c_str(), &after) == 0);
  CHECK(before.st_ino == after.st_ino);  // not written again
  CHECK(after.st_mtim.tv_sec == before.st_mtim.tv_sec + 5);
  {
    Store store(log);
    store.forget(folder / "a");
  }
  CHECK_FALSE(std::filesystem::exists(folder / "a"));
  CHECK(log.flush(kLong));
  CHECK(pipe.now() == "[INFO] plugin/secondary: Read kept copy of x.test. with serial 7\n");
}

TEST_CASE("secondary: of a folder that cannot be written there is one line") {
  const test::TemporaryFolder folder;
  test::Pipe pipe;
  net::LogSink log(pipe.write.get());
  {
    Store store(log);
    for (const std::string file : {"none/a", "none/b", "none/c"})
      store.keep(folder / file, {zone_of({kSoa}), kGoodAt});
    while (store.failures(folder / "none/a") + store.failures(folder / "none/b") +
               store.failures(folder / "none/c") <
           3)
      std::this_thread::yield();
    CHECK(store.failures(folder / "d") == 0);
  }
  CHECK(log.flush(kLong));
  const std::string lines = pipe.now();
  CHECK(std::ranges::count(lines, '\n') == 1);
  CHECK(lines.starts_with("[WARNING] plugin/secondary: Copies cannot be kept: open "));
  CHECK(lines.ends_with("no such file or directory\n"));
}

}  // namespace fairlead::plugins::secondary
