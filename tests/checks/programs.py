# SPDX-License-Identifier: MIT
"""What the built programs are linked with: the console has no network code, the recorder no terminal code, the drawing layer neither.

usage: programs.py BUILD_DIR
"""
import os
import subprocess
import sys

from tree import done, fault

FORBIDDEN = {
    "gwtop": ["libcurl", "libmicrohttpd", "libcjson", "libssl"],
    "gwtop-recorder": ["libncurses", "libtinfo", "libmicrohttpd"],
    "gwtop-sim": ["libncurses", "libtinfo", "libcurl", "libsqlite3"],
    "unit_draw": ["libsqlite3", "libcurl", "libncurses", "libtinfo", "libyaml", "libmicrohttpd"],
    "unit_base": ["libsqlite3", "libcurl", "libncurses", "libyaml", "libcjson"],
    "unit_model": ["libsqlite3", "libcurl", "libncurses", "libyaml", "libcjson"],
    "unit_analysis": ["libsqlite3", "libcurl", "libncurses", "libyaml", "libcjson"],
}

build = sys.argv[1]
looked = 0
for program, libraries in FORBIDDEN.items():
    path = os.path.join(build, program)
    if not os.path.exists(path):
        fault(program, "was not built")
        continue
    needed = [l for l in subprocess.run(["readelf", "-d", path], capture_output=True, text=True).stdout.splitlines() if "(NEEDED)" in l]
    looked += 1
    for library in libraries:
        for line in needed:
            if "[" + library in line:
                fault(program, "links " + line[line.index("[") + 1:-1])
    # A static archive of a forbidden layer would bring its symbols along.
    if program == "unit_draw":
        symbols = subprocess.run(["nm", path], capture_output=True, text=True).stdout
        for prefix in ("store_open", "config_load", "view_load_overview"):
            if " T " + prefix in symbols:
                fault(program, "contains " + prefix)
done("%d programs" % looked)
