#!/usr/bin/env python3
"""Registers and activities in a data folder: keys, stocks, changes, sums, means, different values. Prints TAP. usage: registers.py FAZHI

The small pack in tests/registers is counted by hand, in SQLite and in PostgreSQL; stocks and sums of a public register are held against a count of its rows
made here without fazhi.
"""
import collections
import csv
import datetime
import decimal
import gzip
import io
import json
import os
import pathlib
import sqlite3
import sys
import tempfile
import urllib.parse
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from tap import ROOT, plan, report, skip
import tap

FAZHI = sys.argv[1]
PACK = ROOT / "tests/registers/registers.yaml"
FINES = ROOT / "examples/traffic-fines"
LAST = datetime.date(2099, 12, 31)


def fazhi(*args, lang="C.UTF-8"):
    return tap.run(FAZHI, *map(str, args), lang=lang)


def says(name, done, code, *texts):
    out = done.stdout + done.stderr
    report(done.returncode == code and all(t in out for t in texts), name, f"exit {done.returncode}, expected {code}: {texts}\n{out[:800]}")


def same(name, got, want):
    report(got == want, name, f"got  {got}\nwant {want}")


def table(text):
    return list(csv.DictReader(io.StringIO(text), delimiter="\t"))


def figures(folder, *args):
    """{(indicator, by, value): number}; of a sum its total, of a mean both."""
    rows = table(fazhi("indicators", folder, *args, "--format", "tsv").stdout)
    means = {"mean_audience"}
    return {(r["indicator"], r["by"], r["value"]): (int(r["total"]), int(r["numerator"])) if r["indicator"] in means else int(r["total"] or r["numerator"])
            for r in rows}


# ---- the small pack ----

def do(folder, *args, organ="lands", code=0, texts=(), name=None):
    done = fazhi("act", folder, *args, "--organ", organ, "--by", "p1")
    if name:
        says(name, done, code, *texts)
    elif done.returncode != code:
        report(False, "act " + " ".join(map(str, args)), done.stdout + done.stderr)
    return done


def correct(folder, record, entry, *args):
    return fazhi("correct", folder, record, entry, *args, "--by", "p1", "--approve", "p2", "--reason", "x", "--organ", "lands")


def live_a_life(folder):
    new = ("new", "add", "--type", "power_item")
    do(folder, *new, "--on", "2025-01-10", "code=A1", "category=licence")                                                   # 1
    do(folder, *new, "--on", "2025-01-11", "code=A1", "category=licence", code=1, texts=("add_with_same_key", "power_item-1", "清单法 1"),
       name="two entries in the stock never have one key: refused with the key's name and the article of the act")
    do(folder, *new, "--on", "2025-01-11", "code=A1", "category=penalty", organ="police", name="another organ may have it as well")  # 2
    do(folder, "new", "take_on", "--type", "power_item", "--on", "2025-02-01", "code=A2", "category=penalty", "fee=12.50 yuan")      # 3
    do(folder, "power_item-3", "move", "--on", "2025-03-01", "category=licence", "fee=3.00 yuan")                                   # 4
    do(folder, "power_item-3", "recode", "--on", "2025-03-02", "code=A1", code=1, texts=("recode_with_same_key",), name="nor by a change of the key")
    do(folder, "power_item-1", "end", "--on", "2026-02-01", "--outcome", "handed_to_town")                                          # 5
    do(folder, "power_item-3", "recode", "--on", "2026-02-02", "code=A1", name="an entry that has left the stock gives its key free")  # 6
    do(folder, *new, "--on", "2026-02-03", "code=A1", "category=licence", code=1, texts=("power_item-3",), name="and it is taken by the next")
    do(folder, *new, "--on", "2026-02-03", "code=A2", "category=licence", name="who changed its key gave the old one free")          # 7
    new = ("new", "record", "--type", "session")
    do(folder, *new, "--on", "2025-05-01", "held_on=2025-05-01", "topic=law", "body=lands", "people=10", "cost=100.50 yuan")         # 8
    do(folder, *new, "--on", "2025-05-02", "held_on=2025-05-01", "topic=law", "body=police", code=1, texts=("record_with_same_key",),
       name="an activity is not entered twice")
    do(folder, *new, "--on", "2025-05-02", "held_on=2025-05-02", "topic=law", "body=police", "people=5", "cost=0.75 yuan")           # 9
    do(folder, "session-9", "cancel", "--on", "2025-06-01")                                                                         # 10
    do(folder, *new, "--on", "2025-06-02", "held_on=2025-05-02", "topic=law", "body=lands", "people=12", name="one that was cancelled may be entered anew")  # 11
    do(folder, *new, "--on", "2025-07-01", "held_on=2025-07-01", "topic=none", "body=schools", "cost=7.00 yuan")                     # 12


Y2025 = {("items", "", ""): 3, ("items", "category", "licence"): 2, ("items", "category", "penalty"): 1, ("items_before", "", ""): 0,
         ("with_fee", "", ""): 1, ("with_fee", "category", "licence"): 1,
         ("changes", "", ""): 4, ("changes", "kind", "added"): 2, ("changes", "kind", "taken_on"): 1, ("changes", "kind", "moved"): 1,
         ("changes", "category", "licence"): 2, ("changes", "category", "penalty"): 2,
         ("sessions", "", ""): 4, ("standing", "", ""): 3, ("audience", "", ""): 27, ("audience", "body", "lands"): 22, ("audience", "body", "police"): 5,
         ("mean_audience", "", ""): (27, 3), ("mean_audience", "body", "lands"): (22, 2), ("mean_audience", "body", "police"): (5, 1),
         ("spent", "", ""): 10125, ("organisers", "", ""): 3}
Y2026 = {("items", "", ""): 3, ("items", "category", "licence"): 2, ("items", "category", "penalty"): 1, ("items_before", "", ""): 3,
         ("with_fee", "", ""): 1, ("with_fee", "category", "licence"): 1,
         ("changes", "", ""): 2, ("changes", "kind", "added"): 1, ("changes", "kind", "handed_down"): 1, ("changes", "category", "licence"): 2,
         ("sessions", "", ""): 0, ("standing", "", ""): 3, ("audience", "", ""): 0, ("mean_audience", "", ""): (0, 0), ("spent", "", ""): 0, ("organisers", "", ""): 0}


def ours(folder, *args):
    return figures(folder, "--pack", "registers", *args)


def behind(folder, key, *args):
    return [(r["record"], r["value"]) for r in table(fazhi("indicators", folder, "--year", "2025", "--why", key, *args, "--format", "tsv").stdout)]


def count_a_life(folder, where):
    same(f"{where}: a year's stocks, changes, sums, means and different values", ours(folder, "--year", "2025"), Y2025)
    same(f"{where}: and the next year's, which begins with the stock that the first ended with", ours(folder, "--year", "2026"), Y2026)
    same(f"{where}: a stock of one day in between", ours(folder, "--from", "2025-01-01", "--to", "2025-01-31")[("items", "", "")], 2)
    same(f"{where}: a stock of one organ", ours(folder, "--year", "2025", "--organ", "police")[("items", "", "")], 1)
    says(f"{where}: the log is sound", fazhi("verify", folder), 0, "sound: 12 entries")
    says(f"{where}: the tables are made anew", fazhi("rebuild", folder), 0, "12 entries")
    says(f"{where}: and are sound", fazhi("verify", folder), 0, "sound: 12 entries")
    same(f"{where}: the figures are the same", ours(folder, "--year", "2025"), Y2025)
    do(folder, "new", "add", "--type", "power_item", "--on", "2026-02-03", "code=A1", "category=licence", code=1, texts=("power_item-3",),
       name=f"{where}: the key is still taken")


def look_behind(folder):
    same("a stock opens to the records in it", behind(folder, "items"), [("power_item-1", ""), ("power_item-2", ""), ("power_item-3", "")])
    same("and of one value to those that count so", behind(folder, "items", "--by", "category=licence"), [("power_item-1", ""), ("power_item-3", "")])
    same("a sum opens to what was added up", behind(folder, "spent"), [("session-8", "100.50"), ("session-9", "0.75")])
    same("a mean too", behind(folder, "mean_audience"), [("session-8", "10"), ("session-9", "5"), ("session-11", "12")])
    same("different values to the first act that brought each", behind(folder, "organisers"), [("session-8", "lands"), ("session-9", "police"), ("session-12", "schools")])
    same("changes to the acts of a kind", behind(folder, "changes", "--by", "kind=moved"), [("power_item-3", "")])
    says("a mean is exact, and shown to hundredths", fazhi("indicators", folder, "--year", "2025", "--pack", "registers"), 0, "27 / 3", "9.00", "101.25")
    why = json.loads(fazhi("indicators", folder, "--year", "2025", "--why", "spent", "--format", "json").stdout)
    same("in JSON a sum has its exact total and what each act brings", (why["figure"]["total"], [n["value"] for n in why["numerator"]]), (10125, [10050, 75]))


def read_as_review(folder):
    out = fazhi("review", folder, "--record", "power_item", "--format", "json").stdout
    got = {(i["name"], i["by"] or "", i["value"] or ""): i["numerator"] for i in json.loads(out)["indicators"]}
    same("a review counts the stock that stands at the end of the log", got[("items", "", "")], Y2026[("items", "", "")])
    same("and none before its beginning", got[("items_before", "", "")], 0)
    same("and its changes by kind", {k[2]: n for k, n in got.items() if k[:2] == ("changes", "kind")}, {"added": 3, "taken_on": 1, "moved": 1, "handed_down": 1})
    out = fazhi("review", folder, "--record", "session", "--format", "json").stdout
    got = {(i["name"], i["by"] or "", i["value"] or ""): i.get("total", i["numerator"]) for i in json.loads(out)["indicators"]}
    same("and sums", (got[("audience", "", "")], got[("spent", "", "")], got[("organisers", "", "")]), (27, 10125, 3))


def correct_a_life(folder):
    says("an amendment that takes another's key is refused", correct(folder, "session-12", 12, "held_on=2025-05-01", "topic=law", "body=schools"), 1, "record_with_same_key")
    says("the annulment of an entry's end brings it back, and says whose key it has", correct(folder, "power_item-1", 5, "--annul"), 0, "end_with_same_key")
    same("and into the stock", ours(folder, "--year", "2026")[("items", "", "")], 4)
    says("an annulled beginning takes it out", correct(folder, "power_item-2", 2, "--annul"), 0)
    same("of every day", (ours(folder, "--year", "2025")[("items", "", "")], ours(folder, "--year", "2026")[("items", "", "")]), (2, 3))
    says("an amended value moves the sum", correct(folder, "session-8", 8, "held_on=2025-05-01", "topic=law", "body=lands", "people=11", "cost=90.00 yuan"), 0)
    same("by the difference", (ours(folder, "--year", "2025")[("audience", "", "")], ours(folder, "--year", "2025")[("spent", "", "")]), (28, 9075))
    says("the log is sound", fazhi("verify", folder), 0, "sound:")
    got = ours(folder, "--year", "2025")
    fazhi("rebuild", folder)
    same("and a rebuild counts the same", ours(folder, "--year", "2025"), got)
    says("and is sound", fazhi("verify", folder), 0, "sound:")


def keep_a_stock(folder):
    says("figures of a year that is over are kept", fazhi("indicators", folder, "--year", "2025", "--pack", "registers", "--keep"), 0)
    kept = ours(folder, "--year", "2025")
    says("and read", fazhi("indicators", folder, "--year", "2025", "--pack", "registers"), 0, "kept")
    do(folder, "new", "add", "--type", "power_item", "--on", "2024-06-01", "code=B1", "category=penalty")
    same("an act before the period moves its stock, so nothing kept is read", ours(folder, "--year", "2025")[("items", "", "")], kept[("items", "", "")] + 1)


def show_as_of(folder):
    says("a record shows its fields as they stood on a day", fazhi("show", folder, "power_item-3", "--as-of", "2025-02-15"), 0, "Category: Penalty", "Fee: 12.50 yuan", "Code: A2")
    says("and on a later one", fazhi("show", folder, "power_item-3", "--as-of", "2026-12-31"), 0, "Category: Licence", "Fee: 3.00 yuan", "Code: A1")
    says("and that it had not begun", fazhi("show", folder, "power_item-3", "--as-of", "2024-12-31"), 0, "not begun")
    says("and that it was in the stock no more", fazhi("show", folder, "session-9", "--as-of", "2025-06-01", lang="zh_CN.UTF-8"), 0, "已撤销", "未计入存量")


def overflow(folder):
    for n, people in ((1, 9223372036854775807), (2, 1)):
        do(folder, "new", "record", "--type", "session", "--on", "2023-01-0%d" % n, "held_on=2023-01-0%d" % n, "topic=x", "body=lands", f"people={people}")
    says("a sum that leaves 63 bits is refused, not rounded", fazhi("indicators", folder, "--year", "2023", "--pack", "registers"), 2, "63 bits")
    same("one that does not is exact", ours(folder, "--from", "2023-01-01", "--to", "2023-01-01")[("audience", "", "")], 9223372036854775807)


# ---- a public register ----

INDICATORS = """indicators:
  live: {title: Live, stock: fine, at: period.end, by: [vehicle_class]}
  live_before: {title: Live before, stock: fine, at: period.start}
  fined: {title: Fined, sum: fine.amount, on: create, by: [vehicle_class]}
  mean_fine: {title: Mean fine, mean: fine.amount, on: [create, add_penalty]}
  articles: {title: Articles, distinct: fine.violated_article, on: create}
"""
ENDS = {"Send for Credit Collection"}


def fines_rows():
    with gzip.open(FINES / "log.csv.gz", "rt", encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def fen(text):
    return int(decimal.Decimal(text) * 100)


def register(place):
    pack, city = place / "fines.yaml", place / "fines"
    text = (ROOT / "packs/it-traffic-fines.yaml").read_text()
    pack.write_text(text[:text.index("indicators:")] + INDICATORS)
    rows = fines_rows()
    created = [r for r in rows if r["activity"] == "Create Fine"]
    ended = {r["case_id"] for r in rows if r["activity"] in ENDS}
    done = fazhi("review", "--map", FINES / "map.yaml", "--pack", pack, FINES / "log.csv.gz", "--format", "json")
    got = {(i["name"], i["by"] or "", i["value"] or ""): i for i in json.loads(done.stdout)["indicators"]}
    by_class = collections.Counter()
    for r in created:
        by_class[r["vehicle_class"]] += fen(r["amount"])
    same("a register's fines are added up to the cent", got[("fined", "", "")]["total"], sum(by_class.values()))
    same("by class of vehicle", {k[2]: i["total"] for k, i in got.items() if k[:2] == ("fined", "vehicle_class")}, dict(by_class))
    values = [fen(r["amount"]) for r in rows if r["activity"] in ("Create Fine", "Add penalty") and r["amount"]]
    same("and their mean is an exact fraction", (got[("mean_fine", "", "")]["total"], got[("mean_fine", "", "")]["numerator"]), (sum(values), len(values)))
    same("over so many articles", got[("articles", "", "")]["numerator"], len({r["article"] for r in created}))
    fazhi("init", city, "--place", "330106", "--no-key", "--pack", pack)
    return rows


with tempfile.TemporaryDirectory() as place:
    place = pathlib.Path(place)
    says("the pack is sound", fazhi("check", PACK), 0, "proved")
    city = place / "city"
    says("a folder with it is made", fazhi("init", city, "--place", "330106", "--no-key", "--pack", PACK), 0)
    live_a_life(city)
    count_a_life(city, "SQLite")
    look_behind(city)
    read_as_review(city)
    show_as_of(city)
    correct_a_life(city)
    keep_a_stock(city)
    overflow(city)
    register(place)

plan()
