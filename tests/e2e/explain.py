#!/usr/bin/env python3
"""`fazhi explain` on every shipped pack, in both languages and all forms, and on a pack whose titles are hostile. Prints TAP. usage: explain.py FAZHI"""
import html.parser
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from tap import ROOT, plan, report, skip
import tap

FAZHI = sys.argv[1]
LOCALES = {"en": "C.UTF-8", "zh": "zh_CN.UTF-8"}
# Name of the pack, version asked for, files it is made of: an amendment reads with what it amends.
PACKS = [("hotline", None, ["hotline"]), ("ledger", None, ["ledger"]), ("licence", None, ["licence"]), ("penalty", None, ["penalty"]),
         ("reconsideration", None, ["reconsideration"]), ("nl-permit-receipt", None, ["nl-permit-receipt"]), ("organs", None, ["organs"]),
         ("mediation", None, ["mediation"]), ("disputes", None, ["disputes"]), ("petition", None, ["petition"]), ("litigation", None, ["litigation"]),
         ("hotline-governance", None, ["hotline-governance"]), ("reconsideration-organs", None, ["reconsideration-organs"]),
         ("legal-services", "2022-01-01", ["legal-services"]), ("law-publicity", "2022-01-01", ["law-publicity"]),
         ("it-traffic-fines", "1993-01-01", ["it-traffic-fines"]),
         ("it-traffic-fines", "2010-08-13", ["it-traffic-fines", "it-traffic-fines-2010-08-13"]),
         ("it-traffic-fines", None, ["it-traffic-fines", "it-traffic-fines-2010-08-13", "it-traffic-fines-2011-10-06"])]
VOID = {"meta", "br", "hr", "link", "img"}


def explain(*args, lang="en"):
    return tap.run(FAZHI, "explain", *args, lang=LOCALES[lang])


def source(files):
    """The text of pack files without comments."""
    text = "\n".join((ROOT / "packs" / f"{f}.yaml").read_text(encoding="utf-8") for f in files)
    return re.sub(r"(^[ \t]*|[ \t]+)#.*", "", text, flags=re.M)


SCALAR = r"""("[^"]*"|[^,{}\n]+)"""


def titles(text, lang):
    """What a pack calls its parts in a language, or else in the other: the last file's word where several speak of the same thing."""
    found = []
    for m in re.finditer(r"title: (?:\{zh: %s, en: %s\}|%s)|^      \w+: \{zh: %s, en: %s\}" % ((SCALAR,) * 5), text, re.M):
        zh, en, only, zh_stage, en_stage = (s.strip().strip('"') if s else s for s in m.groups())
        found.append(only or ((zh or zh_stage) if lang == "zh" else (en or en_stage)))
    return found


def articles(text):
    names = re.search(r"^laws:\n((?:  .*\n|\n)+)", text, re.M).group(1)
    laws = re.findall(r"^  (\w+): \{", names, re.M)
    cited = re.sub(r"source: [^}\n]*", "", text)
    return sorted({m.group(0) for m in re.finditer(r"(?:%s) [0-9][0-9a-z:().-]*" % "|".join(laws), cited)})


def plain_markdown(text):
    """The words of the Markdown: marks taken away, escapes undone."""
    lines = [l for l in text.splitlines() if not re.fullmatch(r"\|( --- \|)+", l)]
    text = "\n".join(re.sub(r"^(#+ | *- |\| )", "", l) for l in lines)
    text = re.sub(r"(?<!\\)(\*\*|`|\|)", "", text)
    return re.sub(r"\\(.)", r"\1", text)


class Page(html.parser.HTMLParser):
    """Whether the tags of a page are balanced, its words outside contents, pictures and head, its links and targets."""

    def __init__(self, text):
        super().__init__()
        self.open, self.wrong, self.words, self.links, self.ids, self.svgs, self.foreign = [], [], [], [], set(), 0, []
        self.feed(text)
        self.close()
        self.wrong += [f"<{t}> is never closed" for t in self.open]

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)
        self.svgs += tag == "svg"
        for name, value in attrs:
            if name == "id":
                self.wrong += [f"id {value} twice"] if value in self.ids else []
                self.ids.add(value)
            if name == "href":
                self.links.append(value)
            if name in ("src", "srcset", "xlink:href", "action", "data") or name.startswith("on"):
                self.foreign.append(f"{tag} {name}")

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.wrong.append(f"</{tag}> where {self.open[-1:]} is open, line {self.getpos()[0]}")
        else:
            self.open.pop()

    def handle_data(self, data):
        if "main" in self.open and not {"nav", "figure"} & set(self.open):
            self.words.append(data)


def squeeze(text):
    return re.sub(r"\s+", "", text)


def missing(words, text):
    return "\n".join(f"not said: {w}" for w in words if squeeze(w) not in squeeze(text))


def uneven_tables(text):
    """Rows of a table with other columns than its head."""
    bad, width = [], None
    for line in text.splitlines():
        if not line.startswith("|"):
            width = None
            continue
        cells = len(re.findall(r"(?<!\\)\|", line))
        width = width or cells
        if cells != width:
            bad.append(line)
    return "\n".join(bad)


def check_markdown(name, files, lang, text):
    yaml = source(files)
    plain = plain_markdown(text)
    # An amendment has a title of its own, in place of the first.
    detail = missing(titles(yaml, lang)[len(files) > 1:] if len(files) < 3 else titles(source(files[:1] + files[2:]), lang)[1:], plain)
    report(not detail, f"{name} {lang}: every title of the pack is said", detail)
    detail = missing(articles(yaml), plain)
    report(not detail, f"{name} {lang}: every article cited is said", detail)
    without_code = re.sub(r" ?`[^`]*`", "", text)
    bad = re.findall(r"[a-z]+_[a-z_]+", without_code)
    report(not bad, f"{name} {lang}: no identifier stands for a name", " ".join(bad))
    bad = [l for l in without_code.splitlines() if re.search(r"“”|\{\d\}|  +\S|\bnull\b|（）|\(\)", l.lstrip()) or "。。" in l or ".." in l]
    report(not bad, f"{name} {lang}: no sentence has a hole", "\n".join(bad))
    report(not uneven_tables(text), f"{name} {lang}: tables are even", uneven_tables(text))


def records_of(files):
    """How many record types a pack has."""
    return len(re.findall(r"^    shape:", source(files[:1]), re.M))


def check_html(name, files, lang, args, markdown):
    done = explain(*args, "--format", "html", lang=lang)
    page = Page(done.stdout)
    report(done.returncode == 0 and not page.wrong, f"{name} {lang}: the page is balanced", done.stderr + "\n".join(page.wrong))
    report("<ul>\n</ul>" not in done.stdout, f"{name} {lang}: no list is empty", "")
    report(page.svgs == records_of(files), f"{name} {lang}: one picture for each record", str(page.svgs))
    bad = [l for l in page.links if not l.startswith("#") or l[1:] not in page.ids] + page.foreign
    bad += re.findall(r"url\(|@import|<script|https?://(?!www\.w3\.org/)", done.stdout)
    report(not bad, f"{name} {lang}: links stay on the page, nothing is fetched or run", " ".join(bad))
    same = squeeze("".join(page.words)) == squeeze(plain_markdown(markdown))
    report(same, f"{name} {lang}: the page says what the Markdown says", "")
    report(f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in done.stdout, f"{name} {lang}: the page names its language", "")


def drawn(dot):
    """The graphs drawn by the program `dot`, or its complaint."""
    done = subprocess.run(["dot", "-Tsvg"], input=dot, capture_output=True, text=True, timeout=60)
    return done.stdout if done.returncode == 0 and "rror" not in done.stderr else "complaint: " + done.stderr


def check_dot(name, files, lang, args):
    done = explain(*args, "--format", "dot", lang=lang)
    stages = [s for s in re.findall(r"^  s\d+ \[", done.stdout, re.M)]
    report(done.returncode == 0 and done.stdout.count("digraph") == records_of(files) and len(stages) >= 3, f"{name} {lang}: a graph for each record", done.stderr)
    if not shutil.which("dot"):
        skip(f"{name} {lang}: dot draws it", "the program dot is not there")
        return
    svg = drawn(done.stdout)
    report(svg.count("<svg") == records_of(files) and len(re.findall(r'class="node', svg)) >= len(stages), f"{name} {lang}: dot draws it", svg[:2000])


for pack, version, files in PACKS:
    args = [pack] + (["--version", version] if version else [])
    name = files[-1]
    shapes = []
    for lang in LOCALES:
        done = explain(*args, lang=lang)
        report(done.returncode == 0 and done.stderr == "", f"{name} {lang}: is explained", done.stderr)
        check_markdown(name, files, lang, done.stdout)
        check_html(name, files, lang, args, done.stdout)
        check_dot(name, files, lang, args)
        shapes.append([re.match(r"^(#+|\| | *-|)", l).group(0) for l in done.stdout.splitlines()])
    report(shapes[0] == shapes[1], f"{name}: both languages say the same, line by line", "")

# Sentences as a lawyer would have them, on what the packs fix.
zh = explain("reconsideration", lang="zh").stdout
for words in ["自“受理”之日起下列时间内（“审理程序”为“普通程序”的，六十日；“审理程序”为“简易程序”的，三十日），应当完成“作出决定”、“驳回申请”、“调解书生效”或者“终止”之一。",
              "“审理程序”为“普通程序”的，经“延长”，可以延长三十日（复议法 62）。", "“中止”期间不计入。",
              "由本机关的负责人进行，但办理过“拟出意见”的人除外。",
              "自“补正通知书”送达之日起十个工作日内没有“补正”的，期满即依法发生“视为放弃”。",
              "在“听取意见”之前，不得进行“作出决定”，除非“审理程序”为“简易程序”（复议法 49）。"]:
    report(words in zh, f"zh: {words[:40]}", "not said")
en = explain("nl-permit-receipt").stdout
for words in ["Within 56 days from the day of “Receive the application”, “Decide on the application” or “The applicant withdraws” must follow.",
              "“Extend the term by six weeks” may extend it by 42 days (Wabo 3.9(2))."]:
    report(words in en, f"en: {words[:40]}", "not said")

# Which pack, which version.
limits = {"2010-08-12": "within 150 days", "2010-08-13": "within 90 days", "2011-10-05": "within 60 days from the day of “notification", None: "within 30 days"}
for version, words in limits.items():
    text = explain("it_traffic_fines", *(["--version", version] if version else [])).stdout.lower()
    report(words in text, f"the version of {version or 'the newest'} says {words}", text[:300])
report(explain(str(ROOT / "packs/licence.yaml")).stdout == explain("licence").stdout, "a file reads like the pack by its name", "")
amendment = explain(str(ROOT / "packs/it-traffic-fines-2010-08-13.yaml"))
report("Within 90 days" in amendment.stdout, "a file that amends a shipped pack is read with it", amendment.stderr)
for args, words in [([], "which pack?"), (["licence", "penalty"], "which pack?"), (["licence", "--format", "pdf"], "--format is md, html or dot"),
                    (["licence", "--version", "soon"], "--version is a day"), (["licence", "--version", "2001-01-01"], "no version of licence"),
                    (["nowhere"], "no shipped pack is called nowhere"), (["nowhere.yaml"], "nowhere.yaml: No such file"), (["licence", "--frmat", "md"], "has no option --frmat")]:
    done = explain(*args)
    report(done.returncode == 2 and words in done.stderr and done.stdout == "", f"refused: explain {' '.join(args)}", done.stderr + done.stdout[:200])

# A pack that is wrong, and one whose titles want out of where they stand.
BASE = (ROOT / "tests/golden/check/base.yaml").read_text(encoding="utf-8")
TITLE = "</h1><script>alert(1)</script>\n\n# \"'\\\\ \\N | `x` *y* [a](javascript:b) &lt; \"]; evil -> evil [label=\"end\\"
QUOTED = '"' + TITLE.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def hostile():
    text = BASE.replace("{zh: 样例, en: Sample}", QUOTED).replace("title: 样例案件", f"title: {QUOTED}")
    text = text.replace("stages: [received, accepted, closed]", "stages: {received: {zh: %s, en: %s}, accepted: {zh: 受理, en: A}, closed: {zh: %s, en: C}}" %
                        ((QUOTED,) * 3))
    for word in ("申请人", "审理程序", "中止", "收到", "受理", "听取意见", "决定", "通知书", "超过期限", "新收案件"):
        text = re.sub(r"(title|else): %s(?=[,}])" % word, lambda m: f"{m.group(1)}: {QUOTED}", text)
    return text


with tempfile.TemporaryDirectory() as folder:
    file = pathlib.Path(folder) / "pack.yaml"
    file.write_text(BASE.replace("kind: deemed", "kind: doomed"), encoding="utf-8")
    done = explain(str(file))
    report(done.returncode == 2 and "error[unknown-word]" in done.stderr and done.stdout == "", "a wrong pack is refused with its problems", done.stderr)
    file.write_text(hostile(), encoding="utf-8")
    for lang in LOCALES:
        done = explain(str(file), lang=lang)
        text = done.stdout
        report(done.returncode == 0, f"hostile {lang}: is explained", done.stderr)
        report(not re.search(r"(?<!\\)<|(?<!\\)\[|(?<!\\)\*y|(?<!\\)`x", text) and not uneven_tables(text), f"hostile {lang}: no mark of a title stands bare", "\n".join(
            l for l in text.splitlines() if re.search(r"(?<!\\)[<\[]", l)))
        report(len(re.findall(r"^# ", text, re.M)) == 1, f"hostile {lang}: no title begins a heading", text[:300])
        one_line = TITLE.replace("\n", " ")
        report(one_line in plain_markdown(text), f"hostile {lang}: the title is there as it was written", text[:300])
        page = Page(explain(str(file), "--format", "html", lang=lang).stdout)
        report(not page.wrong and not page.foreign and page.svgs == 1, f"hostile {lang}: the page is balanced", "\n".join(page.wrong + page.foreign))
        report(one_line in "".join(page.words), f"hostile {lang}: the page shows the title as it was written", "".join(page.words)[:300])
        dot = explain(str(file), "--format", "dot", lang=lang).stdout
        if shutil.which("dot"):
            svg = drawn(dot)
            report(svg.count("<svg") == 1 and svg.count('class="node') == 5 and "<script" not in svg and ">evil<" not in svg,
                   f"hostile {lang}: dot draws three stages, a start and a note", svg[:2000])
            shown = [squeeze(html.unescape(s)) for s in re.findall(r"<text[^>]*>(.*?)</text>", svg)]
            report(squeeze(one_line) in shown, f"hostile {lang}: the graph shows the title as it was written", "\n".join(shown[:6]))
        else:
            skip(f"hostile {lang}: dot draws three stages, a start and a note", "the program dot is not there")
            skip(f"hostile {lang}: the graph shows the title as it was written", "the program dot is not there")
plan()
