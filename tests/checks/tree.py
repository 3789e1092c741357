# SPDX-License-Identifier: MIT
"""What the checks share: the project's files, and findings that are printed and counted."""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
findings = []


def files(*suffixes, under=""):
    """Paths of the tree's files (tracked, or new and not ignored), relative to its root."""
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "--deduplicate"], cwd=ROOT, capture_output=True, text=True)
    if out.returncode == 0:
        names = out.stdout.splitlines()
    else:  # a source tarball
        names = [os.path.relpath(os.path.join(d, f), ROOT) for d, _, fs in os.walk(ROOT) if "/build" not in d for f in fs]
    return sorted(n for n in names if n.startswith(under) and (not suffixes or n.endswith(suffixes)) and os.path.isfile(os.path.join(ROOT, n)))


def read(name):
    with open(os.path.join(ROOT, name), encoding="utf-8", errors="replace") as f:
        return f.read()


def fault(place, text):
    findings.append((place, text))


def done(what):
    """Prints every finding, says what was looked at, and ends with the exit status."""
    for place, text in sorted(findings):
        print("%s: %s" % (place, text))
    print("%s: %d faults" % (what, len(findings)))
    sys.exit(1 if findings else 0)


INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+(["<])([^">]+)[">]', re.M)


def includes(name):
    """(line, is_own, path) of each include, in order."""
    text = read(name)
    return [(text.count("\n", 0, m.start()) + 1, m.group(1) == '"', m.group(2)) for m in INCLUDE.finditer(text)]
