#!/usr/bin/env python3
"""The documents against what they speak of: files, commands, options, tests, words; README.md against what is printed. Prints TAP. usage: docs.py FAZHI"""
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from tap import ROOT, plan, report
import tap
import workbook

ROOT = ROOT.resolve()
FAZHI = pathlib.Path(sys.argv[1]).resolve()


def text_of(path):
    return path.read_text(encoding="utf-8")


def listing(paths):
    return "\n".join(sorted(paths))


DOCUMENTS = [ROOT / "README.md", *sorted(ROOT.glob("doc/*.md")), *sorted(ROOT.glob("doc/decisions/*.md")), *sorted(ROOT.glob("src/*/README.md")),
             *(ROOT / f"{folder}/README.md" for folder in ("calendars", "packs", "tests")), *sorted(ROOT.glob("examples/*/README.md"))]
SOURCES = {p: text_of(p) for p in sorted(ROOT.glob("src/*/*.[ch]")) + sorted(ROOT.glob("src/*/*.def"))}


def name_of(document):
    return str(document.relative_to(ROOT))


# ---- files ----

ENDINGS = ("c", "h", "def", "py", "md", "yaml", "tsv", "csv", "gz", "txt", "sh", "html", "json", "build")
MADE = {"report.html", "pack.schema.json"}  # what a command that is shown writes
ANY = re.compile(r"\b(NAME|MINE|PACK|MAP|FILE|DIR)\b")  # stands for a name of one's own


def is_file_name(word):
    """A path in backticks: letters, with a slash or a known ending. Not `3/4`, not `CLOCK.over`, not an option."""
    if not re.fullmatch(r"[\w.*][\w.*/-]*", word) or not re.search(r"[A-Za-z]", word):
        return False
    return "/" in word or word.rpartition(".")[2] in ENDINGS and "." in word


def files_named(document):
    text = text_of(document)
    words = {w for quoted in re.findall(r"`([^`\n]+)`", text) for w in quoted.split() if is_file_name(w)}
    links = {link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"\w+:|#", link)}
    return words | links


def exists(document, word):
    pattern = ANY.sub("*", word).rstrip("/")
    if word in MADE or word.startswith("build/") or pattern.startswith("*."):
        return True
    return any(any(folder.glob(pattern)) for folder in (document.parent, ROOT, ROOT / "src"))


for document in DOCUMENTS:
    lost = [w for w in files_named(document) if not exists(document, w)]
    report(not lost, f"{name_of(document)}: the files that it names are there", listing(lost))

for readme in sorted(ROOT.glob("src/*/README.md")):
    named = {name for line in text_of(readme).splitlines() if line.startswith("| `") for name in re.findall(r"`([^`]+)`", line.split("|")[1])}
    lost = [p.name for p in SOURCES if p.parent == readme.parent and p.name not in named]
    report(not lost, f"{name_of(readme)}: has a line for each file of its folder", listing(lost))

# ---- commands and options ----


def commands_of(help_text):
    """{command: its options}"""
    out = {}
    for line in help_text.splitlines():
        command, option = re.match(r"fazhi (\w+) ", line), re.match(r" +(--[\w-]+)", line)
        if command:
            options = out[command[1]] = set()
        elif option:
            options.add(option[1])
    return out


COMMANDS = commands_of(tap.run(FAZHI, "help").stdout)
report(len(COMMANDS) >= 5 and sum(map(bool, COMMANDS.values())) >= 5, "`fazhi help` lists commands with their options", str(COMMANDS))


def code_of(text):
    """What stands in backticks, and the lines of blocks."""
    return re.findall(r"`([^`\n]+)`", text) + re.findall(r"^ {4}(.*)$", text, re.M)


def wrong_usage(text):
    for code in code_of(text):
        called = re.search(r"\bfazhi (\w+)", code)
        options = set(re.findall(r"(?<![\w-])--[a-z][\w-]*", code))
        if called and called[1] != "help" and called[1] not in COMMANDS:
            yield f"no such command: {code}"
        elif called and called[1] in COMMANDS:
            yield from (f"{called[1]} has no option {o}: {code}" for o in options - COMMANDS[called[1]])
        elif re.fullmatch(r"--[a-z].*", code):
            yield from (f"no command has the option {o}" for o in options if not any(o in have for have in COMMANDS.values()))


for document in DOCUMENTS:
    wrong = list(wrong_usage(text_of(document)))
    report(not wrong, f"{name_of(document)}: the commands and options that it names exist", listing(wrong))
named = {c for d in DOCUMENTS for code in code_of(text_of(d)) for c in re.findall(r"\bfazhi (\w+)", code)}
report(set(COMMANDS) <= named, "every command is spoken of", listing(set(COMMANDS) - named))

# ---- what README.md shows is what is printed ----


def samples(text):
    """(command, lines shown) of every block line that begins with $."""
    out, shown = [], None
    for line in text.splitlines():
        if line.startswith("    $ "):
            shown = []
            out.append((line[6:], shown))
        elif shown is not None and (line.startswith("    ") or not line):
            shown.append(line[4:])
        else:
            shown = None
    return [(command, "\n".join(shown).strip("\n")) for command, shown in out]


def shows(sample, printed):
    """A line of three dots stands for any lines, three dots within a line for anything in it."""
    lines = [re.escape(line).replace(re.escape("..."), ".*") for line in sample.splitlines()]
    pattern = "".join("(?:.*\n)*?" if line == ".*" else line + "\n" for line in lines)
    return re.fullmatch(pattern, printed.rstrip("\n") + "\n")


def output_of(command, folder):
    words = shlex.split(command)
    assert words[0] == "build/fazhi", command
    done = subprocess.run([str(FAZHI), *words[1:]], cwd=folder, capture_output=True, text=True, timeout=60, env=dict(os.environ, LC_ALL="C.UTF-8"))
    return done.stdout + done.stderr


with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    (folder / "examples").symlink_to(ROOT / "examples")
    base = text_of(ROOT / "tests/golden/check/base.yaml")
    assert base.count("limit: 5 working_days") == 1
    (folder / "mine.yaml").write_text(base.replace("limit: 5 working_days", "limit: 5 days"), encoding="utf-8")
    head = "case_id,activity,timestamp,resource,amount,total_payment_amount,payment_amount,expense,article,points,vehicle_class,notification_type,last_sent,dismissal,matricola"
    fines = [("X1", "Create Fine", "2006-02-20"), ("X1", "Send Fine", "2006-03-01"), ("X2", "Create Fine", "2006-02-21"), ("X3", "Create Fine", "2006-02-30")]
    workbook.write(folder / "fines.xlsx", {"罚单": [head.split(",")] + [[*f] + [""] * 12 for f in fines]})
    shown = samples(text_of(ROOT / "README.md"))
    report(len(shown) >= 5, "README.md shows commands at work", str(len(shown)))
    for command, sample in shown:
        printed = output_of(command, folder)
        report(bool(shows(sample, printed)) if sample else printed == "", f"README.md: {command}", printed[:1500])

# ---- tests ----

MESON = text_of(ROOT / "meson.build")
TARGETS = set(re.findall(r"'([\w-]+)'", MESON)) | {f"fuzz-{p.stem.removeprefix('fuzz_')}" for p in ROOT.glob("tests/fuzz/fuzz_*.c")}
for document in DOCUMENTS:
    calls = re.findall(r"meson test -C build/\w+ (.*)", text_of(document).replace("`", "\n"))
    asked = {w for call in calls for w in re.split(r"  +", call)[0].replace("--suite", "").split() if w != "NAME"}
    if asked:
        report(asked <= TARGETS, f"{name_of(document)}: the tests that it names are in meson.build", listing(asked - TARGETS))
programs = {p.stem for p in ROOT.glob("tests/e2e/*.py")} | {p.stem.removeprefix("test_") for p in ROOT.glob("tests/unit/test_*.c")}
report(programs <= TARGETS, "every test program is in meson.build", listing(programs - TARGETS))

UNIT = "\n".join(text_of(p) for p in sorted(ROOT.glob("tests/unit/*.c")))
for number in range(1, 21):
    defined = re.findall(rf"^static void (test_field_bug_{number:02}__\w+)\(void \*\*state\)", UNIT, re.M)
    listed = [name for name in defined if re.search(rf"\(({name})\)", UNIT)]
    report(len(defined) == 1 and listed == defined, f"field bug {number} has its test, and it is run", str(defined))

# ---- words ----

GLOSSARY = [[cell.strip() for cell in line.strip("|").split("|")] for line in text_of(ROOT / "doc/glossary.md").splitlines() if line.startswith("| `")]
IDENTIFIERS = [row[0].strip("`") for row in GLOSSARY]
report(len(GLOSSARY) > 100 and all(len(row) == 4 and all(row) for row in GLOSSARY), "the glossary has four cells a row",
       listing(" | ".join(row) for row in GLOSSARY if len(row) != 4 or not all(row)))
report(IDENTIFIERS == sorted(IDENTIFIERS, key=str.lower), "in alphabetical order")


def twice(words):
    return {w for w in words if words.count(w) > 1}


report(not twice(IDENTIFIERS), "no identifier twice", listing(twice(IDENTIFIERS)))
report(not twice([row[1] for row in GLOSSARY]), "no term for two concepts", listing(twice([row[1] for row in GLOSSARY])))
report(all(re.search("[\u4e00-\u9fff]", row[1]) for row in GLOSSARY), "every term is Chinese")


def stands_in(identifier, text):
    return re.search(rf"(?<![A-Za-z]){identifier}(?![A-Za-z])", text)


lost = [f"{i} in {row[3]}" for i, row in zip(IDENTIFIERS, GLOSSARY) if not stands_in(i, SOURCES.get(ROOT / "src" / row[3].strip("`"), ""))]
report(not lost, "each identifier stands where it is said to", listing(lost))

PACK, CASE, TERM, CALENDAR = (SOURCES[ROOT / f"src/law/{name}.h"] for name in ("pack", "case", "term", "calendar"))
table = r'X\(\w+, "(\w+)"'
WANTED = {
    "kinds of clocks": re.findall(table, PACK.split("#define FZ_CLOCK_KINDS")[1].split("typedef")[0]),
    "states of clocks": re.findall(table, TERM.split("#define FZ_CLOCK_STATES")[1].split("typedef")[0]),
    "grounds": re.findall(r"^    (FZ_G_\w+)", CASE, re.M),
    "rules": [r for r in re.findall(r"^        (FZ_RULE_\w+)", PACK, re.M) if r != "FZ_RULE_ONCE"] + ["once"],
    "kinds of days": re.findall(r"^    (FZ_DAY_\w+)", CALENDAR, re.M),
    "degrees of confidence": re.search(r'CONFIDENCE_WORDS "([a-z ]+)"', SOURCES[ROOT / "src/law/pack.h"])[1].split(),
}
for what, words in WANTED.items():
    report(len(words) > 3 and set(words) <= set(IDENTIFIERS), f"the glossary has the {what}", listing(set(words) - set(IDENTIFIERS)) or str(words))
plan()
