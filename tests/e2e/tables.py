#!/usr/bin/env python3
"""Tables of a pack: a test pack proved and run, tables with one fault each, prices against a count by hand. Prints TAP. usage: tables.py FAZHI"""
import json
import os
import pathlib
import random
import re
import sys
import tempfile
from fractions import Fraction

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from tap import ROOT, plan, report
import tap

FAZHI = sys.argv[1]
PACK = ROOT / "tests/golden/tables/benchmark.yaml"
BASE = PACK.read_text(encoding="utf-8")


def check(text, scenarios=None, lang="C.UTF-8"):
    with tempfile.TemporaryDirectory() as folder:
        name = os.path.join(folder, "pack.yaml")
        pathlib.Path(name).write_text(text, encoding="utf-8")
        if scenarios:
            os.mkdir(os.path.join(folder, "scenarios"))
            pathlib.Path(folder, "scenarios", "pack.yaml").write_text(scenarios, encoding="utf-8")
        return tap.run(FAZHI, "check", name, lang=lang)


done = tap.run(FAZHI, "check", str(PACK))
report(done.returncode == 0 and "4 scenarios" in done.stdout and done.stderr == "", "the pack is proved and its scenarios come out", done.stdout + done.stderr)

# ---- one fault each: what is replaced, by what, the problem, and what the message says ----
LIGHT = "[light, .., 0.00 yuan, 1000.00 yuan, no]"
FAULTS = [
    ("    ends: lower\n", "", "table-overlap", "two rows for gravity = medium, income = 10000.00 yuan"),
    ("ends: lower\n    rows", "ends: neither\n    rows", "unknown-word", "neither"),
    ("ends: lower", "ends: upper", None, None),
    (f"      - {LIGHT}\n", "", "table-gap", "no row for gravity = light"),
    ("[medium, grave], ..10000", "[medium, light], ..10000", "table-gap", "no row for gravity = grave, income = 9999.99 yuan"),
    ("[grave, 10000.00 yuan.., ", "[grave, 10000.01 yuan.., ", "table-gap", "gravity = grave, income = 10000.00 yuan"),
    ("[grave, 10000.00 yuan.., ", "[grave, 9999.99 yuan.., ", "table-overlap", "gravity = grave, income = 9999.99 yuan"),
    ("[medium, 10000.00 yuan.., ", "[medium, 10000.00 yuan..20000.00 yuan, ", "table-gap", "gravity = medium, income = 20000.00 yuan"),
    ("[light, .., 0", "[slight, .., 0", "table-cell", "`slight` is no cell for `gravity`"),
    ("[light, .., 0", "[light..grave, .., 0", "table-cell", "`light..grave`"),
    ("[medium, 10000.00 yuan..,", "[medium, 10000..,", "table-cell", "`10000..` is no cell for `income`, which is of type money"),
    ("[medium, 10000.00 yuan..,", "[medium, 10000.00 yuan..9000.00 yuan,", "table-cell", "10000.00 yuan..9000.00 yuan"),
    ("[medium, 10000.00 yuan..,", "[medium, 10000.00 yuan..10000.00 yuan,", "table-cell", "10000.00 yuan..10000.00 yuan"),
    (LIGHT, "[light, 0.00 yuan, 1000.00 yuan, no]", "table-row", "4 cells instead of 5"),
    (LIGHT, "[light, .., 0.00 yuan, much, no]", "bad-value", "`much`"),
    (LIGHT, "[light, .., 0.00 yuan, [1.00 yuan, 2.00 yuan], no]", "bad-value", "money"),
    (LIGHT, "[light, .., 0.00 yuan, {a: b}, no]", "wrong-type", "a value, or a list of values"),
    (LIGHT, "light", "wrong-type", "a list of rows"),
    ("in: [gravity, income]\n    out: {low", "in: [severity, income]\n    out: {low", "table-input", "`severity`"),
    ("in: [gravity, income]\n    out: {low", "in: [gravity, departure]\n    out: {low", "table-input-type", "`departure` is of type text"),
    ("in: [gravity, income]\n    out: {low", "in: [gravity, gravity]\n    out: {low", "repeated-name", "`gravity`"),
    ("in: [gravity, income]\n    out: {low", "in: {}\n    out: {low", "wrong-type", "at least one name"),
    ("in: {tons: int}", "in: {tons: text}", "unknown-word", "`text`"),
    ("in: {tons: int}", "in: {tons: choice}", "missing-key", "`of`"),
    ("  water:\n", "  min:\n", "table-name", "`min` is a function"),
    ("  water:\n", "  sum:\n", "table-name", "`sum` is a function"),
    ("    round: half_up\n", "", "missing-key", "`round`"),
    ("    round: half_up\n", "    round: half_up\n    ends: lower\n", "misplaced-key", "`ends`"),
    ("    ends: lower\n", "    ends: lower\n    round: up\n", "misplaced-key", "`round`"),
    ("[100000.00 yuan..200000.00 yuan, 1/50]", "[100000.01 yuan..200000.00 yuan, 1/50]", "table-slices", "slices of `fee`"),
    ("[20000000.00 yuan.., 1/200]", "[20000000.00 yuan..30000000.00 yuan, 1/200]", "table-slices", "slices of `fee`"),
    ("[..180, 5.00 yuan]", "[0..180, 5.00 yuan]", "table-slices", "slices of `water`"),
    ("out: {price: money}", "out: {price: points}", "bad-value", "points"),
    ("in: [gravity, joint]\n", "in: [gravity, joint]\n    slices: yes\n", "table-slices-form", "`term` with slices"),
    ("7/1000", "7/1000000000000000003", "table-slices-large", "63 bits"),
    ("10 days, simple", "5 days, simple", "wrong-unit", "`5 days`"),
    ("10 days, simple", "10 days, quick", "bad-value", "`quick`"),
    ("fine_range(gravity, income).hearing", "fine_range(gravity).hearing", "argument-count", "fine_range(gravity, income)"),
    ("fine_range(gravity, income).hearing", "fine_range(gravity, income)", "table-alone", "low, high, hearing"),
    ("fine_range(gravity, income).hearing", "fine_range(gravity, income).hearings", "no-such-column", "`hearings`"),
    ("fine_range(gravity, income).hearing", "fine_range(gravity, income).low", "type", "money"),
    ("fine_range(gravity, income).hearing", "fine_range(joint, income).hearing", "type", "expected choice"),
    ("fine_range(gravity, income).hearing", "fine_range(gravest, income).hearing", "no-such-choice", "light, medium, grave"),
    ("fine_range(gravity, income).hearing", "fine_ranges(gravity, income).hearing", "no-such-function", "`fine_range` is near"),
    ("fine_range(gravity, income).hearing", "fine_range(grave, income).hearing", None, None),
    ("track = full\"", "track = simplest\"", "no-such-choice", "simple, full"),
    ("article: 处罚法 34\n  fee:", "article: 处罚法34\n  fee:", "bad-article", "处罚法34"),
]
ENGLISH = re.compile(r"\b(an?|the|of|keys?|table|row|cell|slices)\b")
for old, new, problem, says in FAULTS:
    assert BASE.count(old) == 1, (old, BASE.count(old))
    done = check(BASE.replace(old, new))
    name = f"{problem or 'well-formed'}: {(new or 'without ' + old).strip()[:60]}".replace("\n", " ").replace("#", "")
    if problem is None:
        report(done.returncode in (0, 1) and "error[table" not in done.stderr, name, done.stderr)
        continue
    said = [l for l in done.stderr.splitlines() if f"error[{problem}]" in l or "note[did-you-mean]" in l]
    report(done.returncode == 2 and any(says in l for l in said) and all(l.startswith("/") or "pack.yaml:" in l for l in said), name, done.stderr)
    for line in check(BASE.replace(old, new), lang="zh_CN.UTF-8").stderr.splitlines():
        if f"[{problem}]" in line and problem.startswith("table"):
            foreign = ENGLISH.search(re.sub("“[^”]*”", "", line.split("]: ", 1)[1]).split("适用于")[0])
            report(not foreign, f"in Chinese: {name}", line)

two = BASE.replace("records:\n", "records:\n  other:\n    title: 其他\n    shape: case\n    fields: {income: {type: int, title: 收入}}\n    stages: [a, b]\n    final: b\n    actions:\n"
                   "      begin: {title: 始, starts: a, by: officer, article: 处罚法 1}\n      finish: {title: 终, from: a, to: b, by: officer, article: 处罚法 1}\n", 1)
done = check(two)
report(done.returncode == 2 and "error[table-input-twice]" in done.stderr and "`income` of other and that of fined_case" in done.stderr, "one name, two types", done.stderr)
many = "\n".join(f"      - [{10 * i}..{10 * i + 9}, {10 * j}..{10 * j + 9}, yes]" for i in range(32) for j in range(32))
done = check(BASE.replace("records:\n", f"  grid:\n    title: 网格\n    in: {{a: int, b: int, c: int}}\n    out: {{x: flag}}\n    article: 处罚法 34\n    rows:\n{many.replace(', yes', ', 1..2, yes')}\nrecords:\n", 1))
report(done.returncode == 2 and "error[table-too-fine]" in done.stderr, "a table that tells too much apart is refused", done.stderr[:300])

# ---- the proof knows what a table says ----
RULE = "rules:\n  - {never: decide, before: tell, unless: \"not fine_range(gravity, income).hearing\", article: 处罚法 63}\nindicators:\n"
GATE = "          - {that: \"done(tell) or not fine_range(gravity, income).hearing\", else: 未告知听证权利, article: 处罚法 63}\n"
assert GATE in BASE
done = check(BASE.replace("indicators:\n", RULE))
report(done.returncode == 0, "a rule over a table holds where a gate asks the same", done.stderr)
done = check(BASE.replace("indicators:\n", RULE).replace(GATE, ""))
report(done.returncode == 2 and "error[rule-before]" in done.stderr and "supposed: not (income <= 9999.99 yuan)" in done.stderr, "and breaks without the gate, of which rows it is said", done.stderr)

# ---- slices against a count by hand ----
FEE = [(0, 10**6, Fraction(0)), (10**6, 10**7, Fraction(1, 40)), (10**7, 2 * 10**7, Fraction(1, 50)), (2 * 10**7, 5 * 10**7, Fraction(3, 200)),
       (5 * 10**7, 10**8, Fraction(1, 100)), (10**8, 2 * 10**8, Fraction(9, 1000)), (2 * 10**8, 5 * 10**8, Fraction(1, 125)),
       (5 * 10**8, 10**9, Fraction(7, 1000)), (10**9, 2 * 10**9, Fraction(3, 500)), (2 * 10**9, None, Fraction(1, 200))]
WATER = [(0, 180, Fraction(500)), (180, 260, Fraction(700)), (260, None, Fraction(900))]


def price(slices, x):
    """Slice by slice, and one rounding (half up) at the end."""
    total = sum(((min(x, high) if high is not None else x) - low) * rate for low, high, rate in slices if x > low)
    return int((total * 2 + 1) // 2)


def yuan(fen):
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d} yuan"


rng = random.Random(20240301)
edges = sorted({e + d for low, _, _ in FEE for e in [low] for d in (-1, 0, 1) if e + d >= 0})
amounts = edges + [rng.randrange(0, 10**rng.randrange(3, 13)) for _ in range(60)]
steps = ["      - {on: 2024-03-01, do: open_case}", "      - {on: 2024-03-05, do: decide, with: {fine: 1.00 yuan}}"]
for amount in amounts:
    tons = rng.choice([0, 1, 179, 180, 181, 259, 260, 261, rng.randrange(5000)])
    right, water = price(FEE, amount) + 5000, price(WATER, tons)
    fields = f"income: {yuan(amount)}, tons: {tons}"
    steps.append(f"      - {{on: 2024-03-06, do: reckon, with: {{{fields}, claimed: {yuan(right + 1)}, water_claimed: {yuan(water)}}}, refused: 费用办法 13}}")
    steps.append(f"      - {{on: 2024-03-06, do: reckon, with: {{{fields}, claimed: {yuan(right)}, water_claimed: {yuan(water + 1)}}}, refused: 费用办法 13}}")
    steps.append(f"      - {{on: 2024-03-06, do: reckon, with: {{{fields}, claimed: {yuan(right)}, water_claimed: {yuan(water)}}}}}")
scenarios = "pack: benchmark\nscenarios:\n  - title: 核算\n    given: {gravity: light, income: 0.00 yuan}\n    steps:\n" + "\n".join(steps) + "\n"
done = check(BASE, scenarios)
report(done.returncode == 0 and f"1 scenarios of {len(steps)} steps come out as written" in done.stdout, f"{len(amounts)} prices are those of a count by hand", done.stderr[:2000])
report(price(FEE, 10**8) + 5000 == 1380000, "and a million costs 13,800 yuan in court", str(price(FEE, 10**8)))

# ---- in words, in the manual ----
text = tap.run(FAZHI, "explain", str(PACK), lang="zh_CN.UTF-8").stdout
for words in ("## 裁量表", "### 罚款裁量基准", "| “一般”或者“严重” | 不满10000元 | 1000元 | 10000元 | 否 |", "| “一般” | 10000元以上 |", "可靠程度：地方规定（处罚法 34）", "分段计算",
              "“最高罚款”", "“罚款裁量基准”中与“情节”和“违法所得”对应的"):
    report(words in text, f"zh: {words}", "not said")
text = tap.run(FAZHI, "explain", str(PACK)).stdout
for words in ("## Tables", "below 10000 yuan", "from 10000 yuan", "by the table “Benchmark of fines” for “情节” and “违法所得”", "each slice is reckoned by its own row"):
    report(words in text.replace("Each", "each"), f"en: {words}", "not said")
schema = json.loads(tap.run(FAZHI, "manual", "--format", "schema").stdout)
report("of-table" in schema["$defs"] and "of-table-input" in schema["$defs"], "the schema knows tables", "")
report("slices" in tap.run(FAZHI, "manual").stdout, "the manual tells of slices", "")
plan()
