"""Seeded random questions near the systematic ones: edited names, odd types, headers and EDNS."""
import dataclasses
import random

import dns.exception
import dns.name


LABELS = [b"svc", b"pod", b"alpha", b"beta", b"web", b"hl", b"dual", b"cluster", b"local", b"any", b"*", b"_tcp", b"_udp", b"_http", b"http",
          b"tcp", b"_", b"-", b"--", b"x", b"ns", b"dns", b"dns-version", b"in-addr", b"ip6", b"arpa", b"10", b"1", b"0", b"d", b"f",
          b"10-244-2-1", b"10-96-1-1", b"one", b"ext-in", b"ext-ip", b"default", b"kubernetes", b"kube-system", b"kube-dns", b"second",
          b"example", b"xn--mnchen-3ya", b"a" * 63, b"\x00", b"\xff", b" ", b"a.b", b"A", b"_HTTP", b"absent"]
TYPES = [1, 28, 33, 12, 16, 5, 6, 2, 255, 65, 15, 43, 257, 99, 10, 13]


def _edit_label(rng, label):
    data = bytearray(label)
    where = rng.randrange(len(data)) if data else 0
    kind = rng.randrange(5)
    if kind == 0 and data:
        data[where] ^= 0x20 if chr(data[where]).isalpha() else rng.randrange(1, 256)
    elif kind == 1:
        data.insert(where, rng.choice(b"_-*a0."))
    elif kind == 2 and len(data) > 1:
        del data[where]
    elif kind == 3:
        data = bytearray(label.swapcase())
    else:
        data = bytearray(rng.choice(LABELS))
    return bytes(data[:63])


def name(rng, base):
    labels = list(base.labels[:-1])
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        kind = rng.randrange(6)
        where = rng.randrange(len(labels) + 1)
        if kind == 0:
            labels.insert(where, rng.choice(LABELS))
        elif kind == 1 and labels:
            del labels[min(where, len(labels) - 1)]
        elif kind == 2 and labels:
            labels.insert(where, rng.choice(labels))
        elif labels:
            where = min(where, len(labels) - 1)
            labels[where] = _edit_label(rng, labels[where])
    try:
        return dns.name.Name([*labels, b""])
    except dns.exception.DNSException:        # too long, or a label became empty
        return base


def option(rng):
    """An EDNS option; one in ten is of a known kind with arbitrary content."""
    code = rng.choice((3, 5, 8, 10, 11, 12, 15, 20292, 65001))
    valid = {8: b"\0\1\x18\0\x0a\x01\x02", 11: b"", 15: b"\0\x16text"}
    if code in valid and rng.random() < 0.9:
        return code, valid[code]
    return code, rng.randbytes(rng.choice((0, 1, 8, 40)))


def question(rng, base):
    changes = {}
    if rng.random() < 0.8:
        changes["name"] = name(rng, base.name)
    roll = rng.random()
    if roll < 0.3:
        changes["rdtype"] = rng.choice(TYPES)
    elif roll < 0.4:
        changes["rdtype"] = rng.choice([t for t in range(301) if t not in (251, 252)])
    if rng.random() < 0.03:
        changes["rdclass"] = rng.choice((0, 2, 3, 4, 254, 255, rng.randrange(65536)))
    if rng.random() < 0.15:
        changes["flags"] = rng.getrandbits(11) & 0x7FF
    if rng.random() < 0.02:
        changes["opcode"] = rng.randrange(16)
    if rng.random() < 0.25:
        options = tuple(option(rng) for _ in range(rng.choice((0, 0, 1, 2))))
        changes["edns"] = (rng.choice((0, 0, 0, 0, 1, 255)), rng.choice((0, 512, 600, 1232, 1400, 4096, 65535)), rng.random() < 0.5, options)
    changes["tcp"] = rng.random() < 0.15
    return dataclasses.replace(base, **changes)


def questions(count, seed, bases):
    rng = random.Random(seed)
    return [question(rng, rng.choice(bases)) for _ in range(count)]
