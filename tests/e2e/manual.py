#!/usr/bin/env python3
"""`fazhi manual`: the page names every key and problem, and the JSON Schema holds every shipped file. Prints TAP. usage: manual.py FAZHI"""
import copy
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from tap import ROOT, plan, report
import miniyaml
import tap

FAZHI = sys.argv[1]
KEYWORDS = {"$schema", "$defs", "$ref", "title", "description", "type", "enum", "pattern", "minimum", "properties", "required",
            "additionalProperties", "propertyNames", "items", "anyOf", "allOf", "if", "then", "else"}


def manual(*args, lang="C.UTF-8"):
    return tap.run(FAZHI, "manual", *args, lang=lang)


# ---- a validator of what the schema uses ----

TYPES = {"string": str, "number": (int, float), "integer": int, "boolean": bool, "object": dict, "array": list}


def keywords(schema):
    """Every keyword; what stands under properties and $defs are names."""
    if isinstance(schema, list):
        return set().union(*map(keywords, schema)) if schema else set()
    if not isinstance(schema, dict):
        return set()
    found = set(schema)
    for k, v in schema.items():
        if k in ("properties", "$defs"):
            for s in v.values():
                found |= keywords(s)
        elif k != "enum":
            found |= keywords(v)
    return found


def problems(value, schema, root, at="$"):
    """Where the value breaks the schema; of anyOf the nearest branch speaks."""
    if schema is True:
        return []
    if schema is False:
        return [f"{at}: nothing may stand here"]
    out = []
    if "$ref" in schema:
        out += problems(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, at)
    if "type" in schema:
        types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        if not any(isinstance(value, TYPES[t]) and (t == "boolean" or not isinstance(value, bool)) for t in types):
            out.append(f"{at}: is no {types}")
    if "enum" in schema and value not in schema["enum"]:
        out.append(f"{at}: {value!r} is none of {schema['enum']}")
    if "pattern" in schema and isinstance(value, str) and not re.search(schema["pattern"], value):
        out.append(f"{at}: {value!r} does not look like {schema['pattern']}")
    if "minimum" in schema and isinstance(value, int) and value < schema["minimum"]:
        out.append(f"{at}: {value} is too small")
    if isinstance(value, dict):
        out += object_problems(value, schema, root, at)
    if isinstance(value, list) and "items" in schema:
        for i, v in enumerate(value):
            out += problems(v, schema["items"], root, f"{at}[{i}]")
    for s in schema.get("allOf", []):
        out += problems(value, s, root, at)
    if "anyOf" in schema:
        each = [problems(value, s, root, at) for s in schema["anyOf"]]
        out += min(each, key=len)
    if "if" in schema:
        branch = "else" if problems(value, schema["if"], root, at) else "then"
        out += problems(value, schema.get(branch, True), root, at)
    return out


def object_problems(value, schema, root, at):
    out = [f"{at}: lacks {k}" for k in schema.get("required", []) if k not in value]
    for k, v in value.items():
        if "propertyNames" in schema:
            out += problems(k, schema["propertyNames"], root, f"{at}.{k} (name)")
        if k in schema.get("properties", {}):
            out += problems(v, schema["properties"][k], root, f"{at}.{k}")
        else:
            out += problems(v, schema.get("additionalProperties", True), root, f"{at}.{k}")
    return out


# ---- the schemas ----

schemas = {}
for of in ("pack", "scenarios", "map"):
    done = manual("--format", "schema", "--of", of)
    schemas[of] = json.loads(done.stdout)
    refs = set(re.findall(r'"#/\$defs/([^"]*)"', done.stdout))
    report(done.returncode == 0 and keywords(schemas[of]) <= KEYWORDS and refs <= set(schemas[of]["$defs"]),
           f"the schema of {of} is whole", f"{keywords(schemas[of]) - KEYWORDS} {refs - set(schemas[of]['$defs'])}")
report(manual("--format", "schema").stdout == manual("--format", "schema", "--of", "pack").stdout, "of packs if nothing else is said")
report(json.loads(manual("--format", "schema", lang="zh_CN.UTF-8").stdout)["title"] == "制度包", "in Chinese in a Chinese locale")

for of, pattern in (("pack", "packs/*.yaml"), ("pack", "tests/golden/*/b*.yaml"), ("scenarios", "packs/scenarios/*.yaml"), ("map", "examples/*/map.yaml")):
    files = sorted(ROOT.glob(pattern))
    report(len(files) > 1, f"there are files of {of}")
    for f in files:
        found = problems(miniyaml.load(f.read_text(encoding="utf-8")), schemas[of], schemas[of])
        report(not found, f"{f.relative_to(ROOT)} fits the schema", "\n".join(found))

BASE = miniyaml.load((ROOT / "tests/golden/check/base.yaml").read_text(encoding="utf-8"))
report(not problems(BASE, schemas["pack"], schemas["pack"]), "the base of the corpus fits the schema")


def edited(path, value):
    pack = copy.deepcopy(BASE)
    node = pack
    for k in path[:-1]:
        node = node[k]
    if value is None:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return pack


CASE = ("records", "sample_case")
BREAKS = [
    (("prat",), "x", "an unknown key"),
    (("part",), None, "a missing key"),
    (("part",), ["disputes"], "a list for a name"),
    (("pack",), "Sample", "a bad name"),
    (("version",), "soon", "no day"),
    (("title",), {"en": "Sample"}, "a title without Chinese"),
    (("laws", "复议法", "edition"), None, "a law without its edition"),
    (CASE + ("shape",), "file", "an unknown word"),
    (CASE + ("fields", "track", "type"), "person", "an unknown type"),
    (CASE + ("fields", "Track"), {"type": "flag", "title": "x"}, "a bad name of a field"),
    (CASE + ("actions", "extend", "times"), "0", "a count of none"),
    (CASE + ("actions", "extend", "by"), {"rol": "head"}, "an unknown key of a role"),
    (CASE + ("actions", "extend", "article"), None, "an action without its article"),
    (CASE + ("actions", "hear", "milestone"), "maybe", "no flag"),
    (CASE + ("clocks", "decision", "kind"), "doomed", "an unknown kind of clock"),
    (CASE + ("clocks", "decision", "suspends"), [{"whilst": "trial"}], "an unknown key of a suspension"),
    (CASE + ("clocks", "decision", "every"), "2 weeks", "no length"),
    (("rules",), [{"neever": "decide", "article": "复议法 1"}], "an unknown key of a rule"),
    (("indicators", "received_cases", "unit"), ["件"], "a list for a text"),
]
for path, value, name in BREAKS:
    report(problems(edited(path, value), schemas["pack"], schemas["pack"]), f"the schema refuses {name}")
amending = {"pack": "sample", "version": "2025-01-01", "amends": "2024-01-01", "records": {"sample_case": {"clocks": {"decision": {"limit": "50 days"}}}}}
report(not problems(amending, schemas["pack"], schemas["pack"]), "an amendment may leave out what it does not change")
amending["records"]["sample_case"]["clocks"]["decision"]["limt"] = "50 days"
report(problems(amending, schemas["pack"], schemas["pack"]), "and is held to the same keys")

# ---- the page ----

IDS = re.findall(r'^FZ_DIAG\(\w+, "([^"]+)"', (ROOT / "src/base/diag.def").read_text(encoding="utf-8"), re.M)
GRAMMAR = [l.removeprefix(" *").rstrip() for l in (ROOT / "src/law/expr.h").read_text(encoding="utf-8").split("The tree says")[0].splitlines() if re.match(r" \*     [ a-z]", l)]
for lang, of in (("C.UTF-8", "en"), ("zh_CN.UTF-8", "zh")):
    done = manual(lang=lang)
    headings = set(re.findall(r"^### (\S+)$", done.stdout, re.M))
    missing = [i for i in IDS if i not in headings]
    report(done.returncode == 0 and len(IDS) > 100 and not missing, f"every problem has its place in the manual ({of})", " ".join(missing))
    report("(null)" not in done.stdout, f"nothing is left unsaid ({of})")
    for name, schema in schemas.items():
        keys = {k for d, s in schema["$defs"].items() if d.startswith("of-") for part in [s] + s.get("anyOf", []) for k in part.get("properties", {})}
        lost = [k for k in keys if not re.search(rf"^\| (\*\*)?{k}(\*\*)? \|", done.stdout, re.M)]
        report(len(keys) > 4 and not lost, f"every key of {name} is in the manual ({of})", " ".join(lost))
    anchors = set(re.findall(r'<a id="([^"]*)">', done.stdout))
    links = set(re.findall(r"\]\(#([^)]*)\)", done.stdout))
    report(links and links <= anchors, f"every link leads somewhere ({of})", " ".join(links - anchors))
    lines = {l.strip() for l in done.stdout.splitlines()}
    lost = [l for l in GRAMMAR if l.strip() not in lines]
    report(len(GRAMMAR) >= 12 and not lost, f"the grammar is that of law/expr.h ({of})", "\n".join(lost))
    report("`div(N, D, down|up|half_up)`" in done.stdout, f"functions are named ({of})")
report("### clock (" in manual().stdout and "### clock (" not in manual("--of", "map").stdout, "--of leaves the other files out")
report(manual("--format", "pdf").returncode == 2 and manual("--of", "x").returncode == 2 and manual("x").returncode == 2, "wrong usage is said")
plan()
