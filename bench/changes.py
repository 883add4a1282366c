#!/usr/bin/env python3
"""What changes of the cluster cost a server, and when it knows them. One line of figures each on standard output.

  changes.py cost URL HOST:PORT PID service|slice TIMES [PER-SECOND]
      CPU µs of the process per change, less what it takes while nothing happens: a service's port changes, or an endpoint of one
      of five slices of a service with 5,000 endpoints comes and goes
  changes.py delay URL HOST:PORT TIMES
      p50, p99 and longest ms from the API server's reply to the first right answer, and to the event of another watch; a service is
      made and removed TIMES times
  changes.py stream URL SECONDS PER-SECOND endpoints|nothing
      an endpoint of a random service comes or goes, so often; nothing: as many writes of an object that has no name in DNS
"""
import json
import os
import random
import socket
import sys
import threading
import time

from scale_cluster import HEADERS, Api, Cluster, until

SPACE = "/api/v1/namespaces/team-0000/services"
SLICES = "/apis/discovery.k8s.io/v1/namespaces/team-0000/endpointslices"
PER_SLICE, BIG_SLICES = 1000, 5
SETTLE = 1.0  # seconds until the server has done all that was asked of it


def cpu_us(pid):
    """Of all its threads, as the scheduler counts it."""
    total = 0
    for thread in os.listdir("/proc/%s/task" % pid):
        with open("/proc/%s/task/%s/schedstat" % (pid, thread)) as file:
            total += int(file.read().split()[0])
    return total / 1000


def connect(server):
    host, port = server.rsplit(":", 1)
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.connect((host, int(port)))
    sock.settimeout(.5)
    return sock


def wire_name(service):
    return "%s.team-0000.svc.cluster.local" % service


def probe_service(name, port=80, headless=False):
    spec = {"ports": [{"name": "http", "port": port}]}
    if headless:
        spec["clusterIP"] = "None"
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


def big_slice(number, endpoints):
    """Slice `number` of the big service; one endpoint less when it has lost one."""
    first = number * PER_SLICE
    made = [{"addresses": ["10.200.%d.%d" % (k // 256, k % 256)], "conditions": {"ready": True, "serving": True, "terminating": False},
             "nodeName": "node-%04d" % k, "targetRef": {"kind": "Pod", "namespace": "team-0000", "name": "big-7d4b9c6f5d-%05x" % k}}
            for k in range(first, first + endpoints)]
    labels = {"kubernetes.io/service-name": "big", "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}
    return {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": {"name": "big-%d" % number, "namespace": "team-0000", "labels": labels},
            "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}], "endpoints": made}


class ServiceChange:
    """The port of a service is 80 or 81."""

    def __init__(self, api):
        self.api, self.name = api, "change-%d" % (time.time_ns() % 10**9)
        self.object = api.call("POST", SPACE, probe_service(self.name))
        self.question = wire_name(self.name)

    def make(self, turn):
        self.object["spec"]["ports"][0]["port"] = 81 - turn % 2
        self.object["metadata"].pop("resourceVersion", None)
        self.api.call("PUT", SPACE + "/" + self.name, self.object)

    def remove(self):
        self.api.call("DELETE", SPACE + "/" + self.name)


class SliceChange:
    """One slice of the big service has 1,000 endpoints or one less."""

    def __init__(self, api):
        self.api, self.question = api, wire_name("big")
        api.call("POST", SPACE, probe_service("big"))
        for number in range(BIG_SLICES):
            api.call("POST", SLICES, big_slice(number, PER_SLICE))

    def make(self, turn):
        number = turn // 2 % BIG_SLICES
        self.api.call("PUT", "%s/big-%d" % (SLICES, number), big_slice(number, PER_SLICE - 1 + turn % 2))

    def remove(self):
        for number in range(BIG_SLICES):
            self.api.call("DELETE", "%s/big-%d" % (SLICES, number))
        self.api.call("DELETE", SPACE + "/big")


def paced(times, per_second, make):
    begin = time.perf_counter()
    for turn in range(times):
        late = begin + turn / per_second - time.perf_counter()
        if late > 0:
            time.sleep(late)
        make(turn)
    return time.perf_counter() - begin


def cost(url, server, pid, what, times, per_second=100.0):
    api, sock = Api(url), connect(server)
    change = {"service": ServiceChange, "slice": SliceChange}[what](api)
    until(sock, change.question, (0, 1))
    time.sleep(SETTLE)
    before, begin = cpu_us(pid), time.perf_counter()
    time.sleep(3)
    idle = (cpu_us(pid) - before) / (time.perf_counter() - begin)
    before, begin = cpu_us(pid), time.perf_counter()
    paced(times, per_second, change.make)
    time.sleep(SETTLE)
    took = cpu_us(pid) - before - idle * (time.perf_counter() - begin)
    change.remove()
    until(sock, change.question, (3, 0))
    print("cpu_us %.1f idle_us_per_s %.0f" % (took / times, idle))


class Watch:
    """When another client of the API server hears of services: what of a delay is not the DNS server's."""

    def __init__(self, url):
        self.at, self.more = {}, threading.Condition()
        connection = Api(url).connect()
        connection.request("GET", SPACE + "?watch=true", headers=HEADERS)
        self.reply = connection.getresponse()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.reply:
            now = time.perf_counter()
            event = json.loads(line)
            with self.more:
                self.at[event["type"], event["object"]["metadata"]["name"]] = now
                self.more.notify()

    def since(self, begin, kind, name):
        """ms from `begin` until that event came, 0 when it was there already."""
        with self.more:
            self.more.wait_for(lambda: (kind, name) in self.at)
            return max(0, self.at[kind, name] - begin) * 1000


def spread(values):
    values = sorted(values)
    return values[len(values) // 2], values[len(values) * 99 // 100], values[-1]


def delay(url, server, times):
    api, sock, watch, took, told = Api(url), connect(server), Watch(url), [], []
    for i in range(times):
        name = "probe-%d-%d" % (i, time.time_ns() % 10**9)
        for method, path, body, kind, wanted in (("POST", SPACE, probe_service(name), "ADDED", (0, 1)),
                                                 ("DELETE", SPACE + "/" + name, None, "DELETED", (3, 0))):
            api.call(method, path, body)
            begin = time.perf_counter()
            took.append(until(sock, wire_name(name), wanted))
            told.append(watch.since(begin, kind, name))
    print("p50_ms %.2f p99_ms %.2f max_ms %.2f told_p50_ms %.2f told_p99_ms %.2f told_max_ms %.2f" % (*spread(took), *spread(told)))


def stream(url, seconds, per_second, what):
    """Several writers: one connection is not asked again before it has answered."""
    writers, done = 4, []

    def write(seed):
        api, pick, cluster, count = Api(url), random.Random(seed), Cluster(100, 1800), 0
        config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "nothing-%d" % seed}, "data": {}}
        if what == "nothing":
            api.call("POST", "/api/v1/namespaces/team-0000/configmaps", config)

        def make(turn):
            if what == "nothing":
                config["data"]["x"] = str(turn) * 300
                api.call("PUT", "/api/v1/namespaces/team-0000/configmaps/nothing-%d" % seed, config)
                return
            i = pick.randrange(20) * writers + seed
            thing = cluster.slice(i)
            if turn % 2:
                thing["endpoints"].pop()
            thing["metadata"]["namespace"] = "team-%04d" % i
            api.call("PUT", "/apis/discovery.k8s.io/v1/namespaces/team-%04d/endpointslices/%s" % (i, thing["metadata"]["name"]), thing)

        took = paced(int(seconds * per_second / writers), per_second / writers, make)
        done.append(int(seconds * per_second / writers) / took)

    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(writers)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    print("changes_per_s %.0f" % sum(done))


def main(arguments):
    command, rest = (arguments or [""])[0], arguments[1:]
    if command == "cost" and len(rest) in (5, 6):
        cost(rest[0], rest[1], rest[2], rest[3], int(rest[4]), *map(float, rest[5:]))
    elif command == "delay" and len(rest) == 3:
        delay(rest[0], rest[1], int(rest[2]))
    elif command == "stream" and len(rest) == 4:
        stream(rest[0], float(rest[1]), float(rest[2]), rest[3])
    else:
        sys.exit(__doc__)


main(sys.argv[1:])
