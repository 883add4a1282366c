#include "net/ticket_keys.h"

#include <doctest/doctest.h>
#include <openssl/evp.h>

#include <memory>

namespace fairlead::net {
namespace {

using std::chrono::hours;
using Clock = TicketKeys::Clock;

// One ticket's fields and OpenSSL's objects for it.
struct Ticket {
  std::array<uint8_t, 16> name{}, iv{};
  std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> cipher{EVP_CIPHER_CTX_new(),
                                                                         &EVP_CIPHER_CTX_free};
  std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> hmac{EVP_MAC_fetch(nullptr, "HMAC", nullptr),
                                                         &EVP_MAC_free};
  std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> mac{EVP_MAC_CTX_new(hmac.get()),
                                                                &EVP_MAC_CTX_free};

  operator TicketKeys::Ticket() { return {name, iv, cipher.get(), mac.get()}; }
};

TEST_CASE("ticket keys: a key writes for a day and reads for two") {
  const Clock::time_point start{};
  const struct {
    hours after;  // the ticket's writing, which was 20 hours after the start
    TicketKeys::Outcome outcome;
  } rows[] = {
      {hours(0), TicketKeys::Usable},      {hours(3), TicketKeys::Usable},
      {hours(4), TicketKeys::ToBeRenewed}, {hours(27), TicketKeys::ToBeRenewed},
      {hours(28), TicketKeys::Unknown},    {hours(100), TicketKeys::Unknown},
  };
  for (const auto& row : rows) {
    CAPTURE(row.after.count());
    TicketKeys keys(start);
    Ticket ticket;
    REQUIRE(keys.protect(ticket, start + hours(20)) == TicketKeys::Usable);
    CHECK(keys.open(ticket, start + hours(20) + row.after) == row.outcome);
  }
}

TEST_CASE("ticket keys: what was written is read, by the keys that wrote it") {
  const auto now = Clock::now();
  TicketKeys keys(now), others(now);
  Ticket ticket, another;
  REQUIRE(keys.protect(ticket, now) == TicketKeys::Usable);
  std::array<uint8_t, 64> sealed{}, plain{};
  const std::array<uint8_t, 16> text{1, 2, 3};
  int size = 0;
  REQUIRE(EVP_EncryptUpdate(ticket.cipher.get(), sealed.data(), &size, text.data(), 16) == 1);
  CHECK(others.open(ticket, now) == TicketKeys::Unknown);
  REQUIRE(keys.open(ticket, now) == TicketKeys::Usable);
  EVP_CIPHER_CTX_set_padding(ticket.cipher.get(), 0);
  REQUIRE(EVP_DecryptUpdate(ticket.cipher.get(), plain.data(), &size, sealed.data(), size) == 1);
  CHECK(std::equal(text.begin(), text.end(), plain.begin()));
  REQUIRE(keys.protect(another, now) == TicketKeys::Usable);
  CHECK(another.name == ticket.name);
  CHECK(another.iv != ticket.iv);
}

TEST_CASE("ticket keys: a key nobody used for long is gone at once") {
  const Clock::time_point start{};
  TicketKeys keys(start);
  Ticket ticket;
  REQUIRE(keys.protect(ticket, start) == TicketKeys::Usable);
  CHECK(keys.open(ticket, start + hours(47)) == TicketKeys::ToBeRenewed);
  TicketKeys idle(start);
  REQUIRE(idle.protect(ticket, start) == TicketKeys::Usable);
  CHECK(idle.open(ticket, start + hours(48)) == TicketKeys::Unknown);
}

}  // namespace
}  // namespace fairlead::net
