# SPDX-License-Identifier: MIT
"""Every configuration that the documentation shows is accepted by `gwtop check`. usage: examples.py BUILD_DIR"""
import os
import re
import subprocess
import sys
import tempfile

from tree import done, fault, files, read, ROOT

gwtop = os.path.join(sys.argv[1], "gwtop")


def check(place, text):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as f:
        f.write(text)
        f.flush()
        os.chmod(f.name, 0o600)
        run = subprocess.run([gwtop, "check", "--config", f.name], capture_output=True, text=True)
    if run.returncode:
        fault(place, (run.stdout + run.stderr).strip().replace(f.name, ""))


def blocks(name, text):
    """Configurations in Markdown and in man pages: indented YAML that has `sources:` at its left edge."""
    if name.endswith(".md"):
        return re.findall(r"```yaml\n(.*?)```", text, re.S)
    return [b for b in re.findall(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed", text, re.S | re.M) if re.search(r"^sources:", b, re.M)]


count = 0
for name in files(".yaml", under="examples/"):
    check(name, read(name))
    count += 1
for name in files(".md", ".5", ".1"):
    for block in blocks(name, read(name)):
        check(name, block.replace("\\e", "\\").replace("\\&", "").replace("\\-", "-"))
        count += 1
done("%d configurations" % count)
