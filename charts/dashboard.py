#!/usr/bin/python3
"""Writes charts/fairlead/dashboards/fairlead.json, the Grafana dashboard of cluster DNS, from the tables below.

Usage: charts/dashboard.py [--check]    --check: only says whether the file is what this would write.
"""
import json
import pathlib
import sys

TARGET = pathlib.Path(__file__).resolve().parent / "fairlead/dashboards/fairlead.json"
WHERE = 'cluster=~"$cluster",job=~"$job",instance=~"$instance"'
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
COLUMNS = 24
OWN = "Fairlead's own metric: CoreDNS has none like it."


def metric(name, **labels):
    """A selector of what the variables select."""
    more = "".join(',%s="%s"' % pair for pair in labels.items())
    return "%s{%s%s}" % (name, WHERE, more)


def rate(name, by="", **labels):
    return "sum%s (rate(%s[$__rate_interval]))" % (" by (%s)" % by if by else "", metric(name, **labels))


def total(name, by="", of="sum"):
    return "%s%s (%s)" % (of, " by (%s)" % by if by else "", metric(name))


def quantiles(name, by=""):
    """Targets for three percentiles of a histogram; `by` is one label that tells the lines apart."""
    grouping = "le" + (", " + by if by else "")
    return [("histogram_quantile(%s, %s)" % (q, rate(name + "_bucket", grouping)), "p%d %s" % (100 * q, "{{%s}}" % by if by else ""))
            for q in (0.5, 0.9, 0.99)]


def share(part, whole):
    return "%s / %s" % (part, whole)


FAILED = share("(%s or vector(0))" % rate("coredns_dns_responses_total", rcode="SERVFAIL"), rate("coredns_dns_responses_total"))
HITS = share(rate("coredns_cache_hits_total"), rate("coredns_cache_requests_total"))
DURATION, PROXY = "coredns_dns_request_duration_seconds", "coredns_proxy_request_duration_seconds"
PROGRAMMING = "coredns_kubernetes_dns_programming_duration_seconds"
API = "coredns_kubernetes_rest_client_request"

# From where on a number of the first row is yellow, and red: as the alerts.
LIMITS = {"SERVFAIL": (0.01, 0.03), "99th percentile": (1, 4), "Panics": (1, 10), "Reloads that failed": (1, 10)}

# A panel: title, unit, targets (expression, legend), description. In the first row every panel is a number.
ROWS = [
    ("Now", [
        ("Instances", "none", [(total("coredns_build_info", of="count"), "")], "Servers that are scraped."),
        ("Queries", "reqps", [(rate("coredns_dns_requests_total"), "")], ""),
        ("SERVFAIL", "percentunit", [(FAILED, "")], "Share of the answers. Alert from 1 %."),
        ("99th percentile", "s", [quantiles(DURATION)[2]], "Time from question to answer, upstreams included. Alert from 1 s."),
        ("Cache hits", "percentunit", [(HITS, "")], "Fairlead's cache holds forwarded names only; CoreDNS's also the cluster's."),
        ("Panics", "none", [(total("coredns_panics_total"), "")], "Internal failures since the start. Alert from 1."),
        ("Reloads that failed", "none", [(total("coredns_reload_failed_total"), "")], "Alert from 1."),
        ("Oldest start", "s", [("time() - " + total("process_start_time_seconds", of="min"), "")], ""),
    ]),
    ("Queries", [
        ("By protocol", "reqps", [(rate("coredns_dns_requests_total", "proto"), "{{proto}}")], ""),
        ("By type", "reqps", [(rate("coredns_dns_requests_total", "type"), "{{type}}")], ""),
        ("By zone", "reqps", [(rate("coredns_dns_requests_total", "zone"), "{{zone}}")], "`dropped`: no server block is for the name."),
        ("By instance", "reqps", [(rate("coredns_dns_requests_total", "instance"), "{{instance}}")], "How evenly clients are spread."),
        ("DO bit", "reqps", [(rate("coredns_dns_do_requests_total"), "DO"), (rate("coredns_dns_requests_total"), "all")], "Clients that ask for DNSSEC."),
        ("Size", "bytes", quantiles("coredns_dns_request_size_bytes", "proto"), ""),
    ]),
    ("Answers", [
        ("By rcode", "reqps", [(rate("coredns_dns_responses_total", "rcode"), "{{rcode}}")], ""),
        ("By plugin", "reqps", [(rate("coredns_dns_responses_total", "plugin"), "{{plugin}}")], "Who wrote the answer."),
        ("Time", "s", quantiles(DURATION), "From question to answer, upstreams included."),
        ("99th percentile by zone", "s", [(quantiles(DURATION, "zone")[2][0], "{{zone}}")], ""),
        ("SERVFAIL by instance", "percentunit", [(share(rate("coredns_dns_responses_total", "instance", rcode="SERVFAIL"),
                                                        rate("coredns_dns_responses_total", "instance")), "{{instance}}")], ""),
        ("Size", "bytes", quantiles("coredns_dns_response_size_bytes", "proto"), ""),
    ]),
    ("Cache", [
        ("Entries", "short", [(total("coredns_cache_entries", "type"), "{{type}}")], ""),
        ("Hits and misses", "reqps", [(rate("coredns_cache_hits_total", "type"), "{{type}}"), (rate("coredns_cache_misses_total"), "miss")], ""),
        ("Evictions", "ops", [(rate("coredns_cache_evictions_total", "type"), "{{type}}")], "Entries that made room before they expired."),
        ("Prefetched and stale", "ops", [(rate("coredns_cache_prefetch_total"), "prefetched"), (rate("coredns_cache_served_stale_total"), "stale")],
         "With `prefetch` and `serve_stale` only."),
        ("Memory", "bytes", [(total("fairlead_cache_bytes", "instance"), "{{instance}}")], OWN),
    ]),
    ("Upstreams", [
        ("Questions", "reqps", [(rate(PROXY + "_count", "to"), "{{to}}")], ""),
        ("By rcode", "reqps", [(rate(PROXY + "_count", "rcode"), "{{rcode}}")], ""),
        ("99th percentile", "s", [(quantiles(PROXY, "to")[2][0], "{{to}}")], "Alert from 1 s."),
        ("Failed health probes", "ops", [(rate("coredns_proxy_healthcheck_failures_total", "to"), "{{to}}")], ""),
        ("All down, and too many at once", "ops", [(rate("coredns_forward_healthcheck_broken_total"), "all upstreams down"),
                                                   (rate("coredns_forward_max_concurrent_rejects_total"), "over max_concurrent")], ""),
        ("Reused connections", "percentunit", [(share(rate("coredns_proxy_conn_cache_hits_total", "proto"),
                                                      "(%s + %s)" % (rate("coredns_proxy_conn_cache_hits_total", "proto"),
                                                                     rate("coredns_proxy_conn_cache_misses_total", "proto"))), "{{proto}}")], ""),
        ("Down", "none", [(total("fairlead_forward_upstream_down", "to", "max"), "{{to}}")], OWN + " 1 while an instance counts it as down."),
        ("Smoothed latency", "s", [(total("fairlead_forward_upstream_latency_seconds", "to", "max"), "{{to}}")], OWN + " What `policy fastest` goes by."),
        ("Asked again elsewhere", "ops", [(rate("fairlead_forward_retries_total", "to"), "{{to}}")],
         OWN + " Questions that another upstream was asked as well, because this one was slow or failed."),
        ("Replies not taken", "ops", [(rate("fairlead_forward_ignored_replies_total", "reason"), "{{reason}}")],
         OWN + " Wrong id or question, cut, forged: somebody guesses, or an upstream is broken."),
        ("Forwarding loop", "none", [(total("fairlead_loop_detected", "instance", "max"), "{{instance}}")], OWN + " 1 while forwarding is off."),
    ]),
    ("Kubernetes", [
        ("Programming latency", "s", [quantiles(PROGRAMMING, "service_kind")[0], quantiles(PROGRAMMING, "service_kind")[2]],
         "From a change of endpoints to DNS knowing it."),
        ("API requests", "reqps", [(rate(API + "s_total", "code, method"), "{{method}} {{code}}")], ""),
        ("API latency, 99th percentile", "s", [(quantiles(API + "_duration_seconds", "verb")[2][0], "{{verb}}")], ""),
        ("Objects", "short", [(total("fairlead_kubernetes_objects", "kind", "max"), "{{kind}}")], OWN),
        ("Silence of the watch", "s", [(total("fairlead_kubernetes_last_event_age_seconds", "kind", "max"), "{{kind}}")],
         OWN + " Bookmarks come every minute or so. Alert from 10 minutes."),
        ("Synced", "none", [(total("fairlead_kubernetes_synced", "instance", "min"), "{{instance}}")], OWN + " 1 once everything was listed."),
        ("Lists", "none", [(total("fairlead_kubernetes_relists_total", "kind, reason"), "{{kind}} {{reason}}")], OWN + " Complete lists since the start."),
        ("Objects left out", "none", [(total("fairlead_kubernetes_objects_skipped_total", "kind, reason"), "{{kind}} {{reason}}")],
         OWN + " Objects that could not be read, since the start."),
    ]),
    ("Sockets", [
        ("Dropped by the kernel", "pps", [(rate("fairlead_udp_receive_drops_total", "instance"), "{{instance}}")],
         OWN + " Queries lost because a receive queue was full."),
        ("Dropped here", "pps", [(rate("fairlead_dropped_packets_total", "reason"), "{{reason}}")], OWN),
        ("Unreadable queries", "pps", [(rate("fairlead_dns_parse_failures_total", "reason"), "{{reason}}")], OWN + " Answered with an rcode alone."),
        ("TCP connections", "short", [(total("fairlead_tcp_connections", "instance"), "{{instance}}")], OWN),
        ("TCP connections refused", "ops", [(rate("fairlead_tcp_connections_refused_total", "instance"), "{{instance}}")], OWN),
        ("Log lines lost", "ops", [(rate("fairlead_log_lines_dropped_total", "instance"), "{{instance}}")], OWN),
    ]),
    ("Process", [
        ("CPU", "short", [(rate("process_cpu_seconds_total", "instance"), "{{instance}}")], "Cores."),
        ("Resident memory", "bytes", [(metric("process_resident_memory_bytes"), "{{instance}}")], ""),
        ("Descriptors", "percentunit", [(share(metric("process_open_fds"), metric("process_max_fds")), "{{instance}}")], "Share of those allowed."),
        ("Threads or goroutines", "short", [(metric("go_goroutines"), "{{instance}}")], "CoreDNS: goroutines. Fairlead: threads."),
        ("Health probe, 99th percentile", "s", [(quantiles("coredns_health_request_duration_seconds", "instance")[2][0], "{{instance}}")],
         "How long the server takes to answer itself."),
        ("Versions", "none", [(total("coredns_build_info", "version, goversion", "count"), "{{version}} ({{goversion}})")], ""),
        ("Configurations", "none", [("count by (value) (%s)" % metric("coredns_reload_version_info"), "{{value}}")],
         "Instances by hash of the Corefile. More than one for long: see the alert ClusterDNSConfigurationsDiffer."),
        ("Plugins", "none", [("count by (name) (%s == 1)" % metric("coredns_plugin_enabled"), "{{name}}")], "Server blocks in which each is on."),
    ]),
]


def panel(number, kind, place, what):
    title, unit, targets, description = what
    options = {"reduceOptions": {"calcs": ["lastNotNull"]}} if kind == "stat" else {
        "legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi", "sort": "desc"}}
    custom = {"custom": {"fillOpacity": 10, "showPoints": "never", "spanNulls": True}}
    if kind == "stat":
        colours = zip(("green", "yellow", "red"), (None, *LIMITS.get(title, ())))
        custom = {"thresholds": {"mode": "absolute", "steps": [{"color": colour, "value": value} for colour, value in colours]}}
    return {"id": number, "type": kind, "title": title, "description": description, "datasource": DATASOURCE, "gridPos": place,
            "fieldConfig": {"defaults": dict({"unit": unit, "min": 0}, **custom), "overrides": []}, "options": options,
            "targets": [{"refId": chr(ord("A") + i), "datasource": DATASOURCE, "expr": expression, "legendFormat": legend.strip()}
                        for i, (expression, legend) in enumerate(targets)]}


def panels():
    number, top, found = 0, 0, []
    for title, row in ROWS:
        number, stats = number + 1, title == "Now"
        found.append({"id": number, "type": "row", "title": title, "collapsed": False, "panels": [],
                      "gridPos": {"x": 0, "y": top, "w": COLUMNS, "h": 1}})
        top += 1
        width, height = (COLUMNS // len(row), 4) if stats else (8, 7)
        for i, what in enumerate(row):
            number += 1
            column, line = i * width % COLUMNS, i * width // COLUMNS
            place = {"x": column, "y": top + line * height, "w": width, "h": height}
            found.append(panel(number, "stat" if stats else "timeseries", place, what))
        top += height * -(-len(row) * width // COLUMNS)
    return found


def variable(name, label, query):
    return {"type": "query", "name": name, "label": label, "datasource": DATASOURCE, "definition": query,
            "query": {"query": query, "refId": "variable-" + name}, "refresh": 2, "sort": 1, "hide": 0,
            "includeAll": True, "allValue": ".*", "multi": name != "cluster", "current": {"text": "All", "value": "$__all"}}


def dashboard():
    return {
        "uid": "fairlead-cluster-dns", "title": "Cluster DNS", "tags": ["dns", "coredns", "fairlead", "kubernetes"],
        "description": "Cluster DNS served by Fairlead or CoreDNS.", "schemaVersion": 39, "version": 1, "editable": True, "graphTooltip": 1,
        "time": {"from": "now-3h", "to": "now"}, "refresh": "30s", "timezone": "", "annotations": {"list": []}, "links": [],
        "templating": {"list": [
            {"type": "datasource", "name": "datasource", "label": "Data source", "query": "prometheus", "refresh": 1, "hide": 0, "current": {}},
            variable("cluster", "Cluster", "label_values(coredns_build_info, cluster)"),
            variable("job", "Job", 'label_values(coredns_build_info{cluster=~"$cluster"}, job)'),
            variable("instance", "Instance", 'label_values(coredns_build_info{cluster=~"$cluster",job=~"$job"}, instance)')]}}


def main():
    lines = ",\n".join(json.dumps(panel, ensure_ascii=False) for panel in panels())
    text = json.dumps(dict(dashboard(), panels=[]), indent=1, ensure_ascii=False).replace('"panels": []', '"panels": [\n%s\n]' % lines) + "\n"
    if sys.argv[1:] == ["--check"]:
        if not TARGET.exists() or TARGET.read_text() != text:
            sys.exit("%s is not what %s writes; run the latter" % (TARGET, sys.argv[0]))
    else:
        TARGET.write_text(text)


if __name__ == "__main__":
    main()
