# SPDX-License-Identifier: MIT
"""Every row of every table is documented in a man page, and the signals only ever grew at the end.

tests/checks/signals.txt holds the signals in the order of the last release; a store keeps row numbers, so that order is a promise.
"""
import re

from tree import done, fault, files, read


def documented(page, what, name):
    text = read("man/" + page) if "man/" + page in files(under="man/") else ""
    if not re.search(r"(?<![\w-])" + re.escape(name).replace("\\-", r"\\?-") + r"(?![\w-])", text):
        fault("man/" + page, "does not name the %s %s" % (what, name))


signals = re.findall(r'^SIGNAL\((\w+), "(\w+)", (\w+), (\w+),', read("src/model/signals.def"), re.M)
released = [tuple(line.split()) for line in read("tests/checks/signals.txt").splitlines() if line and line[0] != "#"]
for i, row in enumerate(released):
    if i >= len(signals) or signals[i] != row:
        fault("src/model/signals.def", "row %d was %s in the last release and is %s now" % (i, " ".join(row), " ".join(signals[i]) if i < len(signals) else "gone"))
for row in signals:
    documented("gwtop-profiles.5", "signal", row[1])

for name in re.findall(r'\[DIM_\w+\] = "(\w+)"', read("src/model/dims.c")):
    documented("gwtop-profiles.5", "dimension", name)
for key in re.findall(r'^    \{SECTION_\w+, "(\w+)",', read("src/config/config_table.c"), re.M):
    documented("gwtop.yaml.5", "option", key)
for name in re.findall(r'^    X\(\w+, "(\w+)",', read("src/ui/draw/role.h"), re.M):
    documented("gwtop-themes.5", "role", name)
for name in files(".yaml", under="themes/"):
    documented("gwtop-themes.5", "theme", name[len("themes/"):-len(".yaml")])
for name in files(".yaml", under="src/source/profiles/"):
    documented("gwtop-profiles.5", "profile", name.rsplit("/", 1)[1][:-len(".yaml")])
for table in ("metric_keys", "profile_keys"):
    for key in re.search(r'%s\[\]\s*=\s*"([^"]+)"' % table, read("src/source/profile_parse.c")).group(1).split("|"):
        documented("gwtop-profiles.5", "key", key)
# The command line: every option means one thing, stands in the manual, and is completed.
manual, completion = read("man/gwtop.1"), read("packaging/gwtop.bash")
completed = {name: options for names, options in re.findall(r"^    ([\w |]+|\*)\) echo (.*) ;;$", completion, re.M) for name in names.split(" | ")}
sentences = re.findall(r'^    \{"(--[\w-]+)", ', read("src/cli/options.c"), re.M)


def command_line(place, name, options):
    for option in options:
        if option not in sentences:
            fault("src/cli/options.c", "has no sentence for %s of %s" % (option, place))
        if option not in completed.get(name, "").split():
            fault("packaging/gwtop.bash", "does not complete %s of %s" % (option, place))


def options_of(source):
    text = read(source)
    return re.findall(r'\{"(--[\w-]+)", CLI_', text + (read("src/cli/forms.c") if "cli_forms_run(" in text else ""))


for option in sentences:
    if not re.search(r"(Fl|\|) %s\b" % option[1:], manual):
        fault("man/gwtop.1", "does not name the option %s" % option)
command_line("src/main_gwtop.c", "*", options_of("src/main_gwtop.c"))
for name, usage, function in re.findall(r'^        \{"(\w+)", "([^"]*)",[^{}]*\b(cmd_\w+), EXIT', read("src/cli/commands.c"), re.M):
    options = options_of("src/cli/%s.c" % function)  # several may be one
    command_line("gwtop " + name, name, options + ["--help"])
    for option in set(options) ^ set(re.findall(r"--[\w-]+", usage)):
        if option not in ("--store", "--config"):  # said once for all
            fault("src/cli/commands.c", "%s of %s is in its usage or in its table, and not in both" % (option, name))
    if not re.search(r"^\.It Nm Cm %s\b" % name, manual, re.M):
        fault("man/gwtop.1", "does not name the command %s" % name)
done("%d signals, tables" % len(signals))
