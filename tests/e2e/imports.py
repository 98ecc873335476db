#!/usr/bin/env python3
"""`fazhi import`: every example into a folder, spreadsheets, verdicts, refused rows, interruptions. Prints TAP. usage: imports.py FAZHI"""
import csv
import datetime
import gzip
import hashlib
import json
import os
import pathlib
import pty
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from tap import plan, report, says, skip
import registers
import tap
import workbook

FAZHI = sys.argv[1]


def fazhi(*args, lang="C.UTF-8"):
    return tap.run(FAZHI, *map(str, args), lang=lang)


def make(folder, *packs, synthetic=True):
    done = fazhi("init", folder, "--place", "330106", "--no-key", *(["--synthetic"] if synthetic else []), *(a for p in packs for a in ("--pack", p)))
    assert done.returncode == 0, done.stderr
    return folder


def dump(folder):
    with sqlite3.connect(folder / "log.db") as db:
        return sorted(line for line in db.iterdump() if line.startswith("INSERT"))


def root_of(folder):
    return fazhi("verify", folder).stdout.split("root ")[-1].strip()


def verdicts_in(path):
    return list(csv.DictReader(path.open(encoding="utf-8", newline=""), delimiter="\t"))


def without(rows, *columns):
    return [{k: v for k, v in r.items() if k not in columns} for r in rows]


def every_example(place):
    for r in registers.REGISTERS + [registers.FINES]:
        folder = make(place / r.name, *([r.pack] if r.pack else []))
        before, after, again = place / "before.tsv", place / "after.tsv", place / "again.tsv"
        dry = fazhi("import", folder, "--map", r.map, *r.sample, "--dry-run", "--verdicts", before)
        with sqlite3.connect(folder / "log.db") as db:
            none = db.execute("select count(*) from entry").fetchone()[0]
        report(dry.returncode == 0 and none == 0, f"{r.name}: a dry run enters nothing", dry.stdout + dry.stderr)
        done = fazhi("import", folder, "--map", r.map, *r.sample, "--verdicts", after)
        said = verdicts_in(after)
        report(done.returncode == 0 and len(said) > 1000 and {v["verdict"] for v in said} == {"taken"} and len({v["key"] for v in said}) == len(said),
               f"{r.name}: every act is taken, each by a key of its own", done.stdout + done.stderr)
        report(verdicts_in(before) == said, f"{r.name}: the dry run said what then happened")
        with sqlite3.connect(folder / "log.db") as db:
            entries = db.execute("select count(*) from entry").fetchone()[0]
        report(entries == len(said), f"{r.name}: an entry an act", f"{entries} {len(said)}")
        root = root_of(folder)
        says(f"{r.name}: again enters nothing", fazhi("import", folder, "--map", r.map, *r.sample, "--verdicts", again), 0, f"0 entered, {entries} there before")
        report({v["verdict"] for v in verdicts_in(again)} == {"repeated"} and without(verdicts_in(again), "verdict", "reason", "reason_zh", "reason_en", "article")
               == without(said, "verdict", "reason", "reason_zh", "reason_en", "article"), f"{r.name}: and says so of every row")
        dry = fazhi("import", folder, "--map", r.map, *r.sample, "--dry-run")
        says(f"{r.name}: and so does a dry run", dry, 0, f"0 could be entered, {entries} there before")
        report(root_of(folder) == root != "", f"{r.name}: with the same root")
        says(f"{r.name}: the log is sound", fazhi("verify", folder), 0, f"sound: {entries} entries")
        rows = dump(folder)
        says(f"{r.name}: a rebuild", fazhi("rebuild", folder), 0)
        report(dump(folder) == rows and len(rows) > entries, f"{r.name}: gives the same rows in every table", f"{len(rows)}")


def fine(case, act, day, amount="", points=""):
    return [case, act, day, "r1", amount, "", "", "", "157", points, "", "", "", "", ""]


def a_spreadsheet(place):
    r = registers.FINES
    head = "case_id,activity,timestamp,resource,amount,total_payment_amount,payment_amount,expense,article,points,vehicle_class,notification_type,last_sent,dismissal,matricola".split(",")
    day = datetime.date
    good = [fine("S1", "Create Fine", day(2006, 2, 20), 35.0), fine("S1", "Send Fine", day(2006, 3, 1)), fine("S2", "Create Fine", day(2006, 2, 21), 35.2, 0)]
    bad = [(fine("B1", "Create Fine", "2006-02-30", 35.0), fine("B1", "Create Fine", "2006-02-28", "35.0"), "C", "does not exist"),
           (fine("B2", "Create Fine", workbook.Raw('<c s="1"><v>60</v></c>'), 35.0), fine("B2", "Create Fine", "2006-03-01", "35.0"), "C", "1900-02-29"),
           (fine("B3", "Create Fine", day(2006, 2, 1), workbook.Raw('<c t="e"><v>#N/A</v></c>')), fine("B3", "Create Fine", "2006-02-01", "35"), "E", "#N/A"),
           (fine("B4", "Erase Fine", day(2006, 2, 1), 35.0), fine("B4", "Create Fine", "2006-02-01", "35"), "", "Erase Fine"),
           (fine("", "Create Fine", day(2006, 2, 1), 35.0), fine("B5", "Create Fine", "2006-02-01", "35"), "A", "no case"),
           (fine("B6", "Create Fine", "", 35.0), fine("B6", "Create Fine", "2006-02-01", "35"), "C", "no day"),
           (fine("B7", "Create Fine", day(2006, 2, 1), 35.125), fine("B7", "Create Fine", "2006-02-01", "35.12"), "E", "two decimals"),
           (fine("B8", "Create Fine", day(2006, 2, 1), 35.0, "three"), fine("B8", "Create Fine", "2006-02-01", "35", "3"), "J", "whole number"),
           (fine("B9", "Create Fine", day(2006, 2, 1), 35.0) + ["too", "many"], fine("B9", "Create Fine", "2006-02-01", "35"), "", "17 cells"),
           (fine("B10", "Create Fine", "03/04/2006", 35.0), fine("B10", "Create Fine", "2006-03-04", "35"), "C", "no date")]
    sheet = [[], head] + good + [[]] + [b[0] for b in bad]
    book, refused, out = place / "Zhang San's fines.bin", place / "refused.csv", place / "v.tsv"
    workbook.write(book, {"罚单": sheet, "other": [["nothing"]]})
    folder = make(place / "sheet", synthetic=False)
    now = time.time()
    first_digest = hashlib.new("sm3", book.read_bytes()).hexdigest()[:16] if "sm3" in hashlib.algorithms_available else "?"
    done = fazhi("import", folder, "--map", r.map, book, "--verdicts", out, "--refused", refused)
    says("a spreadsheet with ten bad rows", done, 1, "3 entered, 0 there before, 10 refused", "03/04/2006")
    said = [v for v in verdicts_in(out) if v["verdict"] == "refused"]
    places = [f"{book}:罚单!{column}{8 + i - 1}" for i, (_, _, column, _) in enumerate(bad)]
    report([v["place"] for v in said] == places, "each is refused with its sheet, column and row", "\n".join(v["place"] for v in said))
    report(all(words in v["reason_en"] for v, (_, _, _, words) in zip(said, bad)) and all(v["reason_zh"] and v["reason"] and v["reason_zh"] != v["reason_en"] for v in said),
           "and a reason in both languages", "\n".join(f"{v['reason']} {v['reason_en']} {v['reason_zh']}" for v in said))
    report({v["reason"] for v in said} == {"unreadable", "unknown-activity", "missing", "cells"}, "and a stable id")
    rows = list(csv.reader(refused.open(encoding="utf-8-sig", newline="")))
    report(rows[0] == head and len(rows) == 11 and [x[0] for x in rows[1:]] == [b[0][0] for b in bad], "and stands in the file of refused rows, in the form of its source", str(rows))
    with refused.open("w", encoding="utf-8", newline="") as f:
        csv.writer(f).writerows([head] + [b[1] for b in bad])
    says("mended there, they are taken", fazhi("import", folder, "--map", r.map, refused), 0, "10 entered, 0 there before, 0 refused")
    workbook.write(book, {"罚单": [head] + good + [b[1] for b in bad]})
    says("and the whole spreadsheet mended has nothing new", fazhi("import", folder, "--map", r.map, book), 0, "0 entered, 13 there before, 0 refused")
    plain = place / "same.csv"
    with plain.open("w", encoding="utf-8", newline="") as f:
        csv.writer(f).writerows([head] + good + [b[1] for b in bad])
    says("nor has the same as CSV", fazhi("import", folder, "--map", r.map, plain), 0, "0 entered, 13 there before, 0 refused")
    says("the log is sound", fazhi("verify", folder), 0, "sound: 13 entries")

    # ---- where an act came from, and when ----
    with sqlite3.connect(folder / "log.db") as db:
        first = json.loads(bytes(db.execute("select bytes from entry where seq = 1").fetchone()[0]))
        origin = [json.loads(bytes(x[0]))["values"]["step-source"] for x in db.execute("select bytes from entry order by seq")]
    digest = lambda path: hashlib.new("sm3", path.read_bytes()).hexdigest()[:16] if "sm3" in hashlib.algorithms_available else "?"
    want = f"{first_digest}:events:3 map {digest(r.map)}"
    report(len(origin) == 13 and (origin[0] == want or "?" in want) and len({o.split(":")[0] for o in origin}) == 2, "each entry says its file, row and map", f"{origin[0]} {want}")
    at = first["at"] / 1000
    report(first["on"] == "2006-02-20" and now - 5 < at < time.time() + 5, "`on` is of the row, `at` of the clock", str(first)[:300])
    report(not any("Zhang San".encode() in p.read_bytes() for p in folder.rglob("*") if p.is_file()), "the name of the file is nowhere in the folder")

    # ---- reviews read it as well, and cell for cell as CSV ----
    workbook.write(book, {"x": [head] + good + [b[1] for b in bad]})
    one, two = (json.loads(fazhi("review", "--map", r.map, f, "--format", "json").stdout) for f in (book, plain))
    report(one["indicators"] == two["indicators"] and one["cases"] == two["cases"] == 12 and one["findings"] == two["findings"], "a review of the spreadsheet is that of the table")
    workbook.write(book, {"罚单": sheet})
    done = fazhi("review", "--map", r.map, book)
    says("a review names the cell", done, 1, "罚单!C8", "2006-02-30")


def the_sample_as_a_workbook(place):
    """Every cell of a whole sample through the spreadsheet."""
    r = registers.REGISTERS[0]
    rows = list(csv.reader(gzip.open(r.sample[0], "rt", encoding="utf-8", newline="")))
    dates = [i for i, k in enumerate(rows[0]) if k.endswith("_dt")]
    typed = [rows[0]] + [[datetime.datetime.fromisoformat(c) if i in dates and c else c for i, c in enumerate(x)] for x in rows[1:]]
    workbook.write(place / "requests.xlsx", {"cover": [["read me"]], "requests": typed})
    args = ("--pack", r.pack, "--map", r.map, "--until", r.until, "--format", "json")
    one, two = (json.loads(fazhi("review", *args, f).stdout) for f in (place / "requests.xlsx", r.sample[0]))
    report(one["indicators"] == two["indicators"] and one["findings"] == two["findings"] and one["refused"]["count"] == 0,
           "a sample written as a workbook, its dates as serial numbers, comes out the same", str(one["refused"])[:300])


PACK = """pack: toy_calls
version: 2020-01-01
title: {zh: 试用, en: Trial}
part: services
calendar: none
laws:
  L: {title: 试用法, edition: 2019, in_force: 2020-01-01, working_days: as_written}
records:
  call:
    title: {zh: 来电, en: Call}
    shape: case
    number: "{year}/{serial}"
    fields:
      caller: {type: party, title: 来电人, personal: true, purpose: 办理, keep: 1 year}
      note: {type: text, title: 记录}
    stages: [open, closed]
    final: [closed]
    actions:
      take: {title: 接听, starts: open, by: officer, article: L 1}
      write: {title: 记录, from: open, by: officer, repeats: true, article: L 1}
      close: {title: 办结, from: open, to: closed, by: officer, article: L 1}
"""
MAP = """pack: toy_calls
record: call
sources:
  events: {case: id, action: what, on: day, fields: {who: caller, note: note}}
actions: {take: take, write: write, close: close}
"""


def toy(place, rows):
    pack, a_map, table = place / "toy.yaml", place / "toy-map.yaml", place / "toy.csv"
    pack.write_text(PACK, encoding="utf-8")
    a_map.write_text(MAP, encoding="utf-8")
    with table.open("w", encoding="utf-8", newline="") as f:
        csv.writer(f).writerows([["id", "what", "day", "who", "note"]] + rows)
    return pack, a_map, table


def interrupted(place):
    seed = int(os.environ.get("FZ_SEED", "20261125"))
    print(f"# seed {seed}")
    rng = random.Random(seed)
    rows = [[f"C{i}", what, f"2021-{1 + i % 12:02}-{d:02}", f"person {i % 97}", f"n{i}"] for i in range(7000) for d, what in ((1, "take"), (5, "write"), (9, "close"))]
    pack, a_map, table = toy(place, rows)
    whole, torn = make(place / "whole", pack), make(place / "torn", pack)
    start = time.time()
    says("an import in one piece", fazhi("import", whole, "--map", a_map, table), 0, f"{len(rows)} entered")
    took, seen = time.time() - start, [0]

    def entries():
        with sqlite3.connect(f"file:{torn / 'log.db'}?mode=ro", uri=True, timeout=30) as db:
            return db.execute("select count(*) from entry").fetchone()[0]

    for i in range(8):
        child = subprocess.Popen([FAZHI, "import", torn, "--map", a_map, table], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.time() + rng.random() * took
        # Every other time at any moment; else soon after a batch has become durable.
        while child.poll() is None and (time.time() < until if i % 2 else entries() == seen[-1]):
            time.sleep(0.002)
        child.send_signal(signal.SIGKILL)
        child.wait()
        seen.append(entries())
    says("after kill -9 the log is sound", fazhi("verify", torn), 0, "sound")
    says("begun again, it ends", fazhi("import", torn, "--map", a_map, table), 0, "0 refused")
    report(any(0 < n < len(rows) for n in seen), "it was interrupted in the middle", f"entries seen: {seen}")
    report(root_of(torn) == root_of(whole) and len(root_of(whole)) == 64, "at the root of the one that was not interrupted", f"{root_of(torn)} {root_of(whole)}")
    report(dump(torn) == dump(whole), "and with the same rows, personal values and salts among them")


def keys(place):
    pack, a_map, table = toy(place, [["A", "take", "2021-01-01", "x", "n"], ["A", "write", "2021-01-02", "x", "same"], ["A", "write", "2021-01-02", "y", "same"],
                                     ["A", "write", "2021-01-02", "x", "other"]])
    folder = make(place / "keys", pack)
    out = place / "keys.tsv"
    says("rows that differ in personal values only are two", fazhi("import", folder, "--map", a_map, table, "--verdicts", out), 0, "4 entered")
    digests = {v["key"] for v in verdicts_in(out)}
    report(len(digests) == 4 and hashlib.sha256(b"x").hexdigest()[:16] not in digests, "each with a key")
    toy(place, [["A", "write", "2021-01-02", "z", "same"]])
    says("and alone in a later file they pass for the first", fazhi("import", folder, "--map", a_map, table), 0, "0 entered, 1 there before")
    a_map.write_text(MAP.replace("on: day,", "on: day, key: nr,"), encoding="utf-8")
    with table.open("w", encoding="utf-8", newline="") as f:
        csv.writer(f).writerows([["id", "what", "day", "who", "note", "nr"], ["B", "take", "2021-01-01", "x", "n", "1"], ["B", "write", "2021-01-02", "x", "n", "2"],
                                 ["B", "write", "2021-01-02", "x", "n", "3"], ["B", "write", "2021-01-02", "x", "n", "3"]])
    says("a row's own number tells it from others", fazhi("import", folder, "--map", a_map, table), 0, "3 entered, 1 there before")
    with table.open("a", encoding="utf-8", newline="") as f:
        csv.writer(f).writerow(["B", "write", "2021-01-03", "x", "changed", "2"])
    for option, words in ((["--dry-run"], "0 could be entered, 5 there before"), ([], "0 entered, 5 there before")):
        says("whatever else it says", fazhi("import", folder, "--map", a_map, table, *option), 0, words)


def refusals(place):
    r = registers.REGISTERS[0]
    pack, a_map, table = toy(place, [["101001240735", "take", "2021-01-01", "x", "n"], ["A", "take", "2021-01-01", "x", "n"]])
    folder, out = make(place / "two", pack, r.pack), place / "two.tsv"
    fazhi("import", folder, "--map", r.map, *r.sample)
    with sqlite3.connect(folder / "log.db") as db:
        taken = db.execute("select record from record").fetchone()[0]
    toy(place, [[taken, "take", "2021-01-01", "x", "n"], ["A", "take", "2021-01-01", "x", "n"]])
    for option in (["--dry-run"], []):
        done = fazhi("import", folder, "--map", a_map, table, "--verdicts", out, "--refused", place / "r.csv", *option)
        said = verdicts_in(out)
        report(done.returncode == 1 and [(v["verdict"], v["reason"]) for v in said] == [("refused", "other-record"), ("taken", "")] and "us_boston_311" in said[0]["reason_en"],
               "a record of another register is not gone on with" + (", dry" if option else ""), done.stdout + done.stderr)
    report(len((place / "r.csv").read_text(encoding="utf-8").splitlines()) == 2, "and its row stands among the refused")
    says("in Chinese", fazhi("import", folder, "--map", a_map, table, lang="zh_CN.UTF-8"), 1, "同名记录已有", "拒收1行")


def failures(place):
    pack, a_map, table = toy(place, [["A", "take", "2021-01-01", "x", "n"]])
    folder = make(place / "codes", pack)
    says("no map is a mistake of usage", fazhi("import", folder, table), 2, "--map")
    says("a file that is not there", fazhi("import", folder, "--map", a_map, place / "none.csv"), 3, "none.csv")
    for name, head, words in (("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"W\0o\0r\0k\0b\0o\0o\0k\0", ".xls"),
                              ("locked.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16le"), "password")):
        (place / name).write_bytes(head + bytes(600))
        says(f"{name} is named for what it is", fazhi("import", folder, "--map", a_map, place / name), 2, name, words)
    workbook.write(place / "torn.xlsx", {"s": [["id", "what", "day", "who", "note"]] + [[f"A{i}", "take", "2021-01-01", "x", "n"] for i in range(2000)]})
    whole = (place / "torn.xlsx").read_bytes()
    (place / "torn.xlsx").write_bytes(whole[:len(whole) // 2])
    says("a torn workbook is refused whole", fazhi("import", folder, "--map", a_map, place / "torn.xlsx"), 2, "torn workbook")
    with sqlite3.connect(folder / "log.db") as db:
        report(db.execute("select count(*) from entry").fetchone()[0] == 0, "and nothing of any of them was entered")
    if os.path.exists("/dev/full"):
        says("a verdict that cannot be written is a failure", fazhi("import", folder, "--map", a_map, table, "--verdicts", "/dev/full"), 3, "/dev/full")
    says("a refused pack leaves no folder", fazhi("init", place / "nopack", "--place", "330106", "--pack", a_map), 2)
    report(not (place / "nopack" / "folder").exists(), "not even half of one")
    mine = make(place / "mine", pack)
    published = next((mine / "packs").iterdir())
    published.write_text(PACK.replace("接听", "接到"), encoding="utf-8")
    says("a published pack that was changed is refused", fazhi("verify", mine), 2, published.name, "changed")
    published.write_text(PACK, encoding="utf-8")
    says("and followed again once it is what it was", fazhi("verify", mine), 0, "sound")


def progress(place):
    pack, a_map, table = toy(place, [[f"P{i}", "take", "2021-01-01", "x", "n"] for i in range(6000)])
    quiet, loud = make(place / "quiet", pack), make(place / "loud", pack)
    done = fazhi("import", quiet, "--map", a_map, table)
    report(done.returncode == 0 and done.stderr == "", "in a pipe it is silent", done.stderr)
    try:
        ours, theirs = pty.openpty()
    except OSError as why:
        skip("on a terminal it says how far it is", f"there is no terminal to be had: {why}")
        return
    child = subprocess.Popen([FAZHI, "import", loud, "--map", a_map, table], stdout=subprocess.DEVNULL, stderr=theirs, env=dict(os.environ, LC_ALL="C.UTF-8"))
    os.close(theirs)
    seen = b""
    try:
        while part := os.read(ours, 65536):
            seen += part
    except OSError:
        pass
    child.wait()
    report(child.returncode == 0 and b"rows read" in seen and b"acts entered" in seen and b"/s" in seen and b"%" in seen, "on a terminal it says how far it is", repr(seen[:400]))


def written_by_others(place):
    try:
        import openpyxl
    except ImportError:
        skip("a workbook of openpyxl", "openpyxl is not installed")
        return
    r = registers.FINES
    rows = list(csv.reader(gzip.open(r.sample[0], "rt", encoding="utf-8", newline="")))
    at = rows[0].index("timestamp")
    book = openpyxl.Workbook()
    for i, row in enumerate(rows):
        book.active.append([datetime.date.fromisoformat(c[:10]) if i and k == at else c or None for k, c in enumerate(row)])
    book.save(place / "openpyxl.xlsx")
    one, two = (json.loads(fazhi("review", "--map", r.map, f, "--format", "json").stdout) for f in (place / "openpyxl.xlsx", r.sample[0]))
    report(one["indicators"] == two["indicators"] and one["findings"] == two["findings"], "a workbook of openpyxl comes out as the table it was made of")


with tempfile.TemporaryDirectory() as folder:
    for part in (every_example, a_spreadsheet, the_sample_as_a_workbook, interrupted, keys, refusals, failures, progress, written_by_others):
        place = pathlib.Path(folder) / part.__name__
        place.mkdir()
        part(place)
plan()
