#!/usr/bin/python3
"""Records CoreDNS's answers about the fixtures into test/data/coredns-1.15.

For each variant of the Corefile one file VARIANT.txt, and the objects of that moment in objects.yaml, as
`kubectl get ... -o yaml` prints them, so that the unit tests can replay both without an API server.
Usage: record.py [VARIANT...]   (the lab's control plane is up; the fixtures are applied first)
"""
import concurrent.futures
import pathlib
import re
import sys
import time

import fixtures
import kube
import questions
import servers
import wire

OUT = kube.HERE / "../data/coredns-1.15"
HEAD = """# Answers of CoreDNS 1.15.0 about objects.yaml, recorded by test/differential/record.py.
# Corefile (%s, the only address of the server that is not 127.0.0.1, is an endpoint of kube-dns; no forward):
#
%s#
# A case: 'query NAME TYPE' with what differs from a plain recursive UDP query of class IN (tcp, nord, cd, ad, z, flags=
# for other header bits, class=, opcode=, edns=SIZE[,do][,version=N], option=CODE:HEX), then 'noreply', or 'reply RCODE FLAGS', 'question' when it is not the one
# asked, 'edns' when there is an OPT, and the records, sorted; an SOA's serial is '*'. With tc there are no records here.
"""
VOLATILE = re.compile(r"^ *(- )?(uid|resourceVersion|creationTimestamp|generation|startTime|lastTransitionTime): .*\n", re.M)


def objects_yaml():
    """All objects a DNS server reads, without what differs from run to run."""
    text = kube.kubectl("get", "namespaces,services,endpointslices,pods", "-A", "-o", "yaml")
    text = VOLATILE.sub("", text)
    # names that the endpoint slice controller makes up, and with them the order
    text = re.sub(r"^( *name: db(?:-front|-all)?)-[b-df-hj-np-tv-xz2-9]{5}$", r"\1-xxxxx", text, flags=re.M)
    head, _, rest = text.partition("items:\n")
    items, end, tail = rest.partition("kind: List\n")
    kinds = ["Namespace", "Service", "EndpointSlice", "Pod"]
    field = lambda item, key: (re.findall(r"^    %s: (.*)$" % key, item, re.M) or [""])[0]      # noqa: E731
    kind = lambda item: kinds.index(re.search(r"^  kind: (\w+)$", item, re.M)[1])     # noqa: E731
    blocks = [b for b in re.split(r"^(?=- )", items, flags=re.M) if b]
    blocks.sort(key=lambda b: (kind(b), field(b, "namespace"), field(b, "name")))
    return head + "items:\n" + "".join(blocks) + end + tail


def ask_all(address, asked):
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        return list(pool.map(lambda x: wire.reply_lines(x, wire.ask(address, x)), asked))


def settled(address, tries=50):
    """Waits until the pods of the StatefulSet, the last things made, have names."""
    last = questions.q("db-1.db.alpha.svc.cluster.local", "A")
    for _ in range(tries):
        reply = wire.reply_lines(last, wire.ask(address, last))
        if any(line.startswith("answer") for line in reply) or "REFUSED" in reply[0] or "NXDOMAIN" in reply[0]:
            return
        time.sleep(0.1)


def bare(lines):
    """A reply without what every variant changes: the TTLs."""
    return [re.sub(r"^(\w+ \S+) \d+ |\d+$", r"\1 ", line) for line in lines]


def main(variants):
    fixtures.up()
    kube.grant()
    time.sleep(2)
    servers.isolate_with_api()
    OUT.mkdir(parents=True, exist_ok=True)
    default = {}
    (OUT / "objects.yaml").write_text(objects_yaml())
    for variant in dict.fromkeys(["default", *variants]):       # the others are told from it
        asked = questions.systematic(variant)[::4 if variant == "two-zones" else 1]
        with servers.Server("coredns", variant) as server:
            settled(server.address)
            replies = ask_all(server.address, asked)
        if variant == "default":
            default = {q: bare(r) for q, r in zip(asked, replies)}
        text = HEAD % (fixtures.LOCAL_IP, re.sub("^", "#   ", servers.corefile(variant, 53, "kubeconfig KUBECONFIG lab"), flags=re.M)
                       .rstrip("# ") )
        kept = 0
        for i, (question, reply) in enumerate(zip(asked, replies)):
            # of what is as in the default file one in ten is enough, but where the variant's own rules decide
            decisive = variant == "verified" and ".pod." in question.name.to_text()
            if variant != "default" and default.get(question) == bare(reply) and i % 10 and not decisive:
                continue
            kept += 1
            text += "\n" + "\n".join([question.text(), *reply]) + "\n"
        (OUT / (variant + ".txt")).write_text(text)
        print("%-18s %5d questions, %5d recorded" % (variant, len(asked), kept))


if __name__ == "__main__":
    main(sys.argv[1:] or list(servers.VARIANTS))
