"""Bugs that both planters plant: that of the course, and the one for verifiers of `measure`."""

from __future__ import annotations

# (a line of `f(t, n)`, the kind of bug, what was changed)
PLANTED = [
    ("return n < 3", "off by one", "`<` became `<=`"),
    ("return n >= 3", "off by one", "`>=` became `>`"),
    ("return n == t", "the opposite", "`==` became `!=`"),
    ("return n in t", "the opposite", "`in` became `not in`"),
    ("return n is None", "the opposite", "`is` became `is not`"),
    ("return len(t) == n", "at least", "exactly became at least (`==` became `>=`)"),
    ("return n < 3", "changed number", "number 3 became 4"),
    ("return n < 3", "changed number", "number 3 became 2"),
    ("return True", "the opposite", "True became False"),
    ("return n < 3", "always passes", "`f` answers True whatever it is given"),
    ("return n < 3", "always fails", "`f` answers False whatever it is given"),
    ("n += 1\n    return n < 3", "random default", "`f` ends with a random answer"),
    ("return all(t)", "wrong quantifier", "`all` became `any`"),
    ("return any(t)", "wrong quantifier", "`any` became `all`"),
    ("return min(t) < n", "wrong quantifier", "`min` became `max`"),
    ("return n and t", "wrong connective", "`and` became `or`"),
    ("return n or t", "wrong connective", "`or` became `and`"),
    ("return n and t", "lost condition", "`t` was left out"),
    ("return not t", "dropped not", "`not` was dropped"),
    ("return t.lower()", "dropped call", "`.lower()` was dropped"),
    ("return t.strip()", "dropped call", "`.strip()` was dropped"),
    ("return t.splitlines()", "dropped call", "`.splitlines()` was dropped"),
    ("return t.startswith(n)", "substring", "`.startswith()` became `in`: anywhere"),
    ("return n + t", "wrong arithmetic", "`+` became `-`"),
    ("n += t\n    return n", "wrong arithmetic", "`+=` became `-=`"),
    ("n += t\n    return n", "deleted statement", "`n += t` was deleted"),
    ("t.append(n)\n    return t", "deleted statement", "`t.append(n)` was deleted"),
    (
        "for x in t:\n        continue\n        n()",
        "deleted statement",
        "`continue` was deleted",
    ),
    ("if n:\n        t = n\n    return t", "skipped branch", "the branch `if n` is skipped"),
    ("return t if n else 1", "taken branch", "the branch `if n` is always taken"),
]
