"""A small etcd behind its JSON gateway: ranges, watches, leases, logins; compaction, rights and connections can be taken away."""
import base64
import http.server
import json
import threading

PREFIX = "/v3/"


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def decoded(text):
    return base64.b64decode(text).decode("latin-1")


class Refused(Exception):
    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.body = status, {"code": code, "message": "etcdserver: " + message}


class Gateway:
    """`users`: passwords by name, for whom keys are; none: for everybody. `tls`: an ssl.SSLContext. `like`: goes on where that one was."""

    def __init__(self, test, port=0, users=None, tls=None, cluster=1, like=None):
        self.lock = threading.Condition()
        self.cluster, self.revision, self.compacted = cluster, like.revision if like else 1, 0
        self.keys, self.history = (like.keys, like.history) if like else ({}, [])  # key -> (value, revision, lease); (revision, key, value or None, lease)
        self.leases, self.users, self.tokens, self.rights = {}, users, set(), ""
        self.requests, self.watches, self.generation = [], 0, 0
        self.page = None                      # what a range has at most
        gateway = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                operation = self.path[len(PREFIX):]
                try:
                    with gateway.lock:
                        gateway.requests.append((operation, body))
                    said = gateway.answer(self, operation, body)
                    if said is not None:
                        self.say(200, said)
                except Refused as refused:
                    self.say(refused.status, refused.body)
                except OSError:
                    self.close_connection = True

            def say(self, status, said):
                octets = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(octets)))
                self.end_headers()
                self.wfile.write(octets)

            def log_message(self, *_):
                pass

        class Listener(http.server.ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, *_):
                pass

        self.server = Listener(("127.0.0.1", port), Handler)
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()
        self.open = True
        test.addCleanup(self.close)

    @property
    def url(self):
        return "127.0.0.1:%d" % self.port

    def close(self):
        if not self.open:
            return
        self.open = False
        self.drop_watches()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    # What a test does to it.

    def put(self, key, value, lease=0):
        with self.lock:
            text = value if isinstance(value, str) else json.dumps(value)
            self.revision += 1
            self.keys[key] = (text, self.revision, lease)
            self.history.append((self.revision, key, text, lease))
            self.lock.notify_all()

    def delete(self, key):
        with self.lock:
            self.revision += 1
            del self.keys[key]
            self.history.append((self.revision, key, None, 0))
            self.lock.notify_all()

    def compact(self):
        with self.lock:
            self.compacted = self.revision
            self.history.clear()

    def drop_watches(self):
        with self.lock:
            self.generation += 1
            self.lock.notify_all()

    def count(self, operation):
        with self.lock:
            return sum(1 for name, _ in self.requests if name == operation)

    # What it says.

    def header(self):
        return {"cluster_id": str(self.cluster), "revision": str(self.revision)}

    def check(self, handler, begin):
        if self.users is not None and handler.headers["Authorization"] not in self.tokens:
            raise Refused(401, 16, "invalid auth token")
        if not begin.startswith(self.rights):
            raise Refused(403, 7, "permission denied")

    def answer(self, handler, operation, body):
        if operation == "watch":
            return self.watch(handler, body)
        asked = json.loads(body)
        with self.lock:
            return {"kv/range": self.range, "auth/authenticate": self.authenticate,
                    "lease/timetolive": self.time_to_live}[operation](handler, asked)

    def authenticate(self, _, asked):
        if self.users is None:
            raise Refused(400, 9, "authentication is not enabled")
        if self.users.get(asked["name"]) != asked["password"]:
            raise Refused(400, 3, "authentication failed, invalid user ID or password")
        token = "token.%d" % len(self.requests)
        self.tokens.add(token)
        return {"header": self.header(), "token": token}

    def range(self, handler, asked):
        begin, end = decoded(asked["key"]), decoded(asked["range_end"])
        self.check(handler, begin)
        if 0 < int(asked["revision"]) < self.compacted:
            raise Refused(400, 11, "mvcc: required revision has been compacted")
        found = sorted(key for key in self.keys if begin <= key < end)
        page = found[:min(int(asked["limit"]), self.page or len(found))]
        return {"header": self.header(), "count": str(len(found)), "more": len(page) < len(found),
                "kvs": [self.key_value(key, *self.keys[key]) for key in page]}

    def time_to_live(self, _, asked):
        ttl = self.leases.get(int(asked["ID"]), -1)
        return {"header": self.header(), "ID": asked["ID"], "TTL": str(ttl)}

    @staticmethod
    def key_value(key, value, revision, lease):
        said = {"key": encoded(key), "mod_revision": str(revision)}
        if value is not None:
            said["value"] = encoded(value)
        if lease:
            said["lease"] = str(lease)
        return said

    def watch(self, handler, body):
        # As etcd's, which may have begun its response before it reads a second one.
        asked = [json.loads(body.splitlines()[0])["create_request"]]
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.close_connection = True
        with self.lock:
            generation, self.watches = self.generation, self.watches + 1
        try:
            at = [int(one["start_revision"]) for one in asked]
            for number, one in enumerate(asked):
                with self.lock:
                    said = self.created(handler, number, decoded(one["key"]), at[number])
                self.send(handler, *said)
                if said[-1].get("canceled"):
                    return None
            while True:
                with self.lock:
                    self.lock.wait_for(lambda: generation != self.generation or any(first <= self.revision for first in at))
                    if generation != self.generation:
                        return None
                    said = [self.events(number, one, at[number]) for number, one in enumerate(asked)]
                    at = [self.revision + 1] * len(asked)
                self.send(handler, *[one for one in said if one])
        finally:
            with self.lock:
                self.watches -= 1
                self.lock.notify_all()

    def created(self, handler, number, begin, first):
        canceled = {"watch_id": "-1", "created": True, "canceled": True}
        try:
            self.check(handler, begin)
        except Refused as refused:
            return [dict(canceled, cancel_reason="rpc error: desc = " + refused.body["message"])]
        created = {"header": self.header(), "watch_id": str(number), "created": True}
        if first <= self.compacted - 1:
            return [created, {"header": {"cluster_id": str(self.cluster)}, "watch_id": str(number), "canceled": True,
                              "compact_revision": str(self.compacted)}]
        return [created]

    def events(self, number, asked, first):
        begin, end = decoded(asked["key"]), decoded(asked["range_end"])
        events = [dict({"kv": self.key_value(key, value, revision, lease)}, **({} if value is not None else {"type": "DELETE"}))
                  for revision, key, value, lease in self.history if revision >= first and begin <= key < end]
        return {"header": self.header(), "watch_id": str(number), "events": events} if events else None

    @staticmethod
    def send(handler, *said):
        for one in said:
            line = json.dumps({"result": one}).encode() + b"\n"
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        handler.wfile.flush()
