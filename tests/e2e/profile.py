#!/usr/bin/env python3
"""Profiles of places: held against the packs, told, and a log reviewed under one. Prints TAP. usage: profile.py FAZHI"""
import json
import os
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from tap import plan, report
import tap

FAZHI = sys.argv[1]
PROFILE = """place: 410600
from: 2026-03-01
title: 某市配置
packs:
  hotline:
    handling_limit: {value: 3 working_days, confidence: local, source: 某市热线管理办法 12}
    rework_limit: {value: 2 working_days, confidence: secondary, source: 某市热线管理办法 15}
"""
folder = tempfile.TemporaryDirectory()


def put(name, text):
    path = os.path.join(folder.name, name)
    pathlib.Path(path).write_text(text, encoding="utf-8")
    return path


good = put("profile.yaml", PROFILE)
done = tap.run(FAZHI, "check", "--profile", good)
report(done.returncode == 0 and "profile.yaml: every value is within the bounds" in done.stdout, "a profile within the bounds holds", done.stderr)

FAULTS = [
    ("value: 3 working_days", "value: 11 working_days", "profile-bounds", "`11 working_days` lies outside the bounds of version 2021-12-31: 3 working_days, 10 working_days"),
    ("value: 3 working_days", "value: 2 working_days", "profile-bounds", "3 working_days, 10 working_days"),
    ("value: 3 working_days", "value: 3 days", "profile-bounds", "`3 days`"),
    ("value: 3 working_days", "value: soon", "bad-value", "`soon` is no value of type length"),
    ("value: 3 working_days, ", "", "missing-key", "`value`"),
    (", source: 某市热线管理办法 12", "", "missing-key", "`source`"),
    ("confidence: local, ", "", "missing-key", "`confidence`"),
    ("confidence: local", "confidence: sure", "unknown-word", "sure"),
    ("handling_limit", "handle_limit", "profile-config", "the pack hotline leaves no value `handle_limit` open"),
    ("  hotline:", "  hotlines:", "profile-pack", "no pack `hotlines` is at hand"),
    ("place: 410600", "place: 41060", "profile-place", "`41060` is no place"),
    ("from: 2026-03-01", "from: 2026-02-30", "wrong-type", "a date that exists"),
    ("from: 2026-03-01\n", "", "missing-key", "`from`"),
    ("title: 某市配置", "tittle: 某市配置", "unknown-key", "tittle"),
]
for old, new, problem, says in FAULTS:
    assert PROFILE.count(old) == 1, old
    text = PROFILE.replace(old, new)
    done = tap.run(FAZHI, "check", "--profile", put("bad.yaml", text))
    said = [l for l in done.stderr.splitlines() if f"error[{problem}]" in l]
    report(done.returncode == 2 and any(says in l and "bad.yaml:" in l for l in said), f"{problem}: {(new or 'without ' + old).strip()}", done.stderr)
    zh = [l for l in tap.run(FAZHI, "check", "--profile", put("bad.yaml", text), lang="zh_CN.UTF-8").stderr.splitlines() if f"[{problem}]" in l]
    report(not problem.startswith("profile") or not any(re.search(r"\b(the|is|no|pack)\b", l.split("]: ", 1)[1]) for l in zh), f"in Chinese: {problem}", "\n".join(zh))
done = tap.run(FAZHI, "check", "--profile", os.path.join(folder.name, "nowhere.yaml"))
report(done.returncode == 2 and "nowhere.yaml" in done.stderr, "a missing file is said", done.stderr)

text = tap.run(FAZHI, "explain", "hotline", "--profile", good, lang="zh_CN.UTF-8").stdout
report("410600自2026年3月1日起开始的案件 | 三个工作日 | — | 地方规定 | 某市热线管理办法 12 |" in text, "zh: what the place has set stands beside the default, with its confidence", text[:2000])
report("（开放事项，此处为三个工作日）" in text, "zh: and where it is used", "")
report("set by 410600 for cases begun since 2026-03-01" in tap.run(FAZHI, "explain", "hotline", "--profile", good).stdout, "en: likewise", "")

# ---- a log under a profile: the day on which a record began decides ----
PACK = """pack: desk
version: 2020-01-01
title: 窗口
part: permits
calendar: none
laws: {办法: {title: 窗口办法, edition: 2019, in_force: 2020-01-01, working_days: as_written}}
config: {limit: {type: length, default: 5 days, bounds: [2 days, 10 days], confidence: chosen, source: 自定}}
records:
  application:
    title: 申请
    shape: case
    stages: [open, closed]
    final: closed
    actions:
      receive: {title: 收到, starts: open, by: clerk, article: 办法 1}
      decide: {title: 决定, from: open, to: closed, by: clerk, article: 办法 2}
    clocks:
      decision: {kind: at_most, starts: receive, stops: decide, limit: config.limit, article: 办法 2}
indicators:
  in_time: {title: 按期, unit: "%", share_of: decide, where: clock(decision) is met}
"""
MAP = "pack: desk\nrecord: application\nsources: {cases: {case: id, acts: {received: receive, decided: decide}}}\n"
LOG = """id,received,decided
before,2026-02-28,2026-03-04
on,2026-03-01,2026-03-05
after,2026-03-02,2026-03-04
later,2026-05-01,2026-05-09
"""
pack, log_map, log = put("desk.yaml", PACK), put("map.yaml", MAP), put("log.csv", LOG)


def late(*profile):
    args = [v for p in profile for v in ("--profile", p)]
    done = tap.run(FAZHI, "review", "--pack", pack, "--map", log_map, log, "--format", "tsv", *args)
    return sorted({l.split("\t")[i] for l in done.stdout.splitlines() for i in range(len(l.split("\t"))) if l.split("\t")[i] in ("before", "on", "after", "later")}), done


found, done = late()
report(found == ["later"], "with the default only what took longer than five days is late", done.stdout + done.stderr)
three = put("three.yaml", "place: '410600'\nfrom: 2026-03-01\npacks: {desk: {limit: {value: 3 days, confidence: local, source: 规定}}}\n")
found, done = late(three)
report(found == ["later", "on"], "a shorter one holds for what began on its day or since, not for the day before", done.stdout + done.stderr)
ten = put("ten.yaml", "place: '410600'\nfrom: 2026-04-01\npacks: {desk: {limit: {value: 10 days, confidence: local, source: 规定}}}\n")
found, done = late(ten)
report(found == [], "a longer one within the bounds likewise", done.stdout + done.stderr)
done = tap.run(FAZHI, "review", "--pack", pack, "--map", log_map, log, "--profile", put("long.yaml", pathlib.Path(ten).read_text().replace("10 days", "11 days")))
report(done.returncode == 2 and "error[profile-bounds]" in done.stderr and done.stdout == "", "one out of bounds reviews nothing", done.stderr)
done = tap.run(FAZHI, "review", folder.name, "--profile", good)
report(done.returncode == 2 and "--profile is for foreign logs" in done.stderr, "stored records are not reviewed under a profile of the moment", done.stderr)

# ---- versions: a value must fit those under which a record may still begin ----
NEW = PACK.replace("version: 2020-01-01", "version: 2026-04-01").replace("bounds: [2 days, 10 days]", "bounds: [4 days, 10 days]")
new = put("desk-2026.yaml", NEW)
done = tap.run(FAZHI, "check", pack, new, "--profile", three)
report(done.returncode == 2 and "outside the bounds of version 2026-04-01" in done.stderr, "also the bounds of a version to come", done.stderr)
done = tap.run(FAZHI, "check", pack, put("desk-2021.yaml", NEW.replace("2026-04-01", "2021-01-01").replace("[4 days", "[1 days")), "--profile",
               put("one.yaml", pathlib.Path(three).read_text().replace("3 days", "1 days")))
report(done.returncode == 0, "not those of one that no record begins under any more", done.stderr)

schema = json.loads(tap.run(FAZHI, "manual", "--format", "schema", "--of", "profile").stdout)
report("of-setting-of-a-place" in schema["$defs"], "the schema knows profiles", str(list(schema["$defs"])))
plan()
