#!/usr/bin/env python3
"""The proof of packs: one fault each, its id, its place, and the run that shows it. Prints TAP. usage: prove.py FAZHI"""
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
RULES = "indicators:\n"


def check(text, lang="C.UTF-8"):
    with tempfile.TemporaryDirectory() as folder:
        name = os.path.join(folder, "pack.yaml")
        pathlib.Path(name).write_text(text, encoding="utf-8")
        done = tap.run(FAZHI, "check", name, lang=lang)
    done.stderr = done.stderr.replace(folder + os.sep, "")
    return done


def edited(edits):
    text = BASE
    for old, new in edits:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        text = text.replace(old, new)
    return text


def rule(text):
    """One more rule before the indicators."""
    return (RULES, f"  - {text}\n{RULES}")


def place(text, at):
    assert text.count(at) == 1, f"{at!r} stands {text.count(at)} times"
    before = text[:text.index(at)]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def block(stderr, head):
    """The lines of the problem whose first line begins with `head`."""
    lines = stderr.splitlines()
    for i, line in enumerate(lines):
        if line.startswith(head):
            end = next((k for k in range(i + 1, len(lines)) if not lines[k].startswith("    ")), len(lines))
            return lines[i:end]
    return []


def steps(lines):
    """Acts of the counterexample, in order: [(stage, act and the rest)]."""
    found = [re.match(r"    \d+\. (?:(\w+): )?(.*)$", line) for line in lines]
    return [(m.group(1), m.group(2)) for m in found if m]


def expect(name, edits, problem, at, run, also=(), severity="error"):
    """`run`: what each step begins with, in order and without any other; None where the problem has no run. `also`: what else is said."""
    text = edited(edits)
    done = check(text)
    lines = block(done.stderr, "pack.yaml:%d:%d: %s[%s]" % (*place(text, at), severity, problem))
    got = [act for _, act in steps(lines)]
    ok = bool(lines) and (run is None or (len(got) == len(run) and all(a.startswith(b) for a, b in zip(got, run))))
    ok = ok and all(any(a in line for line in lines) for a in also) and (done.returncode == 2) == ("error[" in done.stderr)
    report(ok, f"{problem}: {name}", f"expected {problem} at {place(text, at)} {run} {also}\n{done.stderr}")


def sound(name, edits):
    done = check(edited(edits))
    report(done.returncode == 0 and "proved" in done.stdout and not done.stderr, f"sound: {name}", done.stderr)


HEARD = "after: [{need: hear, when: track = ordinary}],\n               "
EXTEND = "extend: {title: 延长, from: accepted, by: head, times: 1"

# ---- nothing is dead
expect("a stage to which nothing leads", [("[received, accepted, closed]", "[received, accepted, parked, closed]")],
       "unreachable-stage", "parked", None)
expect("stages that lead to each other only", [
    ("[received, accepted, closed]", "[received, accepted, parked, shelved, closed]"),
    (EXTEND, "park: {title: 搁置, from: shelved, to: parked, by: head, article: 复议法 62}\n      "
             "shelve: {title: 上架, from: parked, to: shelved, by: head, article: 复议法 62}\n      " + EXTEND)],
       "unreachable-stage", "parked, shelved", None)
expect("a gate that never holds", [(EXTEND, EXTEND + ", gates: [{that: done(decide), else: 尚未决定, article: 复议法 62}]")],
       "dead-action", "extend: {", None, also=["its gate does not hold: done(decide)"])
expect("after what comes too late", [(EXTEND, EXTEND + ", after: decide")], "dead-action", "extend: {", None,
       also=["only after decide 决定"])
expect("a document that nobody makes is never served", [
    ("documents: {letter:", "documents: {order: {title: 命令, to: applicants}, letter:"),
    (EXTEND, EXTEND + ", gates: [{that: served(order), else: 尚未送达, article: 复议法 62}]")],
       "dead-action", "extend: {", None, also=["served(order)"])
expect("a step of the law without a clock", [
    (EXTEND, "lapse: {title: 失效, from: accepted, to: closed, by: law, article: 复议法 62}\n      " + EXTEND)],
       "dead-action", "lapse: {", None, also=["only the law takes it"])
expect("an answer to what is never asked", [
    ("resume: {title", "answer: {title: 答复, from: received, by: reviewer, answers: hear, article: 复议法 39}\n      resume: {title")],
       "dead-action", "answer: {", None, also=["nothing is open of hear"])
expect("two conditions of which each alone could hold", [
    (EXTEND, EXTEND + ", gates: [{that: track = ordinary, else: 甲, article: 复议法 62}, "
                      "{that: track = simplified, else: 乙, article: 复议法 62}]")],
       "dead-action", "extend: {", None, also=["track = simplified"])

# ---- every case can end
expect("a stage without a way on", [("[received, accepted, closed]", "[received, accepted, waiting, closed]"),
                                    (EXTEND, EXTEND.replace("accepted,", "accepted, to: waiting,"))],
       "stuck", "waiting, closed]", ["receive", "accept", "extend"])
expect("an end that a fact of the case excludes", [(HEARD, HEARD + "gates: [{that: track = ordinary, else: 简易, article: 复议法 61}],\n               ")],
       "dead-end", "accepted, closed]", ["receive", "accept"],
       also=["supposed: track = simplified", "decide 决定: its gate does not hold: track = ordinary"])
expect("a hearing that is undone and cannot be held again", [
    ("milestone: true, each: applicants, article: 复议法 49", "milestone: true, times: 1, article: 复议法 49"), (EXTEND, EXTEND + ", clears: hear, after: hear")],
       "dead-end", "accepted, closed]", ["receive", "accept", "hear", "extend"], also=["hear 听取意见: only 1 times", "decide 决定: only after hear"])
expect("a hearing of several parties that can be held for one", [
    ("milestone: true, each: applicants", "milestone: true, times: 1, each: applicants")],
       "dead-end", "accepted, closed]", ["receive", "accept", "hear 听取意见; supposed: not for all"])
expect("an outcome that leads back to a period which is over", [("upheld: 复议法 68", "back: {to: received, article: 复议法 68}, upheld: 复议法 68")],
       "stuck", "received, accepted", ["receive", "admission ends", "accept 受理, by law", "decide 决定 with back"], also=["clock(admission) is not missed"])
expect("a period that may have passed before the case began", [
    ("      track: {type", "      act_on: {type: day, title: 行为日, required: true}\n      track: {type"),
    ("      admission: {kind", "      application: {kind: window, starts: act_on, used_by: receive, limit: 60 days, article: 复议法 20}\n      admission: {kind"),
    (HEARD, HEARD + "gates: [{that: clock(application) is not missed, else: 超期, article: 复议法 20}],\n               ")],
       "dead-end", "accepted, closed]", ["receive", "accept"], also=["supposed: application is over by then"])
expect("a field that an act wants and none enters", [("      track: {type", "      sum: {type: money, title: 款额, required: decide}\n      track: {type")],
       "dead-end", "accepted, closed]", ["receive", "accept"], also=["supposed: sum is not set", "decide 决定: only with sum 款额"])

# ---- pauses
expect("its resume is not allowed while it lies", [("allows: [resume]", "allows: [extend]")],
       "endless-pause", "trial: {title", ["receive", "accept", "suspend"], also=["what resumes it cannot be taken"])
expect("nothing resumes it", [("allows: [resume]", "allows: [extend]"), (", resumes: trial", "")],
       "endless-pause", "trial: {title", ["receive", "accept", "suspend"], also=["no act resumes it"])
expect("nothing lays it", [(", pauses: trial", "")], "dead-pause", "trial: {title", None, severity="warning")
expect("its stage is left while it lies", [("allows: [resume]", "allows: [resume, extend]"),
                                           (EXTEND, EXTEND.replace("accepted,", "accepted, to: received,"))],
       "pause-left", "extend: {", ["receive", "accept", "suspend", "extend"], severity="warning")

# ---- rules
expect("a decision before the hearing", [(HEARD, "")], "rule-before", "{name: heard",
       ["receive", "accept", "decide"])
expect("a decision by silence before the hearing", [
    ("seizure: {kind: at_most", "seizure: {kind: deemed, then: {decide: upheld}")],
       "rule-before", "{name: heard", ["receive", "accept", "decide 决定, by law at the end of seizure"])
expect("a decision before the hearing, after the track was changed back", [
    (EXTEND, "simplify: {title: 简易, from: accepted, by: head, sets: {track: simplified}, article: 复议法 53}\n      "
             "propose: {title: 拟, from: accepted, by: head, milestone: true, after: [{need: hear, when: track = ordinary}], article: 复议法 61}\n      "
             "convert: {title: 转, from: accepted, by: head, sets: {track: ordinary}, after: simplify, article: 复议法 55}\n      " + EXTEND),
    (HEARD, "after: propose,\n               ")],
       "rule-before", "{name: heard", ["receive", "accept", "simplify", "propose", "convert", "decide"])
expect("not all parties were heard", [(HEARD, "after: [{need: hear, when: \"not any(applicants, hear)\"}],\n               ")],
       "rule-before", "{name: heard", ["receive", "accept", "hear 听取意见; supposed: for one at least, not for all", "decide"])
expect("an act after another", [rule("{name: late, never: extend, after: suspend, article: 复议法 62}")],
       "rule-after", "{name: late", ["receive", "accept", "suspend", "resume", "extend"])
expect("an act during a pause", [rule("{name: still, never: extend, while: trial, article: 复议法 39}"), ("allows: [resume]", "allows: [resume, extend]")],
       "rule-while", "{name: still", ["receive", "accept", "suspend", "extend"])
expect("an end without what must be", [rule("{name: told, after: accept, always: [hear], article: 复议法 49}")],
       "rule-always", "{name: told", ["receive", "accept", "decide"], also=["track = simplified"])
expect("what must be was done before and not after", [
    ("hear: {title: 听取意见, from: accepted,", "hear: {title: 听取意见, from: [received, accepted],"),
    rule("{name: told, after: accept, always: [hear], unless: track = simplified, article: 复议法 49}")],
       "rule-always", "{name: told", ["receive", "hear", "accept", "decide"])
expect("twice", [rule("{name: only, once: hear, article: 复议法 49}")], "rule-once", "{name: only", ["receive", "accept", "hear", "hear"])
expect("once by a person, once by the law", [
    ("stops: accept, limit: 5", "again: restart, stops: decide, limit: 5"), ("accept: {title: 受理, from: received,", "accept: {title: 受理, from: [received, accepted],"),
    rule("{name: only, once: accept, article: 复议法 30}"), ("gates: [{that: clock(admission) is not missed, else: 超过期限, article: 复议法 20}]", "times: 1")],
       "rule-once", "{name: only", ["receive", "accept", "accept 受理, by law at the end of admission"])
expect("nothing keeps two persons apart", [("not_by: hear, ", ""), rule("{name: apart, differ: [hear, decide], article: 复议法 61}")],
       "rule-differ", "{name: apart", ["receive", "accept", "hear", "decide"], also=["whoever did `hear` may take `decide`"])
expect("kept apart in one direction only", [(EXTEND, EXTEND + ", not_by: hear"), rule("{name: apart, differ: [hear, extend], article: 复议法 61}")],
       "rule-differ", "{name: apart", ["receive", "accept", "extend", "hear"], also=["whoever did `extend` may take `hear`"])

# ---- clocks
expect("its start never happens", [
    ("documents: {letter:", "documents: {order: {title: 命令, to: applicants}, letter:"),
    ("seizure: {kind: at_most, starts: accept", "seizure: {kind: at_most, starts: served(order)")],
       "clock-never-starts", "seizure: {", None, severity="warning")
expect("its end comes before it", [("starts: accept, stops: decide, limit: 11 days", "starts: accept, stops: receive, limit: 11 days")],
       "clock-never-stops", "seizure: {", None, severity="warning")

# ---- set before read
SUM = [("      track: {type", "      sum: {type: money, title: 款额}\n      track: {type"), (EXTEND, EXTEND + ", sets: sum")]
expect("read where not every way has set it", SUM + [(HEARD, HEARD + "gates: [{that: sum < 5.00 yuan, else: 款额过大, article: 复议法 61}],\n               ")],
       "maybe-unset", "sum < 5.00", None, severity="warning")
sound("read by who asks first whether it is set", SUM + [
    (HEARD, HEARD + "gates: [{that: sum is not set or sum < 5.00 yuan, else: 款额过大, article: 复议法 61}],\n               ")])
sound("read with what stands for it", SUM + [
    (HEARD, HEARD + "gates: [{that: sum otherwise 0.00 yuan < 5.00 yuan, else: 款额过大, article: 复议法 61}],\n               ")])
sound("read after the act that has to set it", [
    ("      track: {type", "      sum: {type: money, title: 款额, required: extend}\n      track: {type"), (EXTEND, EXTEND + ", sets: sum"),
    (HEARD, "after: [extend, {need: hear, when: track = ordinary}],\n               gates: [{that: sum < 5.00 yuan, else: 款额过大, article: 复议法 61}],\n               ")])

# ---- what is sound stays so
sound("the base", [])
sound("a waiver stands for the hearing", [("each: applicants, article: 复议法 49}", "each: applicants, article: 复议法 49,\n             waive: {by: reviewer, reason: required, article: 复议法 49}}")])
sound("a pause ends with its case", [("allows: [resume]", "allows: [resume, decide]")])
sound("an outcome with a stage of its own", [
    ("upheld: 复议法 68", "back: {to: received, article: 复议法 68}, upheld: 复议法 68"),
    ("starts: receive, stops: accept", "starts: [receive, decide], again: restart, stops: accept")])
sound("a rule that looks at the day of its own act", [
    rule('{name: told, after: accept, always: [hear], unless: "day(accept) is set and outcome != revoked or day(decide) is set", article: 复议法 49}')])
sound("kept apart in both directions", [(EXTEND, EXTEND + ", not_by: hear"), ("hear: {title: 听取意见,", "hear: {title: 听取意见, not_by: extend,"),
                                        rule("{name: apart, differ: [hear, extend], article: 复议法 61}")])

# ---- words, and what is too large
done = check(edited([(HEARD, "")]), lang="zh_CN.UTF-8")
report("错误[rule-before]: 规则不成立：“decide”可能先于“hear”进行" in done.stderr and "3. accepted：decide 决定" in done.stderr,
       "messages and runs are Chinese in a Chinese locale", done.stderr)
report("    假定：track = ordinary\n" in done.stderr, "a run says what it supposes", done.stderr)
done = check(edited([rule("{name: told, after: accept, always: [hear], unless: track = ordinary, article: 复议法 49}"),
                     ("      track: {type", "      odd: {type: flag, title: 甲, default: no}\n      even: {type: flag, title: 乙, default: no}\n      track: {type"),
                     (EXTEND, EXTEND + ", gates: [{that: odd or even, else: 丙, article: 复议法 62}]")]))
report("    supposed: track = simplified\n" in done.stderr, "and no more than that", done.stderr)

# Castles that do not attack each other: the sets of placements have no small diagram in any order.
SIZE = 14
lines = []
for i in range(SIZE):
    for k in range(SIZE):
        gate = " and ".join([f"not done(a_{i}_{x})" for x in range(SIZE) if x != k] + [f"not done(a_{x}_{k})" for x in range(SIZE) if x != i])
        lines.append(f"      a_{i}_{k}: {{title: 放置, from: accepted, by: head, milestone: true, article: 复议法 62, "
                     f"gates: [{{that: {gate}, else: 不可, article: 复议法 62}}]}}\n")
text = BASE.replace("      extend: {title", "".join(lines) + "      extend: {title")
done = check(text)
report(done.returncode == 2 and "pack.yaml:%d:%d: error[proof-too-large]" % place(text, "sample_case:") in done.stderr and "a_" in done.stderr and
       done.stderr.count("error[") == 1, "a proof that would not end is given up, with the largest factors", done.stderr[:2000])
plan()
