#!/usr/bin/env python3
"""What a data folder says of itself: review of stored records, indicators, the annual report. Prints TAP. usage: figures.py FAZHI

The figures are held against a count of the register's own rows, made here without fazhi; the review of what was imported against the review of the file.
"""
import collections
import csv
import datetime
import gzip
import html.parser
import io
import json
import os
import pathlib
import re
import sqlite3
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from tap import ROOT, SHARED, plan, report, says, skip
import tap

FAZHI = sys.argv[1]
FINES = ROOT / "examples/traffic-fines"
PERMITS = ROOT / "examples/permit-receipt"
ALL = ("--from", "1900-01-01", "--to", "2099-12-31")


def fazhi(*args, lang="C.UTF-8"):
    return tap.run(FAZHI, *map(str, args), lang=lang)


def table(text):
    return list(csv.DictReader(io.StringIO(text), delimiter="\t"))


def figures(folder, *args):
    """{(pack, indicator, basis, by, value): (numerator, denominator)}"""
    done = fazhi("indicators", folder, *args, "--format", "tsv")
    return {(r["pack"], r["indicator"], r["basis"], r["by"], r["value"]): (int(r["numerator"]), int(r["denominator"] or 0)) for r in table(done.stdout)}


# ---- the register's rows, counted without fazhi ----

def days_of(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="") as f:
        return [(r["case_id"], r["activity"], datetime.date.fromisoformat(r["timestamp"])) for r in csv.DictReader(f)]


ACTS = {"created": "Create Fine", "notified": "Insert Fine Notification", "surcharged_fines": "Add penalty", "sent_for_collection": "Send for Credit Collection",
        "prefecture_appeals": "Insert Date Appeal to Prefecture", "judge_appeals": "Appeal to Judge"}


def count(rows, first, last):
    """Every indicator of the pack of traffic fines. Notified in time: within 90 days of the fine, 150 before 13 August 2010."""
    seen = collections.Counter(a for _, a, d in rows if first <= d <= last)
    want = {("it_traffic_fines", name, "", "", ""): (seen[act], 0) for name, act in ACTS.items()}
    start = {}
    in_time = 0
    for case, act, day in sorted(rows, key=lambda r: (r[2])):
        if act == "Create Fine":
            start.setdefault(case, day)
    done = set()
    for case, act, day in sorted(rows, key=lambda r: r[2]):
        if act == "Insert Fine Notification":
            assert case not in done and case in start, "the count by hand knows one notification a case"
            done.add(case)
            limit = 90 if start[case] >= datetime.date(2010, 8, 13) else 150
            if first <= day <= last:
                in_time += (day - start[case]).days <= limit
    want["it_traffic_fines", "notified_in_time", "", "", ""] = (in_time, seen[ACTS["notified"]])
    return want


def only(found, pack):
    return {k: v for k, v in found.items() if k[0] == pack}


class Page(html.parser.HTMLParser):
    """Ids, links and scripts of a page."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.tags, self.rows = [], [], [], 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append(tag)
        self.ids += [attrs["id"]] if "id" in attrs else []
        self.links += [attrs["href"]] if "href" in attrs else []


with tempfile.TemporaryDirectory() as place:
    place = pathlib.Path(place)
    city = place / "city"
    fazhi("init", city, "--place", "330106", "--synthetic")
    says("an empty folder has every figure", fazhi("indicators", city, "--year", "2020"), 0, "0  cases", "no cases  0 / 0")
    found = figures(city, "--year", "2020")
    report(len(found) > 60 and set(found.values()) == {(0, 0)}, "all of them 0", str(found)[:300])
    says("and no records to review", fazhi("review", city, "--record", "fine"), 0, "findings  0 in 0 cases")

    fazhi("import", city, "--map", FINES / "map.yaml", FINES / "log.csv.gz")
    fazhi("import", city, "--map", PERMITS / "map.yaml", PERMITS / "cases.csv.gz", PERMITS / "events.csv.gz")

    # ---- indicators ----
    rows = days_of(FINES / "log.csv.gz")
    for name, args, first, last in (("over all years", ALL, datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)),
                                    ("of a year", ("--year", "2007"), datetime.date(2007, 1, 1), datetime.date(2007, 12, 31)),
                                    ("of a year with the new limit", ("--year", "2011"), datetime.date(2011, 1, 1), datetime.date(2011, 12, 31)),
                                    ("of a day", ("--from", "2007-03-19", "--to", "2007-03-19"), datetime.date(2007, 3, 19), datetime.date(2007, 3, 19))):
        got, want = only(figures(city, *args), "it_traffic_fines"), count(rows, first, last)
        report(got == want, f"every figure is what the rows of the register come to, {name}", f"{got}\n{want}")
    review = json.loads(fazhi("review", "--map", FINES / "map.yaml", FINES / "log.csv.gz", "--format", "json").stdout)
    want = {("it_traffic_fines", f["name"], f["basis"] or "", f["by"] or "", f["value"] or ""): (f["numerator"], f["denominator"]) for f in review["indicators"]}
    report(only(figures(city, *ALL), "it_traffic_fines") == want, "and what a review of the file says")
    says("another place is refused", fazhi("indicators", city, "--place", "110101", "--year", "2007"), 2, "330106")
    says("its own is not", fazhi("indicators", city, "--place", "330106", "--year", "2007"), 0)
    for args in ((), ("--year", "2007", "--from", "2007-01-01"), ("--from", "2007-01-01"), ("--year", "x"), ("--from", "2007-02-30", "--to", "2007-03-01"),
                 ("--from", "2007-02-03", "--to", "2007-02-02"), ("--year", "2007", "--pack", "nothing"), ("--year", "2007", "--why", "nothing"),
                 ("--year", "2007", "--why", "received"), ("--year", "2007", "--format", "xml"), ("--year", "2026", "--keep")):
        done = fazhi("indicators", city, *args)
        report(done.returncode == 2 and done.stderr.startswith("fazhi: "), f"refused: {' '.join(args) or 'no period'}", f"{done.returncode} {done.stderr}")
    report(fazhi("indicators", city, "--year", "2007", "--why", "licence.received").returncode == 0, "a pack's name tells two indicators of one name apart")

    # ---- what lies behind ----
    found = figures(city, "--year", "2007")
    wrong = []
    with sqlite3.connect(city / "log.db") as db:
        entries = dict(db.execute("select seq, cast(bytes as text) from entry"))
    some = {k: v for i, (k, v) in enumerate(found.items()) if any(v) or i % 12 == 0}
    for (pack, indicator, basis, by, value), (numerator, denominator) in some.items():
        key = f"{pack}.{indicator}" + (f".{basis}" if basis else "")
        acts = table(fazhi("indicators", city, "--year", "2007", "--why", key, *(("--by", f"{by}={value}") if by else ()), "--format", "tsv").stdout)
        sides = collections.Counter(a["side"] for a in acts)
        listed = {(a["side"], a["entry"]) for a in acts}
        if (sides["numerator"], sides["denominator"]) != (numerator, denominator) or len(listed) != len(acts):
            wrong.append((key, numerator, denominator, dict(sides)))
        for a in acts:
            e = json.loads(entries[int(a["entry"])])
            if (e["record"], e["on"], e.get("action")) != (a["record"], a["day"], a["action"]) or not a["day"].startswith("2007"):
                wrong.append((key, a))
    report(not wrong, f"behind each of {len(some)} figures stand as many acts as it says, each an entry of the log", str(wrong[:3]))
    notified = {(c, str(d)) for c, a, d in rows if a == "Insert Fine Notification" and d.year == 2007}
    acts = table(fazhi("indicators", city, "--year", "2007", "--why", "notified_in_time", "--format", "tsv").stdout)
    report({(a["record"], a["day"]) for a in acts if a["side"] == "denominator"} == notified, "namely those of the register")
    done = fazhi("indicators", city, "--year", "2007", "--why", "notified_in_time", "--most", "3")
    says("in words, with how to look", done, 0, "numerator: 143", "denominator: 170", "and 140 more", "fazhi show")
    why = json.loads(fazhi("indicators", city, "--year", "2007", "--why", "notified_in_time", "--format", "json").stdout)
    report((len(why["numerator"]), len(why["denominator"])) == (143, 170), "and as JSON")
    answer = json.loads(fazhi("indicators", city, "--year", "2007", "--format", "json").stdout)
    report({c["pack"] for c in answer["chapters"]} >= {"hotline", "penalty", "it_traffic_fines"} and answer["from"] == "2007-01-01", "all of them as JSON")

    # ---- kept ----
    says("figures of a year that is over are kept", fazhi("indicators", city, "--year", "2007", "--keep"), 0, "kept")
    says("and read", fazhi("indicators", city, "--year", "2007"), 0, ", kept")
    report(figures(city, "--year", "2007") == found, "as they were")
    says("an act of another year leaves them", fazhi("act", city, "new", "create", "--type", "fine", "--on", "2009-05-05", "--by", "x", "amount=40.00 euro"), 0)
    says("there", fazhi("indicators", city, "--year", "2007", "--pack", "it_traffic_fines"), 0, ", kept")
    says("one that comes late", fazhi("act", city, "new", "create", "--type", "fine", "--on", "2007-12-31", "--by", "x", "amount=40.00 euro"), 0)
    done = fazhi("indicators", city, "--year", "2007", "--pack", "it_traffic_fines")
    report(", kept" not in done.stdout and "265" in done.stdout, "does not", done.stdout)
    fazhi("indicators", city, "--year", "2007", "--keep")
    with sqlite3.connect(city / "log.db") as db:
        record, seq = db.execute("select record, seq from entry order by seq desc limit 1").fetchone()
    says("an entry made by mistake is annulled", fazhi("correct", city, record, seq, "--annul", "--by", "x", "--approve", "y", "--reason", "entered twice"), 0)
    done = fazhi("indicators", city, "--year", "2007", "--pack", "it_traffic_fines")
    report(", kept" not in done.stdout and "264" in done.stdout, "and counts no longer, whatever was kept", done.stdout)
    report(len(table(fazhi("indicators", city, "--year", "2007", "--why", "created", "--format", "tsv").stdout)) == 264, "nor stands behind the figure")
    fazhi("indicators", city, "--year", "2007", "--keep")
    fazhi("rebuild", city)
    done = fazhi("indicators", city, "--year", "2007", "--pack", "it_traffic_fines")
    report(", kept" not in done.stdout and "264" in done.stdout, "a rebuild forgets what was kept", done.stdout)
    says("and the log is sound with it all", fazhi("verify", city), 0, "sound")

    # ---- review of what is stored ----
    def same_findings(folder, record, map_of, files, name):
        stored = table(fazhi("review", folder, "--record", record, "--format", "tsv").stdout)
        foreign = table(fazhi("review", "--map", map_of, *files, "--format", "tsv").stdout)
        places = {"file", "line"}
        strip = lambda rows: collections.Counter(tuple(v for k, v in r.items() if k not in places) for r in rows)
        report(strip(stored) == strip(foreign) and foreign, f"{name}: {len(foreign)} findings, the same from file and folder",
               f"{(strip(stored) - strip(foreign)).most_common(2)}\n{(strip(foreign) - strip(stored)).most_common(2)}")
        a = json.loads(fazhi("review", folder, "--record", record, "--format", "json").stdout)
        b = json.loads(fazhi("review", "--map", map_of, *files, "--format", "json").stdout)
        keys = ["cases", "cases_with_findings", "findings", "indicators", "first", "last", "versions"]
        report(all(a[k] == b[k] for k in keys), f"{name}: the same counts and figures", str([(k, a[k], b[k]) for k in keys if a[k] != b[k]])[:400])

    town = place / "town"
    fazhi("init", town, "--place", "330106", "--synthetic")
    fazhi("import", town, "--map", FINES / "map.yaml", FINES / "log.csv.gz")
    fazhi("import", town, "--map", PERMITS / "map.yaml", PERMITS / "cases.csv.gz", PERMITS / "events.csv.gz")
    same_findings(town, "fine", FINES / "map.yaml", [FINES / "log.csv.gz"], "traffic fines")
    same_findings(town, "application", PERMITS / "map.yaml", [PERMITS / "cases.csv.gz", PERMITS / "events.csv.gz"], "permits")
    done = fazhi("review", town, "--format", "tsv")
    report(done.returncode == 1 and len(table(done.stdout)) == 397 + 134 and done.stdout.count("rule\ttitle") == 1, "two record types in one table", done.stderr)
    docs = fazhi("review", town, "--format", "json").stdout
    decoder, at, n = json.JSONDecoder(), 0, 0
    while at < len(docs.rstrip()):
        _, at = decoder.raw_decode(docs, at)
        at = at + len(docs[at:]) - len(docs[at:].lstrip())
        n += 1
    report(n == 3, "and a document of JSON for each, and for the log's own key", str(n))
    says("a page holds one", fazhi("review", town, "--format", "html"), 2, "--record")
    says("which it is", fazhi("review", town, "--record", "fine", "--format", "html"), 1, "<!DOCTYPE html>", "256")
    says("a pack by its name", fazhi("review", town, "--pack", "nl_permit_receipt"), 1, "findings: 134")
    says("an organ that is not there has nothing", fazhi("review", town, "--organ", "nobody", "--record", "fine"), 0, "findings  0")
    says("an unknown record type is refused", fazhi("review", town, "--record", "nothing"), 2)
    says("organs are of folders", fazhi("review", "--map", FINES / "map.yaml", FINES / "log.csv.gz", "--organ", "x"), 2, "--organ")
    late = table(fazhi("review", town, "--record", "fine", "--where", "clock(late_notification) is missed and done(notify)", "--format", "tsv").stdout)
    every = table(fazhi("review", town, "--record", "fine", "--format", "tsv").stdout)
    report({r["case"] for r in late if r["rule"] == "late_notification"} == {r["case"] for r in every if r["rule"] == "late_notification"} and len(late) < len(every),
           "a condition chooses records")
    by_fold = table(fazhi("review", town, "--record", "fine", "--where", "due(day(create), 150 days) < day(notify)", "--format", "tsv").stdout)
    report(0 < len(by_fold) < len(every), "also one that SQL cannot say", str(len(by_fold)))
    says("a condition that is none is said", fazhi("review", town, "--record", "fine", "--where", "amount"), 2)

    # ---- the report ----
    page, text, zh = place / "r.html", place / "r.md", place / "zh.html"
    says("the report is written", fazhi("report", town, "--place", "330106", "--year", "2007", "-o", page), 0)
    says("as Markdown too", fazhi("report", town, "--year", "2007", "-o", text), 0)
    says("and in Chinese", fazhi("report", town, "--year", "2007", "-o", zh, lang="zh_CN.UTF-8"), 0)
    says("only as one of them", fazhi("report", town, "--year", "2007", "-o", place / "r.pdf"), 2, "FILE.html")
    p = Page(page.read_text(encoding="utf-8"))
    report(p.links and all(l.startswith("#") and l[1:] in p.ids for l in p.links) and len(set(p.ids)) == len(p.ids), "every link of the page leads somewhere in it", str(p.links[:5]))
    report("script" not in p.tags and "img" not in p.tags and "link" not in p.tags, "nothing runs and nothing is fetched")
    body = page.read_text(encoding="utf-8")
    for part in ("Enforcement", "Disputes", "Services", "Permits"):
        report(f"<h2>{part}</h2>" in body, f"it has the part {part}")
    report("争议化解" in zh.read_text(encoding="utf-8") and 'lang="zh-CN"' in zh.read_text(encoding="utf-8"), "in the reader's language")
    report("84.12%" in body and ">143<" in body and ">170<" in body and "100 " not in body, "with the figures", "")
    report(body.count("--why it_traffic_fines.created --format tsv") == 1, "past two hundred acts it says how to list them", "")
    command = re.search(r"fazhi (indicators [^<]*--why it_traffic_fines.created --format tsv)", body).group(1).split()
    report(len(table(fazhi(*command).stdout)) == 264, "and that lists them", " ".join(command))
    md = text.read_text(encoding="utf-8")
    links = set(re.findall(r"\]\(#([^)]*)\)", md))
    report(links and all(f'<a id="{l}"></a>' in md for l in links), "links of the Markdown lead somewhere as well", str(links))
    golden = ROOT / "tests/golden/report"
    fazhi("report", town, "--year", "2007", "--pack", "it_traffic_fines", "-o", text)
    for name in ("fines-2007.md",):
        short = text.read_text(encoding="utf-8").split("## What the figures are made of")[0].replace(str(town), "DIR")
        if os.environ.get("FZ_ACCEPT"):
            golden.mkdir(parents=True, exist_ok=True)
            (golden / name).write_text(short, encoding="utf-8")
        report((golden / name).read_text(encoding="utf-8") == short, f"{name} is as it was reviewed (FZ_ACCEPT=1 accepts)", short[:400])

    # ---- hostile values ----
    bad = "<script>alert(1)</script>|`x`*[y](z)\u202e'\""
    says("a record with a hostile id", fazhi("act", town, "new", "create", "--type", "fine", "--on", "2008-03-03", "--by", "x", "amount=40.00 euro", "--organ", bad), 0)
    with gzip.open(FINES / "log.csv.gz", "rt", encoding="utf-8") as f:
        head = f.readline()
    (place / "bad.csv").write_text(head + f'"=1+1{bad.replace(chr(34), chr(34) * 2)}",Create Fine,2008-04-04,1,35.0,,,,,,,,,,\n', encoding="utf-8")
    says("and one that a spreadsheet would run", fazhi("import", town, "--map", FINES / "map.yaml", place / "bad.csv"), 0, "1 entered")
    fazhi("report", town, "--from", "2008-03-03", "--to", "2008-04-04", "--pack", "it_traffic_fines", "-o", page)
    fazhi("report", town, "--from", "2008-03-03", "--to", "2008-04-04", "--pack", "it_traffic_fines", "-o", text)
    p, body, md = Page(page.read_text(encoding="utf-8")), page.read_text(encoding="utf-8"), text.read_text(encoding="utf-8")
    report("script" not in p.tags and "&lt;script&gt;" in body and "\u202e" not in body, "are text on the page")
    report(r"\<script\>" in md and "<script>" not in md and r"\|" in md and "\u202e" not in md, "and in Markdown", md[-800:])
    acts = fazhi("indicators", town, "--from", "2008-03-03", "--to", "2008-04-04", "--why", "created", "--format", "tsv").stdout
    report("\t'=1+1" in acts or '\t"\'=1+1' in acts, "and no formula in a table", acts[-300:])
    seen = fazhi("indicators", town, "--from", "2008-03-03", "--to", "2008-04-04", "--why", "created", "--most", "9999").stdout
    report("=1+1" in seen and "\u202e" not in seen, "and steer no terminal")

    # ---- the whole register ----
    whole = SHARED / "data/penalty_road_traffic_fines_2000-2009.csv.gz"
    if os.environ.get("FZ_WHOLE") and whole.exists():
        big = place / "big"
        fazhi("init", big, "--place", "330106", "--synthetic")
        tap.run(FAZHI, "import", str(big), "--map", str(FINES / "map.yaml"), str(whole), timeout=1800)
        same_findings(big, "fine", FINES / "map.yaml", [whole], "the whole register")
    else:
        skip("the whole register, the same from file and folder", "FZ_WHOLE=1 with the shared data runs it")
plan()
