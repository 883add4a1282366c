#include "http/passwords.h"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>

#include "net/asio.h"

using namespace fairlead;
using http::Credentials;

namespace {

// Of "secret", with the cheapest cost there is.
constexpr const char* kSecret = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

std::optional<bool> ask(http::Passwords& passwords, asio::io_context& io, const Credentials& said) {
  http::Rules rules;
  rules.users = {{"ann", kSecret}};
  std::optional<bool> right;
  passwords.check(rules, said, [&](bool is_right) { right = is_right; });
  io.restart();
  const auto work = asio::make_work_guard(io);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!right && std::chrono::steady_clock::now() < end)
    io.run_one_for(std::chrono::milliseconds(10));
  return right;
}

}  // namespace

TEST_CASE("http: passwords") {
  asio::io_context io;
  http::Passwords passwords(io);
  for (int again = 0; again < 2; ++again) {
    CHECK(ask(passwords, io, {"ann", "secret"}) == true);
    CHECK(ask(passwords, io, {"ann", "Secret"}) == false);
    CHECK(ask(passwords, io, {"ann", std::string("secret\0x", 8)}) == false);
    CHECK(ask(passwords, io, {"bob", "secret"}) == false);
  }
  passwords.stop();
}

TEST_CASE("http: who waits when it ends hears nothing") {
  asio::io_context io;
  bool called = false;
  {
    http::Passwords passwords(io);
    http::Rules rules;
    rules.users = {{"ann", kSecret}};
    for (int i = 0; i < 10; ++i)
      passwords.check(rules, {"ann", std::to_string(i)}, [&](bool) { called = true; });
    passwords.stop();
  }
  io.run();
  CHECK_FALSE(called);
}

TEST_CASE("http: credentials") {
  struct Row {
    const char* header;
    const char* said;  // "user password"; null: none
  };
  for (const Row& row :
       {Row{"Basic YW5uOnNlY3JldA==", "ann secret"}, Row{"bASIC YW5uOnNlY3JldA==", "ann secret"},
        Row{"Basic YTo=", "a "}, Row{"Basic Ojo6", " ::"}, Row{"Basic YQ==", nullptr},
        Row{"Basic ", nullptr}, Row{"Basic !", nullptr}, Row{"Basic YW5uOnNlY3JldA", nullptr},
        Row{"Bearer YW5uOnNlY3JldA==", nullptr}, Row{"", nullptr}}) {
    CAPTURE(row.header);
    Credentials said;
    const bool read = http::read_credentials(row.header, said);
    CHECK(read == (row.said != nullptr));
    if (row.said != nullptr) CHECK(said.user + " " + said.password == row.said);
  }
}
