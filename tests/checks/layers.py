# SPDX-License-Identifier: MIT
"""The layer table, proven by reading the includes: who may include whom, and which outside library has which home."""
import os
import re

from tree import done, fault, files, includes, read, ROOT

# A layer may include itself and what stands here. docs/ARCHITECTURE.md draws the same table.
TABLE = {
    "base": [],
    "model": ["base"],
    "config": ["base", "model"],
    "source": ["base", "model", "config"],
    "analysis": ["base", "model"],
    "store": ["base", "model"],
    "record": ["base", "model", "config", "source", "analysis", "store"],
    "netcli": ["base", "model", "config", "source", "analysis", "store", "record"],
    "view": ["base", "model", "config", "analysis", "store"],
    "ui/draw": ["base", "model", "view structs"],
    "ui/console": ["base", "model", "config", "view", "ui/draw", "store handle"],
    "cli": ["base", "model", "config", "view", "ui/draw", "store handle"],
    "sim": ["base", "model"],
}
# Opening a store to hand it to view's loaders is all that console and cli do with it.
HANDLE = "store/store.h"
# A main is argv -> command: it may name the entry points of its own program and nothing else.
MAINS = {
    "main_gwtop.c": ["base", "cli", "ui/console"],
    "main_recorder.c": ["base", "netcli"],
    "main_sim.c": ["base", "sim"],
}
# Libraries of others: the files that may include them (a folder ends in /).
OUTSIDE = {
    "sqlite3.h": ["src/store/", "tests/unit/store/", "tests/faults/", "tests/bench/"],
    "zstd.h": ["src/store/"],
    "curl/": ["src/record/http.c"],
    "ncurses": ["src/ui/console/terminal.c"],
    "curses.h": ["src/ui/console/terminal.c", "tests/bench/console_floor.c"],
    "term.h": ["src/ui/console/terminal.c"],
    "microhttpd.h": ["src/sim/", "tests/faults/", "tests/support/", "tests/unit/record/", "tests/unit/netcli/"],
    "yaml.h": ["src/config/yaml.c"],
    "cjson/": ["tests/bench/"],
}


def layer_of(path):
    for layer in sorted(TABLE, key=len, reverse=True):
        if path.startswith(layer + "/"):
            return layer
    return None


def may_include(layer, target):
    other = layer_of(target)
    if other is None or other == layer or other in TABLE[layer]:
        return True
    if "store handle" in TABLE[layer] and target == HANDLE:
        return True
    return "view structs" in TABLE[layer] and re.fullmatch(r"view/view(_\w+)?\.h", target) is not None


def check_source(name):
    inner = name[len("src/"):]
    layer = layer_of(inner)
    own = [(line, path) for line, is_own, path in includes(name) if is_own]
    for line, path in own:
        if not os.path.exists(os.path.join(ROOT, "src", path)) and not path.endswith(".inc"):
            fault("%s:%d" % (name, line), '"%s" is not a path from src/' % path)
        elif layer is None:
            allowed = MAINS.get(inner)
            if allowed is None:
                fault(name, "is neither in a layer nor a main")
            elif layer_of(path) not in allowed:
                fault("%s:%d" % (name, line), "a main of this program may not include %s" % path)
        elif not may_include(layer, path):
            fault("%s:%d" % (name, line), "%s may not include %s" % (layer, path))
    header = inner[:-2] + ".h"
    # First its own header, or the one that the parts of a module share, which begins with it.
    first = [header, inner[:-2] + "_int.h"]
    if name.endswith(".c") and os.path.exists(os.path.join(ROOT, "src", header)) and (not own or own[0][1] not in first):
        fault(name, 'does not include "%s" first' % header)
    # What draws must not see the store through a view struct either.
    if re.fullmatch(r"src/view/view(_\w+)?\.h", name):
        for line, path in own:
            if layer_of(path) not in ("base", "model") and not re.fullmatch(r"view/view(_\w+)?\.h", path):
                fault("%s:%d" % (name, line), "a view struct may see base and model only, not %s" % path)


def check_outside(name):
    for line, is_own, path in includes(name):
        if is_own:
            continue
        for library, homes in OUTSIDE.items():
            hit = path.startswith(library) if library[-1] == "/" or "." not in library else path == library
            if hit and not any(name.startswith(h) if h.endswith("/") else name == h for h in homes):
                fault("%s:%d" % (name, line), "<%s> belongs to %s" % (path, ", ".join(homes)))


def check_cmake():
    """The link graph in CMakeLists.txt says what the table says."""
    names = {"draw": "ui/draw", "console": "ui/console"}
    seen = set()
    for name, folder, rest in re.findall(r"^gwtop_layer\((\w+) (\S+)([^)]*)\)", read("CMakeLists.txt"), re.M):
        layer = names.get(name, name)
        seen.add(layer)
        if layer != folder:
            fault("CMakeLists.txt", "library gw_%s is made of %s" % (name, folder))
        for linked in re.findall(r"gw_(\w+)", rest):
            other = names.get(linked, linked)
            if other not in TABLE.get(layer, []):
                fault("CMakeLists.txt", "gw_%s links gw_%s, which the layer table does not allow" % (name, linked))
    for layer in set(TABLE) - seen:
        fault("CMakeLists.txt", "no library for %s" % layer)


for source in files(".c", ".h", ".def", under="src/"):
    check_source(source)
for source in files(".c", ".h"):
    check_outside(source)
check_cmake()
done("layers")
