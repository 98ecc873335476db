#!/usr/bin/env python3
"""Registers and activities in a data folder: keys, stocks, changes, sums, means, different values. Prints TAP. usage: registers.py FAZHI

The small pack in tests/registers is counted by hand, in SQLite and in PostgreSQL; stocks and sums of a public register are held against a count of its rows
made here without fazhi.
"""
import collections
import csv
import decimal
import gzip
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.parse
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from tap import ROOT, plan, report, says, skip
import tap

FAZHI = sys.argv[1]
PACK = ROOT / "tests/registers/registers.yaml"
FINES = ROOT / "examples/traffic-fines"


def fazhi(*args, lang="C.UTF-8"):
    return tap.run(FAZHI, *map(str, args), lang=lang)


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


def behind(folder, key, *args, period=("--year", "2025")):
    return [(r["record"], r["value"]) for r in table(fazhi("indicators", folder, *period, "--why", key, *args, "--format", "tsv").stdout)]


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
    do(folder, "new", "add", "--type", "power_item", "--on", "2024-06-10", "code=B2", "category=penalty")
    record = table(fazhi("indicators", folder, "--year", "2024", "--why", "items", "--format", "tsv").stdout)[-1]["record"]
    do(folder, record, "end", "--on", "2024-06-05", "--outcome", "cancelled_by_law")
    same("an act that is dated before those it was entered after takes nobody out who was not in", ours(folder, "--from", "2024-01-01", "--to", "2024-06-07")[("items", "", "")], 1)
    same("and is counted with them", ours(folder, "--year", "2024")[("items", "", "")], 1)


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


def fines_rows():
    with gzip.open(FINES / "log.csv.gz", "rt", encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def fen(text):
    return int(decimal.Decimal(text) * 100)


def register(place):
    pack, city, fines_map = place / "fines.yaml", place / "fines", place / "fines-map.yaml"
    text = (ROOT / "packs/it-traffic-fines.yaml").read_text().replace("pack: it_traffic_fines", "pack: fines_added_up")
    pack.write_text(text[:text.index("indicators:")] + INDICATORS)
    fines_map.write_text((FINES / "map.yaml").read_text().replace("pack: it_traffic_fines", "pack: fines_added_up"))
    rows = fines_rows()
    created = [r for r in rows if r["activity"] == "Create Fine"]
    done = fazhi("review", "--map", fines_map, "--pack", pack, FINES / "log.csv.gz", "--format", "json")
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
    says("the register is imported", fazhi("import", city, "--map", fines_map, FINES / "log.csv.gz"), 0)
    stocks_of_register(city, rows)


def live_on(rows, day):
    """Fines made by the end of the day and not sent for collection by then: nothing else ends one in this register."""
    made = {r["case_id"]: r["vehicle_class"] for r in rows if r["activity"] == "Create Fine" and r["timestamp"] <= day}
    gone = {r["case_id"] for r in rows if r["activity"] == "Send for Credit Collection" and r["timestamp"] <= day}
    return collections.Counter(c for n, c in made.items() if n not in gone)


def stocks_of_register(city, rows):
    for year in (2002, 2006, 2009, 2013):
        got = figures(city, "--pack", "fines_added_up", "--year", year)
        end, start = live_on(rows, f"{year}-12-31"), live_on(rows, f"{year - 1}-12-31")
        same(f"the stock of {year}, end and start", (got[("live", "", "")], got[("live_before", "", "")]), (sum(end.values()), sum(start.values())))
        same(f"the stock of {year} by class", {k[2]: n for k, n in got.items() if k[:2] == ("live", "vehicle_class")}, dict(end))
        same(f"the fines of {year}", got[("fined", "", "")], sum(fen(r["amount"]) for r in rows if r["activity"] == "Create Fine" and r["timestamp"][:4] == str(year)))
    same("the records behind a stock are as many", len(behind(city, "live", period=("--year", "2009"))), sum(live_on(rows, "2009-12-31").values()))


# ---- keys in files ----

MAP = """pack: registers
record: power_item
sources:
  rows:
    case: id
    action: act
    on: day
    organ: organ
    fields: {code: code, category: category}
actions: {added: add, changed: recode, ended: {end: cancelled_by_law}}
"""
ROWS = """id,act,day,organ,code,category
a,added,2025-01-10,lands,A1,licence
b,added,2025-01-11,lands,A1,licence
c,added,2025-01-11,police,A1,licence
d,added,2025-01-12,lands,A2,licence
a,ended,2025-02-01,lands,,
e,added,2025-03-01,lands,A3,licence
e,changed,2025-03-02,lands,A2,
d,ended,2025-04-01,lands,,
f,added,2025-04-01,lands,A4,penalty
g,added,2025-05-01,lands,A4,penalty
"""


def keys_in_files(place):
    (place / "map.yaml").write_text(MAP)
    (place / "rows.csv").write_text(ROWS)
    done = fazhi("review", "--map", place / "map.yaml", "--pack", PACK, place / "rows.csv", "--format", "json")
    found = json.loads(done.stdout)
    same("a file's second holders of a key are found", [(f["case"], f["rule"], f["day"]) for f in found["list"]],
         [("b", "add_with_same_key", "2025-01-11"), ("e", "recode_with_same_key", "2025-03-02"), ("g", "add_with_same_key", "2025-05-01")])
    city = place / "imported"
    fazhi("init", city, "--place", "330106", "--no-key", "--pack", PACK)
    fazhi("import", city, "--map", place / "map.yaml", place / "rows.csv", "--verdicts", place / "verdicts.tsv")
    verdicts = [r for r in table((place / "verdicts.tsv").read_text()) if "same_key" in json.dumps(r)]
    same("of what is imported, case after case, the key that somebody has then is said", [(r["case"], r["verdict"]) for r in verdicts], [("g", "taken")])
    says("both stand there, and the log is sound", fazhi("verify", city), 0, "sound:")
    done = fazhi("review", city, "--record", "power_item", "--format", "json")
    same("a review of the folder finds them as well", [f["rule"] for f in json.loads(done.stdout)["list"]], ["add_with_same_key", "recode_with_same_key", "add_with_same_key"])


# ---- packs with one fault each ----

FAULTS = (
    ("enters the stock twice", "change: taken_on, by", "from: standing, change: taken_on, by", "stock-twice", "可能已经计入存量"),
    ("leaves what it did not enter", "added: {stock: 1", "added: {stock: 0", "stock-never", "可能并未计入存量"),
    ("ends within the stock", "handed_down: -1", "handed_down: 0", "stock-kept", "仍计入存量"),
    ("ends outside the stock that it is said to stay in", "    key: [organ, code]", "    in_stock: ended\n    key: [organ, code]", "stock-left", "并未计入存量"),
    ("says of a stage that is not final that it stays", "    key: [organ, code]", "    in_stock: standing\n    key: [organ, code]", "in-stock", "不是终局阶段"),
    ("has a key that may be unset", "key: [organ, code]", "key: [organ, fee]", "key-field", "不能作为键"),
    ("has a key of the organ alone", "key: [organ, code]", "key: organ", "missing-key", "field"),
    ("has a kind that nothing is", "      handed_down: -1", "      handed_down: -1\n      split: 0", "unused-kind", "没有任何行为属于"),
    ("has a change of no kind", "change: taken_on", "change: taken", "unknown-name", "变动类型"),
    ("has kinds in an activity", "    key: [held_on, topic]", "    kinds: {added: 1}\n    key: [held_on, topic]", "misplaced-key", "活动"),
    ("has a field that its indicators could not tell from the kind", "      fee: {type: money", "      kind: {type: text, title: x}\n      fee: {type: money", "kind-field", "kind"),
    ("adds up texts", "sum: session.people", "sum: session.topic", "not-summed", "不能合计"),
    ("adds up a field that is not there", "sum: session.people", "sum: session.peoples", "unknown-name", "peoples"),
    ("adds up without saying after what", "sum: session.people, on: record", "sum: session.people", "missing-key", "on"),
    ("counts a stock at no time", "stock: power_item, at: period.start", "stock: power_item", "missing-key", "at"),
    ("counts changes of what has none", "changes: power_item, by: [kind, category]", "changes: session", "no-kinds", "变动类型"),
    ("counts two things at once", "stock: session, at: period.end", "stock: session, at: period.end, count: session", "conflicting-keys", "并用"),
)
CLOCKED = """    clocks:
      review: {kind: at_most, starts: add, stops: end, limit: 30 days, article: 清单法 4}
"""


def fault(place, name, old, new, diag, zh):
    text = PACK.read_text()
    assert old in text, old
    (place / "fault.yaml").write_text(text.replace(old, new, 1))
    done = [fazhi("check", place / "fault.yaml", lang=lang) for lang in ("C.UTF-8", "zh_CN.UTF-8")]
    told = [d.stdout + d.stderr for d in done]
    report(all(d.returncode == 2 for d in done) and f"[{diag}]" in told[0] and f"[{diag}]" in told[1] and zh in told[1] and "fault.yaml:" in told[0],
           f"a pack is refused that {name}", "\n".join(told))


def faults(place):
    for row in FAULTS:
        fault(place, *row)
    text = PACK.read_text()
    (place / "clocked.yaml").write_text(text.replace("  session:\n", CLOCKED + "  session:\n", 1).replace('where: "fee is set and fee > 0.00 yuan"', "where: clock(review) is met"))
    says("and one whose stock moves by itself", fazhi("check", place / "clocked.yaml"), 2, "[stock-clock]")
    (place / "cases.yaml").write_text(text.replace("    shape: activity", "    shape: case", 1))
    says("and a case without stages", fazhi("check", place / "cases.yaml"), 2, "stages", "final")


# ---- several writers ----

def race(folder, name):
    """Eight processes add one item at the same time."""
    command = [FAZHI, "act", str(folder), "new", "add", "--type", "power_item", "--on", "2026-03-01", "--organ", "lands", "--by", "p1", "code=R1", "category=licence"]
    racers = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(8)]
    answers = [r.communicate()[0] for r in racers]
    same(name, sorted(r.returncode for r in racers), [0] + [1] * 7)
    report(sum("add_with_same_key" in a for a in answers) == 7, "and the others are told whose key it is", "\n".join(answers))


def in_postgres(place):
    server = os.environ.get("FZ_POSTGRES", "")
    if not server:
        skip("the same in PostgreSQL", "FZ_POSTGRES does not say how to connect")
        return
    schema = "registers_" + uuid.uuid4().hex[:12]
    psql = ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", server, "-c"]
    quiet = dict(os.environ, PGOPTIONS="-cclient_min_messages=error")
    words = dict(w.split("=", 1) for w in server.split())
    database = words.pop("dbname", "postgres")
    address = f"postgresql:///{database}?" + urllib.parse.urlencode({**words, "options": f"-csearch_path={schema}"}, quote_via=urllib.parse.quote)
    subprocess.run(psql + [f"create schema {schema}"], check=True, env=quiet)
    try:
        city = place / "elsewhere"
        says("a folder is made in PostgreSQL", fazhi("init", city, "--place", "330106", "--no-key", "--pack", PACK, "--db", address), 0)
        live_a_life(city)
        count_a_life(city, "PostgreSQL")
        look_behind(city)
        overflow(city)
        race(city, "PostgreSQL: of several writers one gets the key")
        says("PostgreSQL: and the log is sound", fazhi("verify", city), 0, "sound:")
    finally:
        subprocess.run(psql + [f"drop schema {schema} cascade"], check=True, env=quiet)


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
    faults(place)
    keys_in_files(place)
    register(place)
    in_postgres(place)

plan()
