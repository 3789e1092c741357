# SPDX-License-Identifier: MIT
"""Of every file: its licence line, no secrets, no paths of one machine; of C, how long its lines are; of every script, that the shell can read it."""
import re
import subprocess

from tree import done, fault, files, read, ROOT

SPDX = "SPDX-License-Identifier: MIT"
LICENSED = (".c", ".h", ".def", ".py", ".sh", ".go", ".1", ".5", ".8", ".service", ".bash")
# Built from parts, so that this file does not find itself.
SECRETS = {
    "a private key": "-----BEGIN [A-Z ]*PRIVATE" + " KEY-----",
    "an OpenAI-style key": r"\bsk-(?:proj-|ant-)?[A-Za-z0-9]{20,}",
    "an AWS key": r"\bAKIA[0-9A-Z]{16}\b",
    "a GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{30,}",
    "a Slack token": r"\bxox[abprs]-[A-Za-z0-9-]{10,}",
    "a JSON web token": r"\beyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}\.",
}
COLUMNS = 140  # of a line of C, its comments too, which clang-format leaves alone
MACHINE = re.compile(r"/(?:work|home/(?!op\b|dev\b|user\b)[a-z]+)/(?:main|shared|src)\b|/tmp/gwtop/")

for name in files():
    text = read(name)
    generated = name.startswith(("tests/panes/golden/", "tests/fuzz/corpus/", "tests/payloads/"))
    wants = name.endswith(LICENSED) or name in ("dev", ".ci/run", ".clang-format", ".clang-tidy") or (name.endswith(".yaml") and not generated)
    head = "\n".join(text.splitlines()[:3])
    if wants and SPDX not in head:
        fault(name, "has no line " + SPDX)
    if text.count(SPDX) > 1 and name.endswith((".c", ".h")):
        fault(name, "has more than one licence line")
    if name.endswith((".c", ".h")):
        for i, line in enumerate(text.splitlines(), 1):
            if len(line) > COLUMNS:
                fault("%s:%d" % (name, i), "is longer than %d columns" % COLUMNS)
    for what, pattern in SECRETS.items():
        if re.search(pattern, text):
            fault(name, "holds what looks like " + what)
    if name != "tests/checks/sources.py" and MACHINE.search(text):
        fault(name, "names a path of one machine: " + MACHINE.search(text).group(0))
    if name.endswith(".sh") or name in ("dev", ".ci/run"):
        shell = "bash" if "bash" in text.splitlines()[0] else "sh"
        run = subprocess.run([shell, "-n", name], cwd=ROOT, capture_output=True, text=True)
        if run.returncode:
            fault(name, run.stderr.strip())
done("sources")
