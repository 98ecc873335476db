#!/usr/bin/env python3
"""Records that lead to other records: what they are told, open, follow and have effect on. Prints TAP. usage: links.py FAZHI"""
import os
import pathlib
import re
import sqlite3
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from tap import ROOT, plan, report, says
import tap

FAZHI = sys.argv[1]
PACKS = {name: (ROOT / f"tests/golden/link/{name}.yaml").read_text(encoding="utf-8") for name in ("fine", "appeal", "bundle")}


def fazhi(*args, lang="C.UTF-8"):
    return tap.run(FAZHI, *map(str, args), lang=lang)


# ---- packs that do not fit together: what is replaced in which pack, by what, and the problem ----
FAULTS = [
    ("appeal", "to: fine.fine_case", "to: fine.fine_cases", "link-record"),
    ("appeal", "to: fine.fine_case", "to: fine-fine_case", "link-target"),
    ("appeal", "hears: {decide: [imposed], close: []}", "hears: {decide: [imposed], shut: [], close: []}", "link-act"),
    ("appeal", "hears: {decide: [imposed]", "hears: {decide: [imposed, waived]", "link-choice"),
    ("appeal", "stages: [decided, closed, revoked]", "stages: [decided, closed, gone]", "link-stage"),
    ("appeal", "reads: {sum: {type: money", "reads: {amount: {type: money, title: 额}, sum: {type: money", "link-other-field"),
    ("appeal", "reads: {sum:", "reads: {person: {type: party, title: 人}, sum:", "link-personal"),
    ("appeal", "do: revoke", "do: annul", "link-act"),
    ("fine", "caused_by: appeal.appeal_case", "caused_by: appeal.other_case", "link-unexpected"),
    ("appeal", "follows: {on: against.close", "follows: {on: accept", "not-heard"),
    ("appeal", "to: ended, by: law, article: 复议法 41", "to: ended, by: clerk, article: 复议法 41", "follows-by"),
    ("appeal", "against at [decided, closed]", "against at [decided, open]", "no-such-choice"),
    ("appeal", "against.sum >= 100.00 yuan, else", "against.total >= 100.00 yuan, else", "no-part"),
    ("appeal", "applicant: {type: party", "base: {type: link, title: 依据}\n      applicant: {type: party", "link-field"),
    ("bundle", "kind: reference, tree: yes", "kind: reference, tree: yes, many: yes, stages: [open]", "link-one"),
    ("bundle", "to: bundle_case, kind: reference", "to: step_case, kind: reference", "link-tree"),
    ("bundle", "reads: {fee: {type: money, title: 费用}}", "reads: {what: {type: text, title: 事项}, fee: {type: money, title: 费用}}", "link-summed"),
    ("bundle", "sum(parts.fee) <= 500.00 yuan", "parts.fee <= 500.00 yuan", "told-by-each"),
    ("bundle", "sum(parts.fee) <= 500.00 yuan", "sum(parts) <= 500.00 yuan", "wants-told"),
    ("bundle", "do: begin, link: parts, organ: desk", "do: done, link: parts, organ: desk", "link-start"),
    ("bundle", "link: parts, organ: desk, copies: {firm: firm, what: matter}", "link: parts, organ: desk, copies: {firm: firm}", "link-required"),
    ("bundle", "link: parts, organ: desk, copies: {firm: firm, what: matter}", "link: parts, organ: desk, copies: {firm: firm, what: second}", "link-type"),
    ("bundle", "link: parts, organ: desk", "link: above, organ: desk", "link-opens"),
    ("bundle", "done: {title: 办理, from: begun, to: over, by: clerk", "done: {title: 办理, from: begun, to: over, by: clerk, opens: {record: step_case, do: begin, link: parts}", "unknown-name"),
]
with tempfile.TemporaryDirectory() as place:
    for which, old, new, problem in FAULTS:
        files = []
        for name, text in PACKS.items():
            assert name != which or old in text, (which, old)
            path = os.path.join(place, f"{name}.yaml")
            pathlib.Path(path).write_text(text.replace(old, new, 1) if name == which else text, encoding="utf-8")
            files.append(path)
        says(f"{problem}: {new[:60]}", fazhi("check", *files), 2, f"[{problem}]")
    pathlib.Path(place, "appeal.yaml").write_text(PACKS["appeal"], encoding="utf-8")
    says("of a pack that is not given the check says so", fazhi("check", os.path.join(place, "appeal.yaml")), 0, "[link-unseen]")
    circle = PACKS["bundle"].replace("done: {title: 办理, from: begun", "again: {title: 又, from: begun, by: clerk, article: 许可法 34}\n      done: {title: 办理, from: begun")
    circle = circle.replace("    stages: [begun, over]", "    links:\n      more: {title: 更多, to: step_case, kind: reference, many: yes}\n    stages: [begun, over]")
    circle = circle.replace("begin: {title: 受理, starts: begun, by: clerk, article: 许可法 32}",
                            "begin: {title: 受理, starts: begun, by: clerk, article: 许可法 32, opens: {record: step_case, do: begin, link: more, copies: {firm: firm, what: what}}}")
    pathlib.Path(place, "bundle.yaml").write_text(circle, encoding="utf-8")
    says("what opens itself is found before it does", fazhi("check", os.path.join(place, "bundle.yaml")), 2, "[link-circle]")

FILES = [ROOT / f"tests/golden/link/{name}.yaml" for name in PACKS]
says("the packs fit, and their scenarios come out", fazhi("check", *FILES), 0, "4 scenarios of 12 steps", never=("warning", "error"))
page = fazhi("explain", FILES[1]).stdout
report("### Links" in page and "fine.fine_case (remedy)" in page and "revoke" in page and "against.told" not in page, "an explanation tells of links, not of what carries them", page[:3000])

with tempfile.TemporaryDirectory() as place:
    city = pathlib.Path(place) / "city"
    fazhi("init", city, "--place", "330106", "--synthetic", *(x for f in FILES for x in ("--pack", f)))

    def act(record, name, *values, on, lang="C.UTF-8", **options):
        args = ["act", city, record, name, *values, "--on", on]
        for key, value in options.items():
            args += [f"--{key}", value]
        return fazhi(*args, lang=lang)

    def new(type, name, *values, **options):
        found = re.search(rf"{type}-\d+", act("new", name, *values, type=type, **options).stdout)
        return found[0] if found else "none"

    def entry(seq):
        rows = sqlite3.connect(f"file:{city}/log.db?mode=ro", uri=True).execute("SELECT bytes FROM entry WHERE seq = ?", (seq,)).fetchall()
        return rows[0][0].decode() if rows else ""

    # ---- a remedy ----
    fine = new("fine_case", "file", "person=张三", on="2024-02-01", by="o1", organ="区局")
    appeal = ("applicant=张三", f"against={fine}")
    says("a gate reads the linked record", act("new", "receive", *appeal, type="appeal_case", on="2024-02-02", by="c1", organ="区政府"), 1, "receive_gate", "复议法 11")
    act(fine, "decide", "sum=200.00 yuan", on="2024-02-10", outcome="imposed", by="h1")
    says("a record that is not there is not linked", act("new", "receive", "applicant=张三", "against=fine_case-99", type="appeal_case", on="2024-02-12", by="c1", organ="区政府"), 2,
         "no such record to link: fine_case-99")
    says("what a linked record tells is entered by nobody", act("new", "receive", *appeal, "against.sum=9.00 yuan", type="appeal_case", on="2024-02-12", by="c1", organ="区政府"), 2,
         "told by the linked record")
    case = new("appeal_case", "receive", *appeal, on="2024-02-12", by="c1", organ="区政府")
    says("nor is one of another type", act("new", "receive", "applicant=张三", f"against={case}", type="appeal_case", on="2024-02-12", by="c1", organ="区政府"), 2, "another type")
    says("acts done before the link are heard with it, and start clocks on their day", act(case, "accept", on="2024-02-13", by="r1"), 0, "2024-04-10 since", "2024-04-13 decision")
    says("a value that changes there is told here", act(fine, "correct_sum", "sum=20000.00 yuan", on="2024-02-14", by="h1"), 0, f"{case} against.told")
    done = act(case, "decide", on="2024-02-20", outcome="revoked", by="h2")
    says("an outcome has its effect on the linked record, by law", done, 0, f"{fine} revoke")
    seq = re.search(rf"entry (\d+): {fine} revoke", done.stdout)
    report(bool(seq) and f'"step-of":"{case}"' in entry(int(seq[1])) and '"actor":"law"' in entry(int(seq[1])), "whose entry says where it comes from", done.stdout)
    says("nobody takes that act himself", act(new("fine_case", "file", "person=李四", on="2024-03-01", by="o1", organ="区局"), "revoke", on="2024-03-02", by="o1"), 1, "revoke_by_person")

    # ---- what follows, and what does not ----
    small = new("fine_case", "file", "person=王五", on="2024-03-01", by="o1", organ="区局")
    act(small, "decide", "sum=300.00 yuan", on="2024-03-02", outcome="imposed", by="h1")
    follower = new("appeal_case", "receive", "applicant=王五", f"against={small}", on="2024-03-03", by="c1", organ="区政府")
    says("what is heard is followed by law", act(small, "close", on="2024-03-05", by="o1"), 0, f"{follower} against.close", f"{follower} end_with_it")
    says("once", act(follower, "accept", on="2024-03-06", by="r1"), 1, "accept_out_of_order")
    large = new("fine_case", "file", "person=赵六", on="2024-03-01", by="o1", organ="区局")
    act(large, "decide", "sum=3000.00 yuan", on="2024-03-02", outcome="imposed", by="h1")
    stays = new("appeal_case", "receive", "applicant=赵六", f"against={large}", on="2024-03-03", by="c1", organ="区政府")
    says("and only where its condition holds", act(large, "close", on="2024-03-05", by="o1"), 0, f"{stays} against.close", never=("end_with_it",))
    act(large, "correct_sum", on="2024-03-05", by="o1")

    # ---- parts ----
    bundle = new("bundle_case", "take", "firm=甲公司", "matter=开店", on="2024-04-01", by="c1", organ="大厅")
    done = act(bundle, "split", "desk=工商", "second=yes", on="2024-04-02", by="c1")
    parts = list(dict.fromkeys(re.findall(r"step_case-\d+", done.stdout)))
    report(len(parts) == 2, "an act opens records, each by an entry of its own", done.stdout + done.stderr)
    says("whose organ a field says", fazhi("show", city, parts[0]), 0, "工商")
    says("not before all parts are done", act(bundle, "finish", on="2024-04-02", by="c1"), 1, "finish_gate")
    act(parts[0], "charge", "fee=300.00 yuan", on="2024-04-03", by="c2")
    act(parts[0], "done", on="2024-04-03", by="c2")
    says("nor when one of them is", act(bundle, "finish", on="2024-04-03", by="c1"), 1, "finish_gate")
    act(parts[1], "charge", "fee=201.00 yuan", on="2024-04-03", by="c2")
    act(parts[1], "done", on="2024-04-04", by="c2")
    says("nor when they cost too much together", act(bundle, "finish", on="2024-04-04", by="c1"), 1, "finish_gate")
    other = new("bundle_case", "take", "firm=乙公司", "matter=开店", on="2024-04-01", by="c1", organ="大厅")
    single = re.findall(r"step_case-\d+", act(other, "split", "desk=工商", on="2024-04-02", by="c1").stdout)
    report(len(set(single)) == 1, "a condition leaves an opening out")
    act(single[0], "done", on="2024-04-03", by="c2")
    says("all done, and cheap enough", act(other, "finish", on="2024-04-05", by="c1"), 0, "entry")

    # ---- trees ----
    a, b, c = (new("bundle_case", "take", "firm=丙", "matter=上", on="2024-05-01", by="c1", organ="大厅") for _ in range(3))
    says("a tree grows", act(a, "place", f"above={b}", on="2024-05-02", by="c1"), 0, "entry")
    says("upwards", act(b, "place", f"above={c}", on="2024-05-02", by="c1"), 0, "entry")
    says("and in no circle", act(c, "place", f"above={a}", on="2024-05-02", by="c1"), 1, "above_in_a_circle", "许可法 26")
    says("nor to itself", act(c, "place", f"above={c}", on="2024-05-02", by="c1"), 2, "not linked to itself")

    # ---- competence ----
    def organ(name, *values):
        return new("organ", "register_organ", f"name={name}", "valid_from=2020-01-01", *values, on="2024-01-01", by="adm", organ="编办")

    organ("市政府", "class=government")
    organ("县政府", "class=government", "superior=市政府")
    organ("县局", "class=department", "superior=县政府")
    local = new("fine_case", "file", "person=钱七", on="2024-06-01", by="o1", organ="县局")
    act(local, "decide", "sum=300.00 yuan", on="2024-06-02", outcome="imposed", by="h1")
    refused = act("new", "receive", "applicant=钱七", f"against={local}", type="appeal_case", on="2024-06-03", by="c1", organ="外县政府")
    says("an organ that does not stand over the other one is not competent", refused, 1, "against_not_competent", "复议法 24")
    says("in Chinese too", act("new", "receive", "applicant=钱七", f"against={local}", type="appeal_case", on="2024-06-03", by="c1", organ="外县政府", lang="zh_CN.UTF-8"), 1, "没有管辖权")
    says("one that does is", act("new", "receive", "applicant=钱七", f"against={local}", type="appeal_case", on="2024-06-03", by="c1", organ="县政府"), 0, "entry")
    says("and so is one further up", act("new", "receive", "applicant=钱七", f"against={local}", type="appeal_case", on="2024-06-03", by="c1", organ="市政府"), 0, "entry")

    # ---- the whole stands ----
    says("the log is sound", fazhi("verify", city), 0, "sound")
    tables = "SELECT * FROM link ORDER BY 1, 2, 3, 4"
    before = sqlite3.connect(f"file:{city}/log.db?mode=ro", uri=True).execute(tables).fetchall()
    says("and its tables are made anew", fazhi("rebuild", city), 0, "entries")
    after = sqlite3.connect(f"file:{city}/log.db?mode=ro", uri=True).execute(tables).fetchall()
    report(before == after and len(before) > 8, "the links among them", f"{before}\n{after}")
    says("as sound as before", fazhi("verify", city), 0, "sound")
    db = sqlite3.connect(f"{city}/log.db")
    db.execute("DELETE FROM link WHERE other = ?", (fine,))
    db.commit()
    db.close()
    says("a link that was taken away behind the log's back is missed", fazhi("verify", city), 1, "link", fine)
    figures = fazhi("indicators", city, "--year", "2024").stdout
    wanted = {"fines": 4, "revoked_fines": 1, "appeals": 5, "steps": 3}
    got = {m[0]: int(m[1]) for m in re.findall(r"^\s+(\w+)\s+.*?(\d+)(?:\s+\S+)?$", figures, re.M) if m[0] in wanted}
    report(got == wanted, "figures count each act once, and what the law did as its own", f"{got}\n{figures[:1500]}")

plan()
