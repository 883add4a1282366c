// The tls directive in a block: what its tls:// addresses are encrypted with.
#include <memory>
#include <string>
#include <vector>

#include "net/ticket_keys.h"
#include "plugins/building.h"
#include "plugins/tls/renewal.h"
#include "plugins/tls/setup.h"

namespace fairlead::plugins::tls {
namespace {

void make(const TlsIdentity& identity, Building& building) {
  if (building.explaining() != nullptr) return;
  Site& site = building.site();
  // One set for all: tickets are good on every worker, and after a reload.
  auto tickets =
      building.process<net::TicketKeys>([] { return std::make_shared<net::TicketKeys>(); });
  auto renewal = building.keep<Renewal>([&](const Renewal& other) { return other.is_of(identity); },
                                        [&] {
                                          auto made = std::make_shared<Renewal>(
                                              identity, tickets, site.control, site.log);
                                          made->start();
                                          return made;
                                        });
  renewal->check();  // a reload is not to wait for the next look
  for (const std::string& transport : Renewal::transports())
    building.encrypt(transport, renewal->current(transport));
  building.collect([renewal](metrics::FamilySet& families) { renewal->collect(families); });
  building.tell_status([renewal] { return std::vector<StatusLine>{{"tls", renewal->status()}}; });
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  plan.tls = parse(cursor, plan.context());
  if (!plan.tls->key_log.empty()) {
    plan.warn("tls: SECRETS OF ALL SESSIONS ARE WRITTEN TO " + plan.tls->key_log +
              " (keylog): whoever reads it can read what clients ask");
  }
  plan.make([identity = *plan.tls](Building& building) { make(identity, building); });
}

}  // namespace fairlead::plugins::tls
