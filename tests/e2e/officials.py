#!/usr/bin/env python3
"""Organs, officials and mandates from the shell, and acts judged by them. Prints TAP. usage: officials.py FAZHI"""
import pathlib
import re
import sqlite3
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from tap import plan, report, says
import tap

FAZHI = sys.argv[1]


def fazhi(*args, lang="C.UTF-8"):
    return tap.run(FAZHI, *map(str, args), lang=lang)


with tempfile.TemporaryDirectory() as place:
    city = pathlib.Path(place) / "city"
    fazhi("init", city, "--place", "330106", "--synthetic")

    def act(record, name, *values, on="2026-01-05", type=None, lang="C.UTF-8", by=(), **options):
        args = ["act", city, record, name, *values, "--on", on]
        for person in by if isinstance(by, (list, tuple)) else [by]:
            args += ["--by", person]
        for key, value in {"type": type, **options}.items():
            args += [f"--{key.rstrip('_')}", value] if value else []
        return fazhi(*args, lang=lang)

    def new(type, name, *values, **options):
        """Enters a record and gives its id."""
        done = act("new", name, *values, type=type, **{"organ": "区编办", **options})
        found = re.search(rf"{type}-\d+", done.stdout)
        report(done.returncode == 0 and found is not None, f"{name} {' '.join(values)[:60]}", done.stdout + done.stderr)
        return found[0] if found else "none"

    def official(number, organ, name):
        return new("official", "register_official", f"number={number}", f"name={name}", f"belongs_to={organ}", "valid_from=2020-01-01")

    def mandate(person, role, organ, *values):
        return new("mandate", "grant_mandate", f"official={person}", f"role={role}", f"at_organ={organ}", "valid_from=2020-01-01", *values)

    def certificate(person, until):
        return new("certificate", "issue_certificate", f"holder={person}", "kind=enforcement_certificate", f"certificate_number=33{person}", "issued_by=区司法局",
                   "valid_from=2024-01-01", f"valid_to={until}")

    # ---- before anybody is entered ----
    clue = ("offender=某餐馆", "act_ended_on=2026-01-20")
    says("without officials an act is taken as it says, and that nobody judged it is told", act("new", "register_clue", *clue, type="penalty_case", organ="区城管局", on="2026-01-21"), 0,
         "entry 2", "rights not judged: the directory knows no mandate at 区城管局") # entry 1 is the key of the log
    says("in Chinese too", act("new", "register_clue", *clue, type="penalty_case", organ="区城管局", on="2026-01-21", lang="zh_CN.UTF-8"), 0, "权限未判断：名录中没有区城管局")
    says("and shown", fazhi("show", city, "penalty_case-2"), 0, "rights not judged")

    # ---- the directory ----
    for name, kind, superior in (("西湖区政府", "government", ""), ("区城管局", "department", "西湖区政府"), ("三墩镇政府", "government", "西湖区政府")):
        new("organ", "register_organ", f"name={name}", f"class={kind}", "valid_from=2020-01-01", *([f"superior={superior}"] if superior else []))
    for number, organ, name in (("C1", "区城管局", "张一"), ("C2", "区城管局", "张二"), ("C3", "区城管局", "张三"), ("C8", "区城管局", "李八"), ("C9", "区城管局", "李九"),
                                ("T1", "三墩镇政府", "王一"), ("T2", "三墩镇政府", "王二")):
        official(number, organ, name)
    for person in ("C1", "C2"):
        mandate(person, "officer", "区城管局")
    ended = mandate("C3", "officer", "区城管局", "valid_to=2026-02-28")
    mandate("C9", "head", "区城管局")
    for person in ("T1", "T2"):
        mandate(person, "officer", "三墩镇政府")
    certificate("C1", "2027-12-31")
    certificate("C2", "2026-03-10")
    for person in ("C3", "T1", "T2"):
        certificate(person, "2027-12-31")
    with sqlite3.connect(city / "log.db") as db:
        entries = b"".join(bytes(r[0]) for r in db.execute("select bytes from entry"))
        rows = str(db.execute("select * from directory").fetchall())
    report("张一".encode() not in entries and "张一" not in rows and "C1" in rows, "numbers stand in the directory, names nowhere but beside the log")

    # ---- an inspection ----
    case = new("penalty_case", "register_clue", *clue, organ="区城管局", on="2026-03-02", by="C1", as_="officer")
    says("who holds no role of the act is refused", act(case, "open_case", on="2026-03-02", by="C1", as_="head"), 1, "open_case_without_mandate", "C1 does not hold head at 区城管局",
         "处罚法 54(2)")
    says("the head opens the case", act(case, "open_case", on="2026-03-02", by="C9", as_="head"), 0, never=("not judged",))
    says("one officer does not inspect", act(case, "investigate", on="2026-03-03", by="C1", as_="officer"), 1, "investigate_by_too_few", "needs at least 2 persons, 1 named", "处罚法 42")
    says("nor does nobody", act(case, "investigate", on="2026-03-03"), 1, "investigate_by_nobody")
    says("nor one who is named twice", act(case, "investigate", on="2026-03-03", by="C1,C1", as_="officer"), 2, "named twice")
    says("two certified officers do", act(case, "investigate", on="2026-03-03", by="C1,C2", as_="officer", organ="区城管局"), 0, "entry")
    says("however they are named", act(case, "investigate", on="2026-03-03", by=["C1", "C2"]), 0, "entry")
    says("both are shown, with the mandates on which it rests", fazhi("show", city, case), 0, "C1, C2 (mandate-", never=("not judged",))
    says("not on the day after a certificate has ended", act(case, "investigate", on="2026-03-11", by="C1,C2", as_="officer"), 1,
         "investigate_without_enforcement_certificate", "C2 holds no valid enforcement_certificate (ended 2026-03-10)", "处罚法 42")
    says("on its last day it is valid", act(case, "investigate", on="2026-03-10", by="C1,C2", as_="officer"), 0)
    says("a mandate that ended yesterday is none", act(case, "investigate", on="2026-03-01", by="C1,C3"), 1, "C3 does not hold officer at 区城管局 (ended 2026-02-28)")
    says("in Chinese", act(case, "investigate", on="2026-03-01", by="C1,C3", lang="zh_CN.UTF-8"), 1, "C3当日在区城管局没有officer一职（至2026-02-28止）", "处罚法 42")
    says("a stranger is none of the officials", act(case, "investigate", on="2026-03-03", by="C1,X7"), 1, "investigate_by_no_official")
    says("dating an act back does not get round it", act(case, "close_investigation", on="2020-01-01", by="T1"), 1, "close_investigation_without_mandate")

    # ---- one person in three roles ----
    mandate("C1", "legal_reviewer", "区城管局")
    mandate("C1", "head", "区城管局", "acting_for=C9", "valid_to=2026-12-31")
    says("who investigated does not decide, though he acts for the head", act(case, "refuse_to_open", on="2026-03-03", by="C1", as_="head"), 1, "refuse_to_open_out_of_order",
         never=("without_mandate",))
    says("the investigation is closed", act(case, "close_investigation", on="2026-03-10", by="C2"), 0)
    says("its reviewer is another", act(case, "legal_review", on="2026-03-10", by="C1", as_="legal_reviewer"), 1, "legal_review_by_same_person")
    says("and so is who decides", act(case, "decide", on="2026-03-10", by="C1", as_="head"), 1, "decide_by_same_person", never=("decide_without_mandate",))
    says("a third role is not held at all", act(case, "publish", on="2026-03-10", by="C1", as_="publisher"), 1, "publish_without_mandate")

    # ---- recusal ----
    second = new("penalty_case", "register_clue", *clue, organ="区城管局", on="2026-03-02", by="C2", as_="officer")
    says("acting for the head is said", act(second, "open_case", on="2026-03-02", by="C1", as_="head"), 0, "in the name of C9")
    asked = new("recusal", "ask_recusal", "official=C2", f"case_id={second}", "of_organ=区城管局", "ground=kinship", organ="区城管局", on="2026-03-02", as_="public")
    says("until it is decided the investigation goes on", act(second, "investigate", on="2026-03-03", by="C1,C2"), 0)
    says("it is ordered", act(asked, "order_recusal", "valid_from=2026-03-04", on="2026-03-04", by="C9", as_="head"), 0)
    says("then the officer is refused", act(second, "investigate", on="2026-03-04", by="C1,C2"), 1, "investigate_by_recused", "C2 is recused", asked)
    says("from this case alone", act(case, "file_spot", on="2026-03-04", by="C2"), 1, never=("recused",))

    # ---- what is entrusted ----
    says("a township's officers have no power of the district", act(second, "investigate", on="2026-03-05", by="T1,T2"), 1, "T1 does not hold officer at 区城管局")
    paper = new("delegation", "entrust", "delegator=区城管局", "delegate=三墩镇政府", "matter=penalty", "scope=penalty", "valid_from=2026-03-05", "valid_to=2026-06-30",
                organ="区城管局", on="2026-03-05")
    says("but where it is entrusted to them, in its name", act(second, "investigate", on="2026-03-05", by="T1,T2"), 0, "in the name of 区城管局")
    says("which is shown with its paper", fazhi("show", city, second), 0, "T1, T2, in the name of 区城管局", paper)
    says("not before it was", act(second, "investigate", on="2026-03-04", by="T1,T2"), 1, "investigate_without_mandate")
    says("nor after its term", act(second, "investigate", on="2026-07-01", by="T1,T2"), 1, "investigate_without_mandate")
    says("nor what the pack does not let be entrusted", act(second, "start_test", on="2026-03-05", by="T1"), 1, "start_test_without_mandate")

    # ---- the directory's own records ----
    says("a mandate for something else opens no directory", act("new", "grant_mandate", "official=C8", "role=officer", "at_organ=区城管局", "valid_from=2026-01-01", type="mandate",
                                                               organ="区编办", by="C1"), 0, "rights not judged")
    mandate("C8", "registrar", "区城管局", "scope=organs")
    says("the first one for it does", act("new", "grant_mandate", "official=C1", "role=chief", "at_organ=区城管局", "valid_from=2026-01-01", type="mandate", organ="区编办", by="C1"),
         1, "grant_mandate_without_mandate")
    says("and its registrar goes on", act("new", "grant_mandate", "official=C1", "role=chief", "at_organ=区城管局", "valid_from=2026-01-01", type="mandate", organ="区城管局", by="C8"), 0,
         never=("not judged",))
    says("a mandate is ended", act(ended, "end_mandate", "valid_to=2026-02-27", on="2026-03-10", by="C8", outcome="dismissed"), 0)

    says("the log's own keys are of no organ, and of roles that nobody holds", fazhi("key", city, "replace"), 0)

    mandate("C9", "administrator", "区信息中心")
    says("once somebody is an administrator, nobody else puts a key in force", fazhi("key", city, "make", "--actor", "C1", "--organ", "区信息中心"), 1, "C1 does not hold administrator")
    says("and he does, for his organ", fazhi("key", city, "make", "--actor", "C9", "--organ", "区信息中心"), 0, "in force")

    # ---- verified, rebuilt ----
    def dump():
        with sqlite3.connect(city / "log.db") as db:
            return sorted(l for l in db.iterdump() if l.startswith("INSERT"))

    says("all of it is sound", fazhi("verify", city), 0, "sound")
    before = dump()
    with sqlite3.connect(city / "log.db") as db:
        db.execute("update directory set p_until = null where p_person = 'C3' and kind = 'mandate'")
    says("a mandate made longer behind the log is found", fazhi("verify", city), 1, "directory[row]", ended, "p_until")
    fazhi("rebuild", city)
    report(dump() == before, "a rebuild makes the same rows, bit for bit")
    says("and is judged by again", act(case, "publish", on="2026-03-10", by="C1", as_="publisher"), 1, "publish_without_mandate")
plan()
