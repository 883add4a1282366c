"""reload: a new configuration without a lost query; a bad one changes nothing."""
import pathlib
import signal
import socket
import threading
import unittest

from harness import COREFILE, MANIFESTS, ServerTest

ADDRESSES = {"one": "192.0.2.1", "two": "192.0.2.2"}
AUTOPATH = """.:{dns} {
    bind 127.0.0.1
    autopath {dir}/resolv.conf
    hosts {
%s    }
}
""" % "".join("        %s www.%s.test\n" % (address, name) for name, address in ADDRESSES.items())
SECOND_BLOCK = "other.test:{other} {\n bind 127.0.0.1\n whoami\n}\n"


class Reload(ServerTest):
    def test_sigusr1_serves_the_new_corefile(self):
        server = self.start(COREFILE)
        server.wait_served()
        server.write_corefile(COREFILE + SECOND_BLOCK)
        server.signal(signal.SIGUSR1)
        server.wait_served("x.other.test", port="other")
        server.write_corefile(COREFILE)
        server.signal(signal.SIGUSR1)
        server.wait("the address is closed", lambda: server.try_ask("x.other.test", port="other") is None)
        self.assertEqual(server.ask("web.shop.svc.cluster.local").addresses, ["10.96.0.7"])

    def test_sigusr1_reads_the_files_of_the_same_corefile(self):
        server = self.start(AUTOPATH, files={"resolv.conf": "search none.test one.test\n"})
        server.wait("an answer", lambda: server.try_ask("www.none.test"))
        for second in ("one", "two"):
            server._replace("resolv.conf", "search none.test %s.test\n" % second)
            server.reload()
            self.assertEqual(server.ask("www.none.test").addresses, [ADDRESSES[second]])

    def test_a_changed_file_is_found(self):
        server = self.start(COREFILE)
        server.wait_served()
        server.write_corefile(COREFILE + SECOND_BLOCK)
        server.wait_served("x.other.test", port="other")
        server.wait("the log says so", lambda: "[INFO] Reloading complete" in server.log())

    def test_a_bad_file_changes_nothing_and_is_counted(self):
        server = self.start(COREFILE)
        server.wait_served()
        server.write_corefile(COREFILE + "broken.test {\n nonsense\n}\n")
        server.signal(signal.SIGUSR1)
        server.wait("the failure is counted",
                    lambda: "coredns_reload_failed_total 1" in server.get("metrics", "/metrics")[1])
        server.logged("Unknown directive 'nonsense'")
        self.assertEqual(server.get("health", "/health"), (200, "OK"))
        self.assertEqual(server.ask("web.shop.svc.cluster.local").addresses, ["10.96.0.7"])

    def test_a_watch_nobody_asks_any_more_is_stopped(self):
        def watches():
            threads = pathlib.Path("/proc/%d/task" % server.process.pid).iterdir()
            return sum((thread / "comm").read_text() == "fl-watch\n" for thread in threads)

        server = self.start(COREFILE + SECOND_BLOCK)
        server.wait_served()
        self.assertEqual(watches(), 1)
        for option in ("labels app=web", "endpoint_pod_names", "noendpoints"):
            server.write_corefile(COREFILE.replace("manifests", option + "\n manifests") + SECOND_BLOCK)
            server.reload()
            self.assertEqual(watches(), 1)
        self.assertEqual(server.ask("web.shop.svc.cluster.local").addresses, ["10.96.0.7"])

    def test_a_busy_port_changes_nothing(self):
        server = self.start(COREFILE)
        server.wait_served()
        with socket.socket() as tcp:
            tcp.bind(("127.0.0.1", server.ports["other"]))
            tcp.listen()
            server.write_corefile(COREFILE + SECOND_BLOCK)
            server.signal(signal.SIGUSR1)
            server.wait("the failure is told", lambda: "address already in use" in server.log())
        self.assertEqual(server.ask("web.shop.svc.cluster.local").rcode, 0)
        self.assertRegex("%d %s" % server.get("ready", "/ready"), "^200 OK\nreload: ")

    def test_a_busy_port_of_metrics_or_readiness_does_not_stop_it(self):
        server = self.start(COREFILE)
        server.wait_served()
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            server.write_corefile(COREFILE.replace("{metrics}", port).replace("ready 127.0.0.1:{ready}", "ready 127.0.0.1:" + port)
                                  + SECOND_BLOCK)
            server.signal(signal.SIGUSR1)
            server.wait_served("x.other.test", port="other")
            server.wait("the reload", lambda: "Reloading complete" in server.log())
        server.logged("[ERROR] Failed to start metrics handler: ")
        self.assertIn("coredns_reload_failed_total 0", server.wait(
            "the address is free", lambda: server.try_get(int(port), "/metrics"))[1])

    def test_a_signal_while_another_reload_waits_is_taken_up(self):
        corefile = COREFILE.replace("    reload 2s 0s\n", "")
        waits = corefile.replace("manifests {dir}/cluster", "endpoint http://127.0.0.1:{other}\n startup_timeout 2s")
        server = self.start(corefile)
        server.wait_served()
        server.write_corefile(waits)
        server.signal(signal.SIGUSR1)
        server.wait("the first one waits", lambda: "waiting for Kubernetes API" in server.log())
        server.write_corefile(corefile + SECOND_BLOCK)
        server.signal(signal.SIGUSR1)
        server.wait_served("x.other.test", port="other")
        server.logged("has not synced")
        self.assertEqual(server.ask("web.shop.svc.cluster.local").addresses, ["10.96.0.7"])

    def test_the_same_mistake_is_told_to_each_signal(self):
        corefile = COREFILE.replace("    reload 2s 0s\n", "")
        server = self.start(corefile)
        server.wait_served()
        server.write_corefile(corefile + "broken.test {\n nonsense\n}\n")
        for times in (1, 2, 3):
            server.signal(signal.SIGUSR1)
            server.wait("it is told", lambda: server.log().count("reload failed: ") == times)
        self.assertIn("coredns_reload_failed_total 3", server.get("metrics", "/metrics")[1])

    def test_an_api_that_says_nothing_does_not_replace_good_data(self):
        server = self.start(COREFILE)
        server.wait_served()
        server.write_corefile(COREFILE.replace(
            "manifests {dir}/cluster", "endpoint http://127.0.0.1:{other}\n startup_timeout 1s"))
        server.signal(signal.SIGUSR1)
        server.wait("the failure is told", lambda: "has not synced" in server.log())
        self.assertEqual(server.ask("web.shop.svc.cluster.local").addresses, ["10.96.0.7"])
        self.assertRegex("%d %s" % server.get("ready", "/ready"), "^200 OK\nreload: ")

    def test_no_query_is_lost_while_reloading(self):
        server = self.start(COREFILE)
        server.wait_served()
        lost, asked, stop = [], [0], threading.Event()

        def keep_asking():
            while not stop.is_set():
                asked[0] += 1
                try:
                    reply = server.ask("web.shop.svc.cluster.local", timeout=5)
                    if reply.addresses != ["10.96.0.7"]:
                        lost.append("rcode %d, %s" % (reply.rcode, reply.addresses))
                except OSError as error:
                    lost.append(repr(error))

        threads = [threading.Thread(target=keep_asking) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            for i in range(6):
                server.write_corefile(COREFILE.replace("2s 0s", "%ds 0s" % (10 + i)))
                server.reload()
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(lost[:3], [], server.log())
        self.assertGreater(asked[0], 100)

    def test_the_watch_is_kept(self):
        server = self.start(COREFILE)
        server.wait_served()
        server.write_manifests(MANIFESTS.replace("10.96.0.7", "10.96.0.9") + "\n: broken [\n")
        server.wait("the bad manifest is told", lambda: "objects.yaml" in server.log())
        server.write_corefile(COREFILE.replace("cluster.local {\n        manifests",
                                               "cluster.local {\n        ttl 77\n        manifests"))
        server.reload()
        # A new watch would find nothing but the bad file.
        self.assertEqual(server.ask("web.shop.svc.cluster.local").addresses, ["10.96.0.7"])


if __name__ == "__main__":
    unittest.main()
