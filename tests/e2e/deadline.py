#!/usr/bin/env python3
"""`fazhi deadline` against answers that were worked out elsewhere. Prints TAP. usage: deadline.py FAZHI"""
import collections
import csv
import datetime
import gzip
import io
import os
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from tap import ROOT, SHARED, plan, report, skip
import tap

FAZHI = sys.argv[1]


def run(*args):
    return tap.run(FAZHI, "deadline", *args)


def due_days(rows):
    """Rows of (limit, from[, calendar, roll]) through one file; the due days, in order."""
    with tempfile.TemporaryDirectory() as folder:
        name = os.path.join(folder, "rows.csv")
        with open(name, "w", encoding="utf-8", newline="") as f:
            writer = csv.writer(f)
            writer.writerow(["limit", "from", "calendar", "roll"])
            writer.writerows([list(r) + [""] * (4 - len(r)) for r in rows])
        done = run("--rows", name)
    if done.returncode != 0:
        return done.stderr
    return [r["due"] for r in csv.DictReader(io.StringIO(done.stdout))]


def compare(name, rows, expected):
    got = due_days(rows)
    if isinstance(got, str):
        return report(False, name, got)
    wrong = [f"{r}: {g}, expected {e}" for r, g, e in zip(rows, got, expected) if g != e]
    report(len(got) == len(expected) > 0 and not wrong, f"{name} ({len(expected)} rows)", "\n".join(wrong[:5]))


# The 20 vectors of the law sheet; what is no plain forward limit is asked for in its own way.
VECTORS = [
    ("5 working_days", "2026-02-13", "2026-02-27"), ("7 working_days", "2026-02-27", "2026-03-09"),
    ("10 working_days", "2026-03-09", "2026-03-23"), ("60 days", "2026-02-27", "2026-04-28"),
    ("15 days", "2026-09-16", "2026-10-08"), ("15 days", "2026-09-25", "2026-10-10"),
    ("7 working_days", "2026-09-18", "2026-09-29"), ("90 days", "2026-07-05", "2026-10-08"),
    ("6 months", "2025-08-31", "2026-02-28"), ("3 months", "2025-11-30", "2026-02-28"),
    ("20 working_days", "2026-01-29", "2026-03-04"), ("30 days", "2026-04-01", "2026-05-01", "", "no"),
    ("60 days", "2025-12-02", "2026-02-02"), ("3 working_days", "2022-12-29", "2023-01-04"),
    ("20 working_days", "2024-09-10", "2024-10-14"), ("10 days", "2025-09-29", "2025-10-09"),
    ("1 month", "2026-01-31", "2026-02-28"), ("2 years", "2024-02-29", "2026-02-28"),
    ("10 working_days", "2026-09-22", "2026-10-13"), ("30 days", "2026-01-15", "2026-02-14"),
]
compare("vectors of the law sheet", [(v[0], v[1], *v[3:]) for v in VECTORS], [v[2] for v in VECTORS])
for args, want in [
    (("60 days", "--from", "2026-02-27", "--extend", "30 days"), "2026-05-28"),
    (("20 working_days", "--from", "2026-01-29", "--extend", "10 working_days"), "2026-03-18"),
    (("7 working_days", "--before", "2026-05-12"), "latest 2026-04-28 to plan for; later than 2026-04-29 breaks the law"),
    (("24 hours", "--from", "2026-02-14 23:30"), "2026-02-15 23:30"),
    (("5 working_days", "--from", "2026-12-30"), "2027-01-06 (provisional: no notice for that year yet)"),
]:
    done = run(*args)
    report(done.returncode == 0 and done.stdout.strip() == want, " ".join(args), done.stdout + done.stderr)


def shared(name):
    path = SHARED / "data" / name
    if not path.exists():
        return None
    data = path.read_bytes()
    text = gzip.decompress(data) if name.endswith(".gz") else data
    return list(csv.DictReader(io.StringIO(text.decode("utf-8"))))


WHY = "the shared data folder is not there"
rows = shared("deadline_oracle_workdays.csv")
if rows is None:
    skip("working-day oracle", WHY)
else:
    compare("working-day oracle", [(f"{r['workdays']} working_days", r["start_date"]) for r in rows],
            [r["due_date"] for r in rows])

rows = shared("hotline_sichuan_wenzheng_to2024-08.csv")
if rows is None:
    skip("deadlines set by the Sichuan platform", WHY)
else:
    base = {"4774": 5, "4776": 5, "4779": 5, "4775": 15, "4777": 15}
    rows = [r for r in rows if r["deadline"]]
    plain = due_days([(f"{base[r['sort_id']]} working_days", r["assign_at"][:10]) for r in rows])
    longer = due_days([(f"{base[r['sort_id']] + 30} working_days", r["assign_at"][:10]) for r in rows])
    met = sum(p == r["deadline"][:10] for p, r in zip(plain, rows))
    extended = sum(p != r["deadline"][:10] and e == r["deadline"][:10] for p, e, r in zip(plain, longer, rows))
    report((len(rows), met, extended) == (252, 247, 5), "deadlines set by the Sichuan platform",
           f"{len(rows)} deadlines, {met} at 5 or 15 working days, {extended} extended by 30")

rows = shared("permit_wabo_receipt_cases.csv.gz")
if rows is None:
    skip("eight weeks of the Dutch permits", WHY)
else:
    due = due_days([("56 days", r["start_date"][:10], "none", "no") for r in rows])
    at = sum(d == r["deadline"][:10] for d, r in zip(due, rows))
    report((len(rows), at) == (1434, 1080), "eight weeks of the Dutch permits", f"{at} of {len(rows)} at 56 days")
    apart = collections.Counter((datetime.date.fromisoformat(r["deadline"][:10]) - datetime.date.fromisoformat(d)).days
                                for d, r in zip(due, rows) if d != r["deadline"][:10])
    listed = dict((int(m[1]), int(m[2])) for m in
                  re.finditer(r"^\| ([+-]\d+) \| (\d+) \|$", (ROOT / "doc/permit-deadlines.md").read_text(encoding="utf-8"), re.M))
    report(sum(apart.values()) == 354 and listed == apart, "the other 354 are listed by their distance",
           f"{sorted(apart.items())}\n{sorted(listed.items())}")

# Bad input: the message names the place, the good rows still come out, and the exit status tells.
BAD = [
    ("limit,from\n5 working_days,2026-02-13\n5 days,2026-02-30\n", 1, ":3: '2026-02-30' is no date that exists", 3),
    ("limit,from\n5 wd,2026-02-13\n", 1, ":2: '5 wd' is no time limit", 2),
    ("limit,from\n5 working_days,2026-02-13,x\n", 1, ":2: 3 fields where the header has 2", 2),
    ("limit,from\n5 working_days,2006-02-13\n", 1, ":2: the calendar does not reach", 2),
    ("limit,from,roll\n5 days,2026-02-13,maybe\n", 1, ":2: roll is yes or no", 2),
    ("limit,day\n5 days,2026-02-13\n", 2, ":1: needs the columns limit and from", 0),
    ("limit,from,limit\n5 days,2026-02-13,x\n", 2, ":1: column 'limit' stands twice", 0),
    ("", 2, "", 0),
]
for text, code, says, lines in BAD:
    with tempfile.TemporaryDirectory() as folder:
        name = os.path.join(folder, "bad.csv")
        pathlib.Path(name).write_bytes(text.encode("utf-8"))
        done = run("--rows", name)
        report(done.returncode == code and says in done.stderr and len(done.stdout.splitlines()) == lines,
               f"refused: {says or 'an empty file'}", f"exit {done.returncode}\n{done.stdout}{done.stderr}")
for args, says in [
    (("5 days", "--from", "2026-02-29"), "'2026-02-29' is no date that exists"),
    (("--from", "2026-02-28"), "deadline takes one LIMIT"),
    (("5 days", "--form", "2026-02-28"), "deadline has no option --form"),
    (("5 days", "--from", "2026-02-28", "--without", "2026-03-05..2026-03-01"), "ends before it begins"),
    (("5 working_days", "--from", "2026-02-28", "--calendar", "none"), "working days need a calendar"),
    (("24 hours", "--from", "2026-02-28"), "hours count from a moment"),
    (("5 days", "--from", "2026-02-28", "--calendar", "nowhere.tsv"), "nowhere.tsv: No such file"),
]:
    done = run(*args)
    report(done.returncode == 2 and says in done.stderr and not done.stdout, f"refused: {says}", done.stderr)
plan()
