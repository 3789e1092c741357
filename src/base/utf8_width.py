#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes utf8_width.def: for every code point the terminal columns it takes, as runs over the whole code space.

Run it only to move to another Unicode version: `python3 src/base/utf8_width.py > src/base/utf8_width.def`.
The source is Python's copy of the Unicode Character Database (East Asian Width, General Category); the version is in the output.

-1  must not be shown: controls, format characters, default-ignorables, surrogates, private use, unassigned, line and
    paragraph separators; also what has no agreed width
 0  combining: nonspacing and enclosing marks, and the Hangul vowels and finals that join the letter before them
 2  East Asian Wide and Fullwidth, which since Unicode 9 includes every character with emoji presentation
 1  the rest, East Asian Ambiguous included
"""
import unicodedata

# DerivedCoreProperties.txt, Default_Ignorable_Code_Point, which Python does not carry (Unicode 14.0; unchanged since 6.3 but for U+180F).
IGNORABLE = [
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
]
# Terminals and C libraries do not agree on these: regional indicators (pairs become flags in some), circled numbers on black squares
# (Ambiguous, drawn wide by glibc and many East Asian fonts), hexagrams (Wide since Unicode 16).
DISPUTED = [(0x1F1E6, 0x1F1FF), (0x3248, 0x324F), (0x4DC0, 0x4DFF)]
HANGUL_JOINING = [(0x1161, 0x11FF), (0xD7B0, 0xD7FB)]


def within(rune, ranges):
    return any(low <= rune <= high for low, high in ranges)


def width(rune):
    char = chr(rune)
    category = unicodedata.category(char)
    if category in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") or within(rune, IGNORABLE + DISPUTED):
        return -1
    if category in ("Mn", "Me") or within(rune, HANGUL_JOINING):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


print("/* SPDX-License-Identifier: MIT */")
print(f"/* Written by utf8_width.py from Unicode {unicodedata.unidata_version}; do not edit. RUN(first, columns) lasts up to the next row. */")
last = None
line = ""
for rune in range(0x110000):
    columns = width(rune)
    if columns != last:
        row = f"RUN(0x{rune:04X}, {columns}) "
        if len(line) + len(row) > 130:
            print(line.rstrip())
            line = ""
        line += row
        last = columns
print(line.rstrip())
