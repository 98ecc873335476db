#!/usr/bin/env python3
"""Writes a C file that holds files as bytes: embed.py OUT.c FILE...  (names are the last two parts of each path)."""
import pathlib
import sys

out, files = sys.argv[1], sys.argv[2:]
with open(out, "w", encoding="utf-8") as c:
    c.write('#include "cli/embedded.h"\n\n')
    for i, name in enumerate(files):
        data = pathlib.Path(name).read_bytes()
        c.write(f"static const char file_{i}[] = {{\n")
        for at in range(0, len(data), 24):
            c.write("".join(f"(char){b}," for b in data[at:at + 24]) + "\n")
        c.write("0};\n")
    c.write("\nconst struct fz_embedded fz_embedded[] = {\n")
    for i, name in enumerate(files):
        short = "/".join(pathlib.PurePath(name).parts[-2:])
        c.write(f'    {{"{short}", {{file_{i}, sizeof(file_{i}) - 1}}}},\n')
    c.write("    {0, {0, 0}},\n};\n")
