#!/usr/bin/env python3
"""A data folder from the shell: init, act, tick, show, import, verify, rebuild. Prints TAP. usage: folder.py FAZHI"""
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from tap import ROOT, plan, report, says
import tap

FAZHI = sys.argv[1]
FINES = ROOT / "examples/traffic-fines"
PERMITS = ROOT / "examples/permit-receipt"


def fazhi(*args, lang="C.UTF-8"):
    return tap.run(FAZHI, *map(str, args), lang=lang)


def root_of(folder):
    return fazhi("verify", folder).stdout.split("root ")[-1].strip()


with tempfile.TemporaryDirectory() as place:
    place = pathlib.Path(place)
    city = place / "city"
    says("a folder is made", fazhi("init", city, "--place", "330106", "--no-key"), 0, "330106")
    says("and not made twice", fazhi("init", city, "--place", "330106", "--no-key"), 2, "exists")
    says("a place is a code", fazhi("init", place / "x", "--place", "Hangzhou"), 2, "GB/T 2260")
    says("what is no folder is said", fazhi("verify", place / "nowhere"), 2, "is no data folder")
    report(oct((city / "log.db").stat().st_mode & 0o777) == "0o600" and oct(city.stat().st_mode & 0o777) == "0o700", "nobody else may read it")

    new = ("act", city, "new", "receive", "--type", "reconsideration_case", "act_on=2026-01-19", "known_on=2026-01-20", "--on", "2026-02-13", "--organ", "西湖区政府")
    says("what the law does not allow says every ground with its article", fazhi(*new), 1, "receive_without_applicants", "receive_without_respondent", "复议法 22")
    whole = new + ("applicants=张三", "applicants=李四", "respondent=区城管局", "--key", "k1")
    says("a lawful step is entered and numbered", fazhi(*whole), 0, "entry 1", "西湖区政府复〔2026〕1号", "2026-02-27")
    says("the same key is done once", fazhi(*whole), 0, "done before: entry 1")
    says("a wrong value is said", fazhi(*new, "applicants=a", "respondent=b", "difficult=perhaps"), 2, "perhaps")
    says("an unknown field is said", fazhi(*new, "applicants=a", "respondent=b", "dificult=yes"), 2, "dificult")
    says("an unknown record is said", fazhi("act", city, "nobody", "accept"), 2, "nobody")
    says("the law waits for its day", fazhi("tick", city, "--on", "2026-02-26"), 0, "0 entries")
    says("and acts once it has passed", fazhi("tick", city, "--on", "2026-03-02"), 0, "1 entries")
    says("a record shows where it stands", fazhi("show", city, "reconsideration_case-1", "--on", "2026-03-02"), 0, "Accepted", "2026-04-28", "law")
    says("an optimistic writer is told", fazhi("act", city, "reconsideration_case-1", "send_copy", "--if-version", "1", "--on", "2026-03-03"), 1, "2 steps")
    says("an act goes on", fazhi("act", city, "reconsideration_case-1", "send_copy", "--on", "2026-03-03", "--by", "王五"), 0, "entry 3")
    says("a service starts its clock", fazhi("act", city, "reconsideration_case-1", "answer_notice", "--serve", "--on", "2026-03-04"), 0, "2026-03-18")
    says("a mistake is answered by an entry that says what is right",
         fazhi("correct", city, "reconsideration_case-1", "4", "--on", "2026-03-05", "--by", "王五", "--approve", "赵六", "--reason", "回证日期看错"), 0, "entry 5", "2026-03-19")
    says("and by nobody alone", fazhi("correct", city, "reconsideration_case-1", "4", "--annul", "--by", "王五", "--approve", "王五", "--reason", "x"), 2, "another person")
    says("an entry is a number", fazhi("correct", city, "reconsideration_case-1", "fourth", "--annul"), 2, "fourth")
    says("both stay visible", fazhi("show", city, "reconsideration_case-1"), 0, "amends entry 4", "approved by 赵六", "corrected by entry 5")
    says("the log is sound", fazhi("verify", city), 0, "sound: 5 entries")
    report("张三".encode() not in b"".join(bytes(r[0]) for r in sqlite3.connect(city / "log.db").execute("select bytes from entry")),
           "no personal value stands in an entry")

    def tampered(name, statement, *texts):
        with sqlite3.connect(city / "log.db") as db:
            kept = list(db.iterdump())
            db.execute(statement)
        says(name, fazhi("verify", city), 1, *texts)
        return kept

    def dump():
        with sqlite3.connect(city / "log.db") as db:
            return sorted(l for l in db.iterdump() if l.startswith("INSERT"))

    before = dump()
    tampered("a table edited behind the log is found", "update record set stage = 'closed'", "record[row]", "reconsideration_case-1", "stage")
    says("and a rebuild mends it", fazhi("rebuild", city), 0, "5 entries")
    report(dump() == before, "bit for bit")
    tampered("an entry changed is found", "update entry set bytes = cast(replace(cast(bytes as text), '2026-03-03', '2026-03-02') as blob) where seq = 3", "node", "3")

    # ---- import ----
    a, b, c = place / "a", place / "b", place / "c"
    for folder in (a, b, c):
        fazhi("init", folder, "--place", "330106", "--synthetic", "--no-key")
    load = lambda folder: fazhi("import", folder, "--map", FINES / "map.yaml", FINES / "log.csv.gz")
    says("a register is entered, with what the law has against it", load(a), 0, "12559 entered", "397")
    says("once", load(a), 0, "0 entered, 12559 there before")
    says("two registers share a log", fazhi("import", a, "--map", PERMITS / "map.yaml", PERMITS / "cases.csv.gz", PERMITS / "events.csv.gz"), 0, "2230 entered")
    load(b)
    fazhi("import", b, "--map", PERMITS / "map.yaml", PERMITS / "cases.csv.gz", PERMITS / "events.csv.gz")
    report(root_of(a) == root_of(b) and len(root_of(a)) == 64, "the same commands give the same root", f"{root_of(a)} {root_of(b)}")
    verdict = place / "verdict.tsv"
    (place / "bad.csv").write_text("case_id,activity,timestamp,resource,amount,total_payment_amount,payment_amount,expense,article,points,vehicle_class,"
                                   "notification_type,last_sent,dismissal,matricola\nX1,Create Fine,2006-02-30,1,35.0,,,,,,,,,,\nX2,Create Fine,2006-02-20,1,35.0,,,,,,,,,,\n")
    says("a dry run enters nothing", fazhi("import", a, "--map", FINES / "map.yaml", place / "bad.csv", "--dry-run"), 1, "1 cases", "1 rows refused")
    says("a refused row is said", fazhi("import", a, "--map", FINES / "map.yaml", place / "bad.csv", "--verdicts", verdict), 1, "1 entered", "2006-02-30")
    report(len(verdict.read_text(encoding="utf-8").splitlines()) == 3, "and has its line in the verdict")

    # ---- killed at any moment ----
    seed = int(os.environ.get("FZ_SEED", "20261124"))
    print(f"# seed {seed}")
    rng = random.Random(seed)
    for i in range(6):
        child = subprocess.Popen([FAZHI, "import", c, "--map", FINES / "map.yaml", FINES / "log.csv.gz"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.random() * 0.6)
        child.send_signal(signal.SIGKILL)
        child.wait()
    says("after kill -9 the log is sound", fazhi("verify", c), 0, "sound")
    done = load(c)
    with sqlite3.connect(c / "log.db") as db:
        entries = db.execute("select count(*) from entry").fetchone()[0]
    says("and the import goes on where it stopped", done, 0, "0 refused")
    report(entries == 12559, "with nothing lost or doubled", f"{entries} entries")
plan()
