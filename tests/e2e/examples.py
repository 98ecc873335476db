#!/usr/bin/env python3
"""Every indicator of the registers in examples/ against a count in Python over the raw tables. Prints TAP. usage: examples.py FAZHI"""
import csv
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from tap import ROOT, SHARED, plan, report, skip
import registers
import tap

FAZHI = sys.argv[1]


def review(r, files):
    pack = ["--pack", r.pack] if r.pack else []
    until = ["--until", r.until] if r.until else []
    done = tap.run(FAZHI, "review", "--map", str(r.map), "--format", "json", *map(str, pack + until), *map(str, files))
    return done, json.loads(done.stdout) if done.stdout else {}


def check(r, files, name):
    done, got = review(r, files)
    want, late = r.figures(files)
    figures = {f["name"]: f["numerator"] for f in got.get("indicators", []) if not f["by"]}
    names = registers.indicator_names(r.pack or ROOT / "packs/nl-permit-receipt.yaml")
    wrong = [f"{n}: {figures.get(n)}, counted {want[n]}" for n in names if figures.get(n) != want[n]]
    report(not wrong and len(names) > 5 and sum(want[n] for n in names) > 0, f"{name}: all {len(names)} indicators as counted", "\n".join(wrong) + done.stderr[:500])
    for rule, cases in late.items():
        found = {f["case"] for f in got.get("list", []) if f["rule"] == rule}
        report(found == cases and bool(cases), f"{name}: {len(cases)} cases of {rule}, and no others",
               f"missing {sorted(cases - found)[:5]}, too many {sorted(found - cases)[:5]}")
    report(got.get("refused", {}).get("count") == 0 and got.get("refused", {}).get("duplicates") == 0, f"{name}: every row is taken", str(got.get("refused"))[:500])
    return got


def said_in_readme(r, column, got, name):
    """The counts of the example's README: | `name` | sample | whole | ..."""
    table = re.findall(r"^\| `(\w+)` \|(.+)\|$", (r.folder / "README.md").read_text(encoding="utf-8"), re.M)
    figures = {f["name"]: f["numerator"] for f in got.get("indicators", []) if not f["by"]} | got.get("findings", {})
    told = {k: int(cells.split("|")[column].strip().replace(",", "")) for k, cells in table}
    wrong = [f"{k}: told {v}, is {figures.get(k, 0)}" for k, v in told.items() if figures.get(k, 0) != v]
    report(not wrong and len(told) > 5, f"{name}: as its README says", "\n".join(wrong))


for r in registers.REGISTERS:
    if r.pack:
        done = tap.run(FAZHI, "check", str(r.pack))
        report(done.returncode == 0 and "proved" in done.stdout, f"{r.name}: its pack is proved", done.stderr[:800])
    got = check(r, r.sample, f"{r.name}, the sample")
    if r.pack:
        said_in_readme(r, 0, got, f"{r.name}, the sample")
    for i, files in enumerate(r.wholes):
        name = f"{r.name}, the whole register" + (f" {i + 1}" if len(r.wholes) > 1 else "")
        if not all(f.exists() for f in files):
            skip(name, "the shared data folder is not there")
            continue
        got = check(r, files, name)
        if r.pack:
            said_in_readme(r, 1 + i, got, name)

# ---- the city's own verdict, row by row ----
boston = registers.REGISTERS[0]
if boston.wholes[0][0].exists():
    _, got = review(boston, boston.wholes[0])
    late = {f["case"] for f in got["list"] if f["rule"] == "late_closing"}
    other, judged, untold, none = [], 0, 0, 0
    for row in registers.rows(boston.wholes[0][0]):
        untold += not row["target_dt"]
        none += bool(row["target_dt"]) and not row["on_time"]
        if not row["target_dt"] or not row["on_time"]:
            continue
        judged += 1
        if (row["case_id"] in late) != (row["on_time"] == "OVERDUE"):
            other.append(row)
    report(judged == 43490 and untold == 14527 and none == 102, "Boston: rows that the city judged, without a target, and without a verdict", f"{judged} {untold} {none}")
    # Seconds are not known to the language: these two were closed within the minute of their target, and after its second.
    report(len(other) == 2 and all(o["target_dt"][:16] == o["closed_dt"][:16] and o["target_dt"] < o["closed_dt"] for o in other),
           "Boston: to the minute the city judged every one of them the same", str([(o["case_id"], o["target_dt"], o["closed_dt"]) for o in other][:5]))
else:
    skip("Boston: the city's own verdict, row by row", "the shared data folder is not there")
plan()
