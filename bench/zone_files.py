#!/usr/bin/env python3
"""Makes zone files of two shapes, and questions about them.

  zone_files.py FOLDER [ADDRESSES]

root.zone is of the root's shape, signed: 1,450 delegations with name servers, glue, DS, NSEC and RRSIG, some 22,000 records of `.`;
flat.zone has ADDRESSES (1,000,000) names of flat.test with an A record each; small.zone is flat.test with one. The questions are in
root-referral, root-nxdomain, flat-a and flat-nxdomain. The same every time.
"""
import base64
import os
import random
import sys

random.seed(1)
SOA = "%s 86400 IN SOA a.ns.test. hostmaster.test. 2026112800 1800 900 604800 86400\n"


def octets(count):
    return base64.b64encode(random.randbytes(count)).decode()


def signature(owner, covered, labels):
    return "%s 86400 IN RRSIG %s 8 %d 86400 20270101000000 20261101000000 1 . %s\n" % (owner, covered, labels, octets(256))


def delegation(out, name, following):
    """Six name servers of whom two are within, two DS, one NSEC, and the signatures: 15 records."""
    hosts = ["%s.nic.%s." % (letter, name) for letter in "ab"] + ["ns%d.host%d.example." % (i, random.randrange(400)) for i in range(4)]
    for host in hosts:
        out.write("%s. 172800 IN NS %s\n" % (name, host))
    for number in (1, 2):
        out.write("%s. 86400 IN DS %d 8 %d %s\n" % (name, random.randrange(65536), number, random.randbytes(20 if number == 1 else 32).hex()))
    out.write(signature(name + ".", "DS", 1))
    out.write("%s. 86400 IN NSEC %s NS DS RRSIG NSEC\n" % (name, following))
    out.write(signature(name + ".", "NSEC", 1))
    for i, host in enumerate(hosts[:2]):
        out.write("%s 172800 IN A 192.0.2.%d\n%s 172800 IN AAAA 2001:db8::%x\n" % (host, i + 1, host, random.randrange(65536)))


def root(folder):
    names = sorted({"".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=random.randrange(2, 9))) for _ in range(1480)})[:1450]
    with open(os.path.join(folder, "root.zone"), "w") as out:
        out.write(SOA % "." + signature(".", "SOA", 0))
        for letter in "abcdefghijklm":
            out.write(". 518400 IN NS %s.root-servers.net.\n" % letter)
        out.write(signature(".", "NS", 0) + ". 86400 IN NSEC %s. NS SOA RRSIG NSEC\n" % names[0] + signature(".", "NSEC", 0))
        out.write("localhost. 86400 IN A 127.0.0.1\n")  # an address, which await of common.sh wants
        for name, following in zip(names, [name + "." for name in names[1:]] + ["."]):
            delegation(out, name, following)
    questions(folder, "root-referral", ("www.example.%s A" % random.choice(names) for _ in range(20000)))
    questions(folder, "root-nxdomain", ("host%d.nothing%d A" % (i, i) for i in range(20000)))


def flat(folder, name, count):
    with open(os.path.join(folder, name), "w") as out:
        out.write(SOA % "flat.test.")
        out.write("flat.test. 300 IN NS host0.flat.test.\n")
        for i in range(count):
            out.write("host%d.flat.test. 300 IN A 10.%d.%d.%d\n" % (i, i >> 16 & 255, i >> 8 & 255, i & 255))


def questions(folder, name, lines):
    with open(os.path.join(folder, name), "w") as out:
        out.writelines(line + "\n" for line in lines)


def main(folder, addresses=1000000):
    os.makedirs(folder, exist_ok=True)
    root(folder)
    flat(folder, "small.zone", 1)
    flat(folder, "flat.zone", int(addresses))
    questions(folder, "flat-a", ("host%d.flat.test A" % random.randrange(int(addresses)) for _ in range(20000)))
    questions(folder, "flat-nxdomain", ("absent%d.flat.test A" % i for i in range(20000)))


if len(sys.argv) < 2:
    sys.exit(__doc__)
main(*sys.argv[1:])
