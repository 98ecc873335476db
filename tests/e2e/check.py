#!/usr/bin/env python3
"""`fazhi check` on the shipped packs and on a corpus of packs with one fault each. Prints TAP. usage: check.py FAZHI"""
import os
import pathlib
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
report(done.returncode == 0 and len(done.stdout.splitlines()) == 8, "the shipped packs are well-formed", done.stderr)
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
]
for old, new, problem, at in FAULTS:
    assert BASE.count(old) == 1, f"{old!r} stands {BASE.count(old)} times in the base"
    text = BASE.replace(old, new)
    done = check_text(text)
    name = f"{problem}: {new.strip()[:60] or 'without ' + old.strip()[:50]}".replace("\n", " ").replace("\t", " ").replace("#", "")
    lines = [l for l in done.stderr.splitlines() if f"error[{problem}]" in l]
    want = "pack.yaml:%d:%d: " % place(text, at, BASE.index(old)) if at else "pack.yaml:"
    report(done.returncode == 2 and any(l.startswith(want) for l in lines), name, f"expected {want}\n{done.stderr}")

done = check_text(BASE.replace("times: 1", "times: 0").replace("kind: deemed", "kind: doomed").replace("shape: case", "shape: file"))
report(done.stderr.count("error[") == 3 and done.stderr.endswith("fazhi: errors: 3\n"), "all problems come in one run", done.stderr)
done = check_text(BASE.replace("kind: deemed", "kind: doomed"), lang="zh_CN.UTF-8")
report("错误[unknown-word]: “doomed”不在下列各项之中" in done.stderr, "messages are Chinese in a Chinese locale", done.stderr)
done = check_text(BASE.encode("gbk"))
report(done.returncode == 2 and "error[yaml-utf8]" in done.stderr, "a pack in GBK is refused with its place", done.stderr)
done = check("nowhere.yaml")
report(done.returncode == 2 and "nowhere.yaml: No such file" in done.stderr, "a missing file is said", done.stderr)
plan()
