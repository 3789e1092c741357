# SPDX-License-Identifier: MIT
"""Every header compiles alone, and twice in one file. usage: headers.py CC"""
import concurrent.futures
import os
import subprocess
import sys

from tree import done, fault, files, ROOT


def compiles(header):
    text = '#include "%s"\n#include "%s"\n' % (header, header)
    run = subprocess.run([sys.argv[1], "-std=c17", "-D_POSIX_C_SOURCE=200809L", "-Isrc", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-xc", "-"],
                         cwd=ROOT, input=text, capture_output=True, text=True)
    return header, run.returncode, run.stderr


headers = [h[len("src/"):] for h in files(".h", under="src/")]
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    for header, status, message in pool.map(compiles, headers):
        if status:
            fault("src/" + header, message.strip().splitlines()[0] if message.strip() else "does not compile alone")
done("%d headers" % len(headers))
