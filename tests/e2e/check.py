#!/usr/bin/env python3
"""`fazhi check` on the shipped packs and on a corpus of packs with one fault each. Prints TAP. usage: check.py FAZHI"""
import os
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from tap import ROOT, plan, report
import tap

FAZHI = sys.argv[1]
BASE = (ROOT / "tests/golden/check/base.yaml").read_text(encoding="utf-8")


def check(*files, lang="C.UTF-8"):
    return tap.run(FAZHI, "check", *files, lang=lang)


def check_text(text, lang="C.UTF-8"):
    with tempfile.TemporaryDirectory() as folder:
        name = os.path.join(folder, "pack.yaml")
        pathlib.Path(name).write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        done = check(name, lang=lang)
    done.stderr = done.stderr.replace(folder + os.sep, "")
    return done


def place(text, at, edit):
    """Line and column, in characters from 1, of that occurrence of `at` which is nearest to the edit."""
    spots = [i for i in range(len(text)) if text.startswith(at, i)]
    assert spots, f"{at!r} does not stand there"
    before = text[:min(spots, key=lambda i: abs(i - edit))]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


done = check()
report(done.returncode == 0 and len(done.stdout.splitlines()) == len(list((ROOT / "packs").glob("*.yaml"))), "the shipped packs are well-formed", done.stderr)
done = check_text(BASE)
report(done.returncode == 0 and "3 stages, 7 actions, 3 clocks" in done.stdout, "the base of the corpus is well-formed",
       done.stderr)

# What is replaced, by what, the problem, and the text at which it must point.
FAULTS = [
    ("part: disputes\n", "part: disputes\nprat: x\n", "unknown-key", "prat"),
    ("part: disputes\n", "", "missing-key", "pack: sample"),
    ("version: 2024-01-01", "version: 2024-02-30", "wrong-type", "2024-02-30"),
    ("version: 2024-01-01", "version: soon", "wrong-type", "soon"),
    ("pack: sample", "pack: Sample", "bad-name", "Sample\nversion"),
    ("title: {zh: 样例, en: Sample}", "title: {en: Sample}", "wrong-type", "{en: Sample}"),
    ("title: {zh: 样例, en: Sample}", "title: {zh: 样例, fr: Exemple}", "wrong-type", "{zh: 样例, fr"),
    (", working_days: ..10", ", working_days: ..x", "wrong-type", "..x"),
    (", working_days: ..10", "", "missing-key", "{title: 中华人民共和国行政强制法"),
    ("working_days: [3, 5, 7, 10]", "working_days: [3, five, 7, 10]", "wrong-type", "five"),
    ("in_force: 2012-01-01", "in_force: 2012-13-01", "wrong-type", "2012-13-01"),
    ("edition: 2011-06-30, ", "", "missing-key", "{title: 中华人民共和国行政强制法"),
    ("confidence: secondary", "confidence: sure", "unknown-word", "sure"),
    (", source: 复议条例（2007）34", "", "missing-key", "{type: flag"),
    ("  sample_case:", "  sample-case:", "bad-name", "sample-case"),
    ("shape: case", "shape: file", "unknown-word", "file"),
    ("type: party", "type: person", "unknown-word", "person"),
    ("type: choice, title: 审理程序", "type: choice", "missing-key", "{type: choice"),
    ("many: true", "many: maybe", "unknown-word", "maybe"),
    ("purpose: 办案", "porpose: 办案", "unknown-key", "porpose"),
    ("final: [closed]", "final: [shut]", "unknown-name", "shut"),
    ("    final: [closed]\n", "", "missing-key", "title: 样例案件"),
    ("in: accepted, allows", "in: excepted, allows", "unknown-name", "excepted"),
    ("allows: [resume]", "allows: [resumes]", "unknown-name", "resumes]"),
    ("{title: 中止, in: accepted, allows: [resume]}", "{title: 中止, in: accepted}", "missing-key", "{title: 中止, in: accepted}"),
    ("starts: received, by", "starts: receiver, by", "unknown-name", "receiver"),
    ("from: received, to: accepted", "from: recieved, to: accepted", "unknown-name", "recieved"),
    ("to: closed, by", "to: [closed, shut], by", "unknown-name", "shut"),
    ("document: letter", "document: leter", "unknown-name", "leter"),
    ("pauses: trial", "pauses: trail", "unknown-name", "trail"),
    ("resumes: trial", "resumes: trail", "unknown-name", "trail"),
    ("times: 1", "times: 0", "wrong-type", "0, article: 复议法 62}\n      decide"),
    ("times: 1", "times: once", "wrong-type", "once"),
    ("not_by: hear", "not_by: hears", "unknown-name", "hears"),
    ("need: hear,", "need: heard_of,", "unknown-name", "heard_of"),
    ("{need: hear, when: track = ordinary}", "{needs: hear, when: track = ordinary}", "unknown-key", "needs"),
    ("revoked: 复议法 64", "revoked: 诉讼法 64", "unknown-law", "诉讼法 64"),
    ("revoked: 复议法 64", "Revoked: 复议法 64", "bad-name", "Revoked"),
    ("by: [public, clerk], article: 复议法 22", "by: [public, clerk], article: 复议法22", "bad-article", "复议法22"),
    ("by: [public, clerk], article: 复议法 22", "by: [public, clerk]", "missing-key", "{title: 收到, starts: received, by"),
    ("title: 收到, starts: received, by: [public, clerk]", "title: 收到, starts: received", "missing-key", "{title: 收到, starts: received"),
    ("that: clock(admission) is not missed", "that: clock(admission is not missed", "expr-unclosed", "(admission"),
    ("that: clock(admission) is not missed", "that: clock(admission) == 5", "expr-spelling", "=="),
    ("that: clock(admission) is not missed", "that: day（admission）", "expr-full-width", "（admission"),
    ("when: track = ordinary", "when: track =", "expr-value-end", None),
    ("unless: track = simplified", "unless: 1 < 2 < 3", "expr-chained", "< 3"),
    ("unless: track = simplified", "unless: \"track in [simplified\"", "expr-unclosed", "[simplified"),
    ("else: 超过期限, article: 复议法 20", "else: 超过期限", "missing-key", "{that: clock(admission) is not missed"),
    ("kind: deemed", "kind: doomed", "unknown-word", "doomed"),
    ("kind: deemed, ", "", "missing-key", "{starts: receive, stops: accept"),
    ("then: accept, article: 复议法 30", "then: accept", "missing-key", "{kind: deemed"),
    ("limit: 5 working_days", "limit: 5 workdays", "expr-unit", "workdays"),
    ("limit: 5 working_days", "limit: 5 days", "wrong-unit", "5 days"),
    ("ordinary: 60 days", "ordinary: 60 working_days", "wrong-unit", "60 working_days"),
    ("by: 30 days", "by: 7 days", "wrong-unit", "7 days"),
    ("limit: 11 days", "limit: 10 days", "wrong-unit", "10 days"),
    ("limit: 11 days, roll: none, article: 强制法 25", "limit: 20 days, article: 许可法 42", "wrong-unit", "20 days"),
    ("roll: none", "roll: never", "unknown-word", "never, article: 强制法"),
    ("suspends: [{while: trial}]", "suspends: [{while: trails}]", "unknown-name", "trails"),
    ("extends: [{on: extend,", "extends: [{on: prolong,", "unknown-name", "prolong"),
    ("admission: {kind", "letter: {kind", "same-name", "letter: {title: 通知书"),
    ("      extend: {title", "      track: {title", "same-name", "track: {title: 延长"),
    ("never: decide, before", "neever: decide, before", "unknown-key", "neever"),
    ("before: hear, unless", "before: hear, hear: x, unless", "unknown-key", "hear: x"),
    ("unit: 件, count", "unit: [件], count", "wrong-type", "[件]"),
    ("config:\n", "config:\n\t", "yaml-tab", "\t"),
    ("part: disputes\n", "part: disputes\npart: again\n", "yaml-duplicate-key", "part: again"),
    ("part: disputes\n", "part: &a disputes\n", "yaml-anchor", "&a"),
    ("part: disputes\n", "part: *a\n", "yaml-alias", "*a"),
    ("part: disputes\n", "part: !x disputes\n", "yaml-tag", "!x"),
    ("part: disputes\n", "amends: 2020-01-01\npart: disputes\n", "no-base", "2020-01-01\npart"),
    # what the loader refuses
    ("stages: [received, accepted, closed]", "stages: [received, accepted, closed, closed]", "repeated-name", "closed]\n    final"),
    ("stages: [received, accepted, closed]", "stages: []", "no-stage", "[]"),
    ("starts: received, by", "from: received, by", "no-start", "sample_case:\n"),
    ("extend: {title: 延长, from: accepted,", "extend: {title: 延长, from: [],", "never-taken", "extend: {title"),
    ("to: closed, by", "to: [closed, accepted], by", "several-names", "accepted], by"),
    ("starts: received, by", "starts: received, to: accepted, by", "conflicting-keys", "to: accepted, by: [public"),
    ("times: 1", "times: 1, repeats: true", "conflicting-keys", "repeats"),
    ("outcomes: {upheld: 复议法 68, revoked: 复议法 64}", "outcomes: [upheld, upheld]", "repeated-name", "upheld]"),
    ("by: head, times: 1", "by: head@court, times: 1", "unknown-name", "head@court"),
    ("by: head, times: 1", "by: head@applicants, times: 1", "wrong-field", "head@applicants"),
    ("by: head, times: 1", "by: Head, times: 1", "bad-role", "Head"),
    ("by: head, times: 1", "by: {role: head, person: 2}, times: 1", "unknown-key", "person: 2"),
    ("each: applicants", "each: track", "not-a-set", "track, article"),
    ("count: sample_case, on: receive}", "count: sample_case, on: receive, by: applicants}", "personal-read", "applicants}"),
    ("of: [ordinary, simplified], default: ordinary}", "of: [ordinary, simplified], default: ordinary, personal: true, purpose: 办案, keep: none}", "personal-read", "ordinary: 60"),
    ("to: applicants}}", "to: track}}", "wrong-field", "track}}"),
    ("times: 1, article: 复议法 62", "times: 1, sets: trak, article: 复议法 62", "unknown-name", "trak"),
    ("times: 1, article: 复议法 62", "times: 1, sets: [track, track], article: 复议法 62", "repeated-name", "track], article"),
    ("times: 1, article: 复议法 62", "times: 1, after: {when: track = ordinary}, article: 复议法 62", "missing-key", "{when: track = ordinary}, article: 复议法 62"),
    ("many: true, required: true", "many: true, required: soon", "unknown-name", "soon"),
    (", purpose: 办案", "", "missing-key", "{type: party"),
    ("default: ordinary", "default: normal", "bad-value", "normal"),
    ("default: ordinary", "is: ordinary, default: ordinary", "conflicting-keys", "default: ordinary"),
    (", of: [ordinary, simplified]", "", "missing-key", "{type: choice"),
    ("of: [ordinary, simplified]", "of: [ordinary, ordinary]", "repeated-name", "ordinary], default"),
    ("type: party, title: 申请人", "type: party, of: [a, b], title: 申请人", "misplaced-key", "of: [a, b]"),
    ("      track: {type", "      outcome: {type: flag, title: 结果}\n      track: {type", "reserved-name", "outcome: {type"),
    ([("default: ordinary", "is: ordinary"), ("times: 1, article: 复议法 62", "times: 1, sets: track, article: 复议法 62")], None, "sets-derived", "track, article"),
    ("type: flag, default: yes", "type: flag, default: maybe", "bad-value", "maybe"),
    ("type: flag, default: yes", "type: length, bounds: [1 day, 3 days], default: 5 days", "outside-bounds", "5 days"),
    ("type: flag, default: yes", "type: length, bounds: [3 days, 1 day], default: 2 days", "bad-bounds", "[3 days"),
    ("type: flag, default: yes", "type: length, bounds: [1 day, 3 months], default: 2 days", "bad-bounds", "[1 day"),
    ("type: flag, default: yes", "type: flag, bounds: [no, yes], default: yes", "bad-bounds", "[no"),
    ("type: flag, default: yes", "type: int, bounds: 5, default: 5", "bad-bounds", "5, default"),
    (", then: accept", "", "missing-key", "{kind: deemed"),
    ("then: accept", "then: acept", "unknown-name", "acept"),
    ("then: accept", "then: decide", "needs-outcome", "decide, article: 复议法 30"),
    ("then: accept", "then: {decide: lost}", "unknown-outcome", "lost"),
    ("then: accept", "then: [accept, resume]", "several-names", "resume], article"),
    ("roll: none", "used_by: hear", "misplaced-key", "used_by"),
    ("roll: none", "until: day(hear)", "misplaced-key", "until"),
    ("roll: none", "then: accept", "misplaced-key", "then: accept, article: 强制法"),
    ("limit: 11 days, ", "", "missing-key", "{kind: at_most, starts: accept, stops: decide, roll"),
    ("{ordinary: 60 days, simplified: 30 days}", "{ordinary: 60 days, simple: 30 days}", "limit-choice", "{ordinary: 60"),
    ("{ordinary: 60 days, simplified: 30 days}", "{ordinary: 60 days}", "limit-gap", "{ordinary: 60"),
    ("      track: {type", "      route: {type: choice, title: 途径, of: [ordinary, simplified]}\n      track: {type", "limit-choices", "{ordinary: 60"),
    ("limit: 11 days", "limit: [{else: 11 days}, {when: track = ordinary, be: 12 days}]", "limit-form", "{else"),
    ("limit: 11 days", "limit: [{be: 11 days}]", "limit-form", "{be"),
    ("limit: 11 days", "limit: {until: day(hear), be: 11 days}", "limit-form", "{until"),
    ("{while: trial}", "{while: trial, spans: track}", "conflicting-keys", "spans"),
    ("{while: trial}", "{spans: track}", "wrong-field", "track}]"),
    ("{while: trial}", "{article: 复议法 39}", "missing-key", "{article: 复议法 39}]"),
    ("roll: none", "ladder: [{at: 3 days ahead, do: warn}]", "bad-rung", "3 days ahead"),
    ("roll: none", "ladder: [{at: 0 days before due, do: warn}]", "bad-rung", "0 days"),
    ("kind: at_most, starts: accept, stops: decide, limit: 11 days, roll: none", "kind: fixed_day, starts: accept, each: year, by: 02-30", "bad-recurrence", "02-30"),
    ("kind: at_most, starts: accept, stops: decide, limit: 11 days, roll: none", "kind: recurring, starts: accept, each: month, by: 01-31", "bad-recurrence", "01-31"),
    ("kind: at_most, starts: accept, stops: decide, limit: 11 days, roll: none", "kind: recurring, starts: accept", "recurrence-form", "seizure"),
    ("kind: at_most, starts: accept, stops: decide, limit: 11 days, roll: none", "kind: recurring, starts: accept, every: 2 years, by: 25", "conflicting-keys", "by: 25"),
    ("roll: none", "each: year", "misplaced-key", "each: year"),
    ("calendar: cn", "calendar: none", "no-calendar", "5 working_days"),
    ("in_force: 2012-01-01", "in_force: 2012-01-01, until: 2011-01-01", "law-span", "2011-01-01"),
    ("default: ordinary", "is: if clock(decision) is met then ordinary else simplified", "circular", "track: {type"),
    ("decision: {kind: at_most, starts: accept,", "decision: {kind: at_most, starts: decision.over,", "circular", "decision: {kind"),
    ("never: decide, before: hear, unless", "never: decide, unless", "rule-form", "{name: heard"),
    ("never: decide, before: hear, unless: track = simplified,", "differ: [decide],", "rule-form", "{name: heard"),
    ("rules:\n", "rules:\n  - {name: heard, once: decide, article: 复议法 61}\n", "same-rule", "heard, never"),
    ("never: decide, before", "never: decides, before", "unknown-action", "decides"),
    ("before: hear, unless", "before: hears, unless", "unknown-name", "hears"),
    ("count: sample_case", "count: sample", "unknown-record", "sample, on"),
    (", on: receive}", "}", "missing-key", "{title: 新收案件"),
    ("count: sample_case, on: receive", "by: track", "indicator-form", "received_cases"),
    ("count: sample_case, on: receive", "share_of: decide", "missing-key", "{title: 新收案件"),
    ("on: receive}", "on: receive, bases: {all: decide}}", "misplaced-key", "bases"),
    ("    final: [closed]\n", "    final: [closed]\n    directory: {kind: court}\n", "unknown-word", "court"),
    ("    final: [closed]\n", "    final: [closed]\n    directory: {kind: organ, organ: court}\n", "unknown-name", "court"),
    ("    final: [closed]\n", "    final: [closed]\n    directory: {kind: recusal, case: track}\n", "missing-key", "{kind: recusal"),
    ([("      track: {type", "      seat: {type: organ, title: 机关}\n      track: {type"), ("    final: [closed]\n", "    final: [closed]\n    directory: {kind: organ, organ: seat, from: track}\n")],
     None, "wrong-field", "track}\n"),
    ([("      track: {type", "      seat: {type: organ, title: 机关}\n      track: {type"), ("    final: [closed]\n", "    final: [closed]\n    directory: {kind: organ, organ: seat, role: track}\n")],
     None, "misplaced-key", "role: track"),
    ([("      track: {type", "      seat: {type: organ, title: 机关, personal: true, purpose: 办案, keep: permanent}\n      track: {type"),
      ("    final: [closed]\n", "    final: [closed]\n    directory: {kind: organ, organ: seat}\n")], None, "personal-directory", "seat}"),
    ([("      track: {type", "      seat: {type: organ, title: 机关, many: true}\n      track: {type"), ("    final: [closed]\n", "    final: [closed]\n    directory: {kind: organ, organ: seat}\n")],
     None, "directory-set", "seat}"),
    ([("      track: {type", "      seat: {type: organ, title: 机关}\n      track: {type"), ("    final: [closed]\n", "    final: [closed]\n    directory: {kind: organ, organ: seat, successors: seat}\n")],
     None, "not-a-set", "seat}\n"),
    ("by: head, times: 1", "by: {role: head, delegated: always}, times: 1", "unknown-word", "always"),
    # expressions everywhere get their types
    ("that: clock(admission) is not missed", "that: track", "type", "track, else"),
    ("when: track = ordinary}", "when: track = slow}", "no-such-choice", "slow"),
    ("unless: track = simplified", "unless: trak = simplified", "no-such-value", "trak"),
    ("limit: 11 days", "limit: track", "type", "track, roll"),
    ("{ordinary: 60 days,", "{ordinary: track,", "type", "track, simplified"),
    ("by: 30 days", "by: 30", "type", "30, article: 复议法 62"),
    ("starts: receive, stops: accept", "starts: track, stops: accept", "type", "track, stops"),
    ("starts: receive, stops: accept", "starts: served(leter), stops: accept", "no-such-document", "leter"),
    ("starts: receive, stops: accept", "starts: receipt.over, stops: accept", "unknown-name", "receipt.over"),
    ("times: 1, article: 复议法 62", "times: 1, sets: {track: slow}, article: 复议法 62", "no-such-choice", "slow"),
    ("roll: none", "caps: [{at: 5, article: 强制法 25}]", "type", "5, article: 强制法 25}]"),
    ("roll: none", "promise: 5", "type", "5, article: 强制法"),
    ("roll: none", "when: 5", "type", "5, article: 强制法"),
    ("roll: none", "excludes: [{from: suspend, until: resume, when: 5}]", "type", "5}]"),
    ("on: receive}", "on: receive, where: track}", "type", "track}"),
    ("default: ordinary", "is: 5", "type", "5}\n    stages"),
    ("default: ordinary", "default: ordinary, when: 5", "type", "5}\n    stages"),
    ("limit: 11 days", "limit: [{when: 5, be: 11 days}, {else: 12 days}]", "type", "5, be"),
    ("limit: 11 days", "limit: {until: track}", "type", "track}, roll"),
]


def changed(old, new):
    """The base with one edit, or with a list of them; and where the last edit stands."""
    text = BASE
    for was, becomes in old if isinstance(old, list) else [(old, new)]:
        assert text.count(was) == 1, f"{was!r} stands {text.count(was)} times"
        edit = text.index(was)
        text = text.replace(was, becomes)
    return text, edit


# A Chinese message names our own things in Chinese; what the file wrote stands between “ and ”.
ENGLISH = re.compile(r"\b(an?|the|of|keys?|field|stage|action|clock|pause|document|rule|law|record|indicator|text|number|date)\b")
foreign = []

for old, new, problem, at in FAULTS:
    text, edit = changed(old, new)
    done = check_text(text)
    name = f"{problem}: {(new or str(old)).strip()[:60] or 'without ' + old.strip()[:50]}".replace("\n", " ").replace("\t", " ").replace("#", "")
    lines = [l for l in done.stderr.splitlines() if f"error[{problem}]" in l]
    want = "pack.yaml:%d:%d: " % place(text, at, edit) if at else "pack.yaml:"
    report(done.returncode == 2 and any(l.startswith(want) for l in lines), name, f"expected {want}\n{done.stderr}")
    for line in check_text(text, lang="zh_CN.UTF-8").stderr.splitlines():
        if f"[{problem}]" in line and not problem.startswith(("unknown-word", "yaml", "expr")):
            if ENGLISH.search(re.sub("“[^”]*”", "", line.split("]: ", 1)[1])):
                foreign.append(line)
report(not foreign, "Chinese messages are Chinese", "\n".join(foreign))

done = check_text(BASE.replace("times: 1", "times: 0").replace("kind: deemed", "kind: doomed").replace("shape: case", "shape: file"))
report(done.stderr.count("error[") == 3 and done.stderr.endswith("fazhi: errors: 3\n"), "all problems come in one run", done.stderr)
done = check_text(BASE.replace("kind: deemed", "kind: doomed"), lang="zh_CN.UTF-8")
report("错误[unknown-word]: “doomed”不在下列各项之中" in done.stderr, "messages are Chinese in a Chinese locale", done.stderr)
done = check_text(BASE.replace("version: 2024-01-01", "version: 2018-01-01"))
report(done.returncode == 0 and done.stderr.count("warning[law-not-in-force]") == 1 and "pack.yaml:23:76: " in done.stderr,
       "a law cited before its day is a warning, once a law", done.stderr)
done = check_text(BASE.replace("until: 2", "").replace("in_force: 2012-01-01", "in_force: 2012-01-01, until: 2023-12-31"))
report(done.returncode == 0 and "from 2012-01-01 to 2023-12-31" in done.stderr, "and after its end", done.stderr)
with tempfile.TemporaryDirectory() as folder:
    files = [os.path.join(folder, n) for n in ("a.yaml", "b.yaml")]
    pathlib.Path(files[0]).write_text(BASE, encoding="utf-8")
    pathlib.Path(files[1]).write_text("pack: sample\nversion: 2023-01-01\namends: 2024-01-01\n", encoding="utf-8")
    done = check(*files)
    report(done.returncode == 2 and "b.yaml:3:9: error[amends-later]" in done.stderr, "a version amends an earlier one", done.stderr)
    pathlib.Path(files[1]).write_text("pack: sample\nversion: 2025-01-01\namends: 2024-01-01\nrecords: {sample_case: {final: shut}}\n", encoding="utf-8")
    done = check(*files)
    report(done.returncode == 2 and "b.yaml:4:32: error[unknown-name]" in done.stderr, "a problem stands where the amendment wrote it", done.stderr)
done = check_text(BASE.encode("gbk"))
report(done.returncode == 2 and "error[yaml-utf8]" in done.stderr, "a pack in GBK is refused with its place", done.stderr)
done = check("nowhere.yaml")
report(done.returncode == 2 and "nowhere.yaml: No such file" in done.stderr, "a missing file is said", done.stderr)
plan()
