#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "metrics/metrics.h"
#include "plugins/kubernetes/families.h"

namespace fairlead::plugins::kubernetes {
TEST_CASE("kubernetes families: names, labels and bounds") {
  plugins::kubernetes::KubernetesFamilies families;
  metrics::Metrics metrics(1, "1.2.3");
  metrics.collect_from([&](metrics::FamilySet& set) { families.collect(set.others()); });
  families.programming.observe({"cluster_ip"}, 0.5);
  families.requests.add({"200", "GET", "10.96.0.1:443"});
  families.request_duration.observe({"GET", "10.96.0.1:443"}, 0.02);
  families.rate_limiter_duration.observe({"GET", "10.96.0.1:443"}, 0);
  families.objects.set({"services"}, 8000);
  families.objects_skipped.add({"services", "json"});
  families.relists.add({"services", "start"});
  families.set_last_event("services", std::chrono::steady_clock::now());
  const std::string text = "\n" + metrics.text();
  for (
      const char* expected :
      {R"(coredns_kubernetes_dns_programming_duration_seconds_bucket{service_kind="cluster_ip",le="0.512"} 1)",
       R"(coredns_kubernetes_dns_programming_duration_seconds_bucket{service_kind="cluster_ip",le="524.288"} 1)",
       R"(coredns_kubernetes_rest_client_requests_total{code="200",method="GET",host="10.96.0.1:443"} 1)",
       R"(coredns_kubernetes_rest_client_request_duration_seconds_bucket{verb="GET",host="10.96.0.1:443",le="0.025"} 1)",
       R"(coredns_kubernetes_rest_client_rate_limiter_duration_seconds_count{verb="GET",host="10.96.0.1:443"} 1)",
       R"(fairlead_kubernetes_objects{kind="services"} 8000)",
       R"(fairlead_kubernetes_objects_skipped_total{kind="services",reason="json"} 1)",
       R"(fairlead_kubernetes_relists_total{kind="services",reason="start"} 1)"}) {
    CAPTURE(expected);
    CHECK(text.find("\n" + std::string(expected) + "\n") != std::string::npos);
  }
  const std::string age = "fairlead_kubernetes_last_event_age_seconds{kind=\"services\"} ";
  CHECK(text.find(age) != std::string::npos);
  families.forget_events();
  CHECK(metrics.text().find(age) == std::string::npos);
}

}  // namespace fairlead::plugins::kubernetes
