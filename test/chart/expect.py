"""Comparing an object with what a case expects of it.

An expected mapping names some fields, null one that must not be there. Against a list, its keys name items by their `name`.
An expected list is the whole list, in order. Text that begins with '~ ' is a part of the text; everything else is the value.
"""


def _item(items, name):
    for item in items:
        if isinstance(item, dict) and item.get("name") == name:
            return item
    return None


def differences(expected, actual, where=""):
    """Yields one line for each field that is not as expected."""
    if isinstance(expected, dict) and isinstance(actual, (dict, list)):
        for key, value in expected.items():
            found = _item(actual, key) if isinstance(actual, list) else actual.get(key)
            yield from differences(value, found, "%s/%s" % (where, key))
    elif isinstance(expected, list) and isinstance(actual, list):
        if len(expected) != len(actual):
            yield "%s: %d items, not %d: %s" % (where, len(actual), len(expected), actual)
        for number, (value, found) in enumerate(zip(expected, actual)):
            yield from differences(value, found, "%s/%d" % (where, number))
    elif isinstance(expected, str) and expected.startswith("~ "):
        if expected[2:] not in str(actual):
            yield "%s: no %r in %r" % (where, expected[2:], actual)
    elif expected != actual or isinstance(expected, bool) != isinstance(actual, bool):
        yield "%s: %r, not %r" % (where, actual, expected)
