#!/usr/bin/env python3
"""`fazhi review` on the bundled samples, on the whole logs, and on files that are wrong. Prints TAP. usage: review.py FAZHI"""
import csv
import gzip
import html.parser
import io
import json
import os
import pathlib
import re
import sys
import tempfile
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from tap import ROOT, SHARED, plan, report, skip
import tap

FAZHI = sys.argv[1]
FINES = ROOT / "examples/traffic-fines"
PERMITS = ROOT / "examples/permit-receipt"
HEADER = "case_id,activity,timestamp,resource,amount,total_payment_amount,payment_amount,expense,article,points,vehicle_class,notification_type,last_sent,dismissal,matricola"


def review(*args, lang="C.UTF-8"):
    return tap.run(FAZHI, "review", *map(str, args), lang=lang)


def json_of(done):
    try:
        return json.loads(done.stdout)
    except ValueError:
        return {}


def table(readme, column):
    """Rule and count of a table in an example's README: the oracle that a slow interpreter gave."""
    rows = re.findall(r"^\| `(\w+)` \| ([\d,]+) \| ([\d,]+) \|$", readme.read_text(encoding="utf-8"), re.M)
    return {r[0]: int(r[column].replace(",", "")) for r in rows}


def compare(name, done, cases, events, want):
    got = json_of(done)
    found = got.get("findings", {})
    wrong = [f"{k}: {found.get(k, 0)}, expected {v}" for k, v in want.items() if found.get(k, 0) != v]
    wrong += [f"{k}: {v}, expected none" for k, v in found.items() if v and k not in want]
    report(done.returncode == 1 and got.get("cases") == cases and got.get("events") == events and not wrong and len(want) > 5, name,
           f"exit {done.returncode}, {got.get('cases')} cases, {got.get('events')} events\n" + "\n".join(wrong) + done.stderr[:500])
    return got


WHY = "the shared data folder is not there"
sample = review("--map", FINES / "map.yaml", FINES / "log.csv.gz", "--format", "json")
got = compare("traffic fines, the sample", sample, 2976, 12559, table(FINES / "README.md", 1))
report(all(f["working"] and f["articles"] and f["day"] for f in got.get("list", [{}])), "every finding has its article, day and working")
once = {(f["rule"], f["case"]) for f in got.get("list", [])}
report(len(once) == len(got.get("list", [])) == sum(got.get("findings", {}).values()), "one violation of one rule in one case is one finding")
late = [f for f in got.get("list", []) if f["rule"] == "late_notification"][:50]
report(bool(late) and all(f["over"] > 0 for f in late), "a late act says by how much")

whole = SHARED / "data/penalty_road_traffic_fines_2000-2009.csv.gz"
if whole.exists():
    done = review("--map", FINES / "map.yaml", whole, "--format", "json")
    got = compare("traffic fines, all 126,505 cases", done, 126505, 477186, table(FINES / "README.md", 2))
    asked = {"late_notification": 9090, "late_prefecture_appeal": 477, "late_judge_appeal": 211, "surcharge_day": 0, "payment_after_collection": 0,
             "collection_without_surcharge": 0}
    report({k: got.get("findings", {}).get(k) for k in asked} == asked, "the six rules have their keys, zeros too", str(got.get("findings")))
    figures = {f["name"]: f for f in got.get("indicators", []) if not f["by"]}
    report(figures.get("created", {}).get("numerator") == 126505, "indicators count the log", str(figures)[:500])
    share = figures.get("notified_in_time", {})
    report(share.get("numerator", 0) + 9090 == share.get("denominator"), "a share has its numerator and denominator", str(share))
else:
    skip("traffic fines, all 126,505 cases", WHY)

done = review("--map", PERMITS / "map.yaml", PERMITS / "cases.csv.gz", PERMITS / "events.csv.gz", "--format", "json")
compare("permits, the sample", done, 287, 1678, table(PERMITS / "README.md", 1))
files = [SHARED / f"data/permit_wabo_receipt_{name}.csv.gz" for name in ("cases", "events")]
if files[0].exists():
    done = review("--map", PERMITS / "map.yaml", *files, "--format", "json")
    compare("permits, all 1,434 cases", done, 1434, 8577, table(PERMITS / "README.md", 2))
    done = review("--map", PERMITS / "map.yaml", *reversed(files), "--format", "json")
    compare("the order of the files does not matter", done, 1434, 8577, table(PERMITS / "README.md", 2))
else:
    skip("permits, all 1,434 cases", WHY)

# ---- forms of the answer ----
text = review("--map", FINES / "map.yaml", FINES / "log.csv.gz")
report("late_notification" in text.stdout and "256" in text.stdout and "CdS 201" in text.stdout, "the text answer has rule, count and article", text.stdout[:800])
text = review("--map", FINES / "map.yaml", FINES / "log.csv.gz", lang="zh_CN.UTF-8")
report("2,976" in text.stdout.replace(" ", ",") or "2976" in text.stdout, "the Chinese answer", text.stdout[:800])
tsv = review("--map", FINES / "map.yaml", FINES / "log.csv.gz", "--format", "tsv")
rows = list(csv.reader(io.StringIO(tsv.stdout), delimiter="\t"))
report(len(rows) == 398 and len({len(r) for r in rows}) == 1, "tab-separated: a line a finding", f"{len(rows)} rows")


class Page(html.parser.HTMLParser):
    VOID = {"meta", "link", "br", "hr", "img", "input", "col", "wbr"}

    def __init__(self):
        super().__init__()
        self.open, self.wrong, self.tags = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name in ("src", "href") and value and not value.startswith("#"):
                self.wrong.append(f"{tag} {name}={value}")

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}>")


with tempfile.TemporaryDirectory() as folder:
    page_file = pathlib.Path(folder) / "report.html"
    done = review("--map", FINES / "map.yaml", FINES / "log.csv.gz", "--html", page_file)
    page, text = Page(), page_file.read_text(encoding="utf-8") if page_file.exists() else ""
    page.feed(text)
    report(bool(text) and not page.wrong and not page.open and "svg" in page.tags and "script" not in page.tags,
           "the page is whole, holds charts, no script, and fetches nothing", f"{page.wrong[:5]} {page.open[:5]}")
    shown = text.replace("<wbr>", "")
    report("late_notification" in shown and "256" in shown, "the page shows the counts")
    done = review("--map", FINES / "map.yaml", FINES / "log.csv.gz", "--html", pathlib.Path(folder) / "no/such/report.html")
    report(done.returncode == 3 and "no/such/report.html" in done.stderr, "a page that cannot be written is a failure", done.stderr)


# ---- what is wrong is said, with its place ----
def rows_of(*lines):
    return (HEADER + "\n" + "\n".join(l + "," * (HEADER.count(",") - l.count(",")) for l in lines) + "\n").encode()


GOOD = rows_of("A1,Create Fine,2006-07-24,561,35.0", "A1,Send Fine,2006-12-05")
with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)

    def case(name, data, code, says, filename="log.csv", extra=()):
        (folder / filename).write_bytes(data)
        done = review("--map", FINES / "map.yaml", folder / filename, "--format", "json", *extra)
        out = done.stdout + done.stderr
        report(done.returncode == code and all(s in out for s in ([says] if isinstance(says, str) else says)), name,
               f"exit {done.returncode}, expected {code}: {says}\n{done.stderr[:600]}\n{done.stdout[:600]}")
        return json_of(done)

    got = case("a clean small log has no findings", GOOD, 0, '"cases":1')
    case("gzip is unpacked", gzip.compress(GOOD), 0, '"events":2', "log.csv.gz")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("log.csv", GOOD)
    case("zip is unpacked", packed.getvalue(), 0, '"events":2', "log.zip")
    case("UTF-16 is converted and said", GOOD.decode().encode("utf-16"), 0, ['"events":2', "UTF-16LE"])
    case("GBK is converted and said", rows_of("案1,Create Fine,2006-07-24,警561,35.0").decode().encode("gbk"), 0, ['"cases":1', "GB18030"])
    case("a day that does not exist", rows_of("A1,Create Fine,2006-02-30,561,35.0"), 1, ["2006-02-30", '"line":2'])
    case("an unknown activity", rows_of("A1,Create Fine,2006-07-24", "A1,Dance,2006-07-25"), 1, ["Dance", '"line":3'])
    case("money that is none", rows_of("A1,Create Fine,2006-07-24,561,many"), 1, ["many", '"line":2'])
    case("a row without case", rows_of(",Create Fine,2006-07-24"), 1, '"line":2')
    case("a row too short", (HEADER + "\nA1,Create Fine\n").encode(), 1, '"line":2')
    case("unknown columns are named", (HEADER + ",surprise\n").encode(), 2, "surprise")
    case("missing columns are named", b"case_id,activity\nA1,Create Fine\n", 2, "timestamp")
    case("an empty file", b"", 2, "log.csv")
    case("a torn gzip", gzip.compress(GOOD * 200)[:-20], 2, "torn gzip", "log.csv.gz")
    got = case("duplicate rows are counted and listed", GOOD + GOOD.split(b"\n")[1] + b"\n", 1, '"duplicates":1')
    case("rows out of order are sorted and said", rows_of("A1,Send Fine,2006-12-05", "A1,Create Fine,2006-07-24"), 0, '"disordered":1')
    case("a record too long", HEADER.encode() + b"\nA1,Create Fine," + b"x" * (1 << 21) + b"\n", 2, ":2: the record is longer")
    case("an XML bomb", b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><log>&b;</log>', 2, "log.xes:1", "log.xes")
    case("a gzip bomb", gzip.compress(b"\0" * (64 << 20)), 2, "times its size", "bomb.csv.gz")
    got = case("a formula in a cell is disarmed on its way out", rows_of("=cmd|' /C calc'!A0,Create Fine,2006-01-01", "=cmd|' /C calc'!A0,Insert Fine Notification,2006-12-01"), 1,
               "late_notification")
    done = review("--map", FINES / "map.yaml", folder / "log.csv", "--format", "tsv")
    report("'=cmd" in done.stdout and "\t=cmd" not in done.stdout, "... in the tab-separated answer as well", done.stdout)
    case("an open limit is no finding", rows_of("A1,Create Fine,2006-07-24"), 0, '"late_notification":0')
    case("an open limit is one when it is held against a day", rows_of("A1,Create Fine,2006-07-24"), 1, '"late_notification":1', extra=("--until", "2007-01-01"))

    bad = folder / "map.yaml"
    good_map = (FINES / "map.yaml").read_text(encoding="utf-8")
    for old, new, says in [
        ("record: fine", "record: fines", "map.yaml:3"),
        ("pack: it_traffic_fines", "pack: nowhere", "nowhere"),
        ("Create Fine: create", "Create Fine: creat", "creat"),
        ("expense: expense", "expense: expanse", "expanse"),
        ("case: case_id", "kase: case_id", "error[unknown-key]"),
    ]:
        assert good_map.count(old) == 1, old
        bad.write_text(good_map.replace(old, new), encoding="utf-8")
        done = review("--map", bad, FINES / "log.csv.gz")
        report(done.returncode == 2 and says in done.stderr and "map.yaml:" in done.stderr, f"map refused: {new}", done.stderr)
for args, says in [
    (("--map", FINES / "map.yaml"), "--map MAP.yaml and one log file"),
    ((FINES / "log.csv.gz",), "is no data folder"),
    (("--map", FINES / "map.yaml", FINES / "log.csv.gz", "--format", "xml"), "--format is text, tsv, json or html"),
    (("--map", FINES / "map.yaml", FINES / "log.csv.gz", "--until", "2006-02-30"), "--until takes a date"),
    (("--map", FINES / "map.yaml", "nowhere.csv"), "nowhere.csv"),
    (("--map", "nowhere.yaml", FINES / "log.csv.gz"), "nowhere.yaml"),
]:
    done = review(*args)
    report(done.returncode in (2, 3) and says in done.stderr and not done.stdout, f"refused: {says}", done.stderr)
plan()
