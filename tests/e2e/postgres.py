#!/usr/bin/env python3
"""A data folder whose log lies in PostgreSQL, beside one in SQLite: the same commands, the same answers. Prints TAP. usage: postgres.py FAZHI"""
import hashlib
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from tap import ROOT, plan, report, says, skip
import tap

FAZHI = sys.argv[1]
FINES = ROOT / "examples/traffic-fines"
PERMITS = ROOT / "examples/permit-receipt"
SERVER = os.environ.get("FZ_POSTGRES", "")


def fazhi(*args, lang="C.UTF-8"):
    return tap.run(FAZHI, *map(str, args), lang=lang)


def address(schema):
    """As a URL: the server is said in libpq's other form."""
    words = dict(re.findall(r"(\w+)=(\S+)", SERVER))
    database = words.pop("dbname", "postgres")
    return f"postgresql:///{database}?" + urllib.parse.urlencode({**words, "options": f"-csearch_path={schema}"}, quote_via=urllib.parse.quote)


def psql(sql):
    return subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", SERVER, "-c", sql], capture_output=True, text=True, check=True,
                          env=dict(os.environ, PGOPTIONS="-cclient_min_messages=error")).stdout.strip()


def everything(schema):
    """Every row of every table, in an order of its own."""
    tables = psql(f"SELECT tablename FROM pg_tables WHERE schemaname = '{schema}' ORDER BY 1").split()
    return {t: hashlib.sha256("\n".join(sorted(psql(f'SELECT * FROM {schema}."{t}"').splitlines())).encode()).hexdigest() for t in tables}


def without_database(place):
    for i, secret in enumerate(("postgresql://clerk:swordfish@127.0.0.1/city", "host=127.0.0.1 password=swordfish")):
        done = says(f"a password is not kept in a folder ({i + 1})", fazhi("init", place / "secret", "--no-key", "--place", "330106", "--db", secret), 2, "pgpass")
        report("swordfish" not in done.stdout + done.stderr and not (place / "secret").exists(), "nor repeated, and no folder is made")
    says("what is no address is said", fazhi("init", place / "x", "--no-key", "--place", "330106", "--db", "nonsense"), 2, "no address")
    says("a server that is not there is said", fazhi("init", place / "y", "--no-key", "--place", "330106", "--db", "host=/nowhere dbname=city"), 3, "/nowhere")
    fazhi("init", place / "lite", "--no-key", "--place", "330106")
    says("what lies in a file has no nodes", fazhi("distribute", place / "lite"), 2, "no nodes")


def both(place, schema):
    """Two synthetic folders, one in each engine."""
    folders = place / "in-sqlite", place / "in-postgres"
    fazhi("init", folders[0], "--no-key", "--place", "330106", "--synthetic")
    says("a folder is made in PostgreSQL", fazhi("init", folders[1], "--no-key", "--place", "330106", "--synthetic", "--db", address(schema)), 0, "330106")
    report(not (folders[1] / "log.db").exists() and "db postgresql:" in (folders[1] / "folder").read_text(), "its file says where the log is")
    return folders


def alike(name, folders, *args, code=0, lang="C.UTF-8"):
    answers = [fazhi(args[0], folder, *args[1:], lang=lang) for folder in folders]
    texts = [(a.stdout + a.stderr).replace(str(folder), "DIR") for a, folder in zip(answers, folders)]
    report(texts[0] == texts[1] and [a.returncode for a in answers] == [code, code], name, f"{[a.returncode for a in answers]}\n{texts[0][:600]}\n---\n{texts[1][:600]}")
    return texts[0]


def same_answers(place, schema):
    folders = both(place, schema)
    new = ("new", "receive", "--type", "reconsideration_case", "act_on=2026-01-19", "known_on=2026-01-20", "--on", "2026-02-13", "--organ", "西湖区政府")
    alike("the law refuses alike", folders, "act", *new, code=1)
    alike("a lawful step", folders, "act", *new, "applicants=张三", "applicants=李四", "respondent=区城管局", "--key", "k1")
    alike("the same key again", folders, "act", *new, "applicants=张三", "applicants=李四", "respondent=区城管局", "--key", "k1")
    alike("what the law does", folders, "tick", "--on", "2026-03-02")
    alike("a step, a service", folders, "act", "reconsideration_case-1", "send_copy", "--on", "2026-03-03", "--by", "王五")
    alike("and what it starts", folders, "act", "reconsideration_case-1", "answer_notice", "--serve", "--on", "2026-03-04")
    alike("a register of fines", folders, "import", "--map", FINES / "map.yaml", FINES / "log.csv.gz")
    for name in ("and one of permits", "once"):
        alike(name, folders, "import", "--map", PERMITS / "map.yaml", PERMITS / "cases.csv.gz", PERMITS / "events.csv.gz")
    text = alike("both logs are sound, to the same root", folders, "verify")
    report(re.search(r"sound: 14793 entries, \d+ rows, root [0-9a-f]{64}", text) is not None, "with every entry", text)
    for record in ("reconsideration_case-1", "A10495", "A1"):
        alike(f"{record} is shown alike", folders, "show", record, "--on", "2026-03-05")
    alike("what is not there is said alike", folders, "show", "A0", code=2)
    alike("in Chinese too", folders, "show", "reconsideration_case-1", "--on", "2026-03-05", lang="zh_CN.UTF-8")
    alike("made anew", folders, "rebuild")
    return folders[1]


def shared_database(place, schema, city):
    other = place / "other-place"
    fazhi("init", other, "--no-key", "--place", "330105", "--synthetic", "--db", address(schema))
    says("a second place in the same database", fazhi("import", other, "--map", PERMITS / "map.yaml", PERMITS / "cases.csv.gz", PERMITS / "events.csv.gz"), 0, "2230 entered")
    says("has a log of its own", fazhi("verify", other), 0, "sound: 2230 entries")
    says("and leaves the first, made anew, alone", fazhi("verify", city), 0, "sound: 14793 entries")
    before = everything(schema)
    says("tables of one place are made anew", fazhi("rebuild", city), 0, "14793 entries")
    report(everything(schema) == before, "to the same rows, and those of the other place are left alone")
    psql(f"UPDATE {schema}.record SET stage = 'closed' WHERE jurisdiction = '330106' AND record = 'reconsideration_case-1'")
    says("a table edited behind the log is found", fazhi("verify", city), 1, "record[row]", "reconsideration_case-1", "stage")


def distributed(schema, city):
    says("without Citus nothing is distributed, and that is said", fazhi("distribute", city), 2, "no Citus")
    done = says("a dry run prints what would be", fazhi("distribute", city, "--dry-run"), 0, f'create_reference_table(\'"{schema}"."fz_tables"\')')
    tables = set(psql(f"SELECT tablename FROM pg_tables WHERE schemaname = '{schema}'").split()) - {"fz_tables"}
    named = set(re.findall(rf'create_distributed_table\(\'"{schema}"."(\w+)"\', \'jurisdiction\'\)', done.stdout))
    report(named == tables and len(tables) > 10, "for every table, by jurisdiction", f"{named ^ tables}")


def killed(place, schema):
    seed = int(os.environ.get("FZ_SEED", "20261124"))
    print(f"# seed {seed}")
    rng = random.Random(seed)
    city = place / "killed"
    fazhi("init", city, "--no-key", "--place", "330106", "--synthetic", "--db", address(schema))
    load = (FAZHI, "import", city, "--map", PERMITS / "map.yaml", PERMITS / "cases.csv.gz", PERMITS / "events.csv.gz")
    for _ in range(3):
        child = subprocess.Popen(load, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.1 + rng.random() * 0.4)
        child.send_signal(signal.SIGKILL)
        child.wait()
    says("after kill -9 the log is sound", fazhi("verify", city), 0, "sound")
    says("and the import goes on where it stopped", fazhi(*load[1:]), 0, "0 refused")
    says("with nothing lost or doubled", fazhi("verify", city), 0, "sound: 2230 entries")


with tempfile.TemporaryDirectory() as place:
    place = pathlib.Path(place)
    without_database(place)
    if not SERVER:
        skip("a log in PostgreSQL", "FZ_POSTGRES names no server")
    else:
        schema = f"e2e{os.getpid()}"
        try:
            city = same_answers(place, schema)
            shared_database(place, schema, city)
            distributed(schema, city)
            killed(place, schema + "_killed")
        finally:
            psql(f"DROP SCHEMA IF EXISTS {schema}, {schema}_killed CASCADE")
plan()
