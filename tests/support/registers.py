"""The registers of examples/, and what their indicators come to, counted here over the raw tables: no pack, no map, no clock of ours."""
import collections
import csv
import datetime
import gzip
import io
import re

import tap

HERE, DATA = tap.ROOT / "examples", tap.SHARED / "data"


def rows(path):
    return csv.DictReader(io.StringIO(gzip.decompress(path.read_bytes()).decode("utf-8")))


def whole(*names):
    return [DATA / f"{n}.csv.gz" for n in names]


class Register:
    """One example: pack (None: shipped), map, sample, whole files (several sets where each is a log of its own), and how its figures are counted."""

    def __init__(self, name, sample, wholes, figures, own_pack=True, until=None):
        self.name, self.folder, self.figures, self.until = name, HERE / name, figures, until
        self.pack = self.folder / "pack.yaml" if own_pack else None
        self.map = self.folder / "map.yaml"
        self.sample = [self.folder / s for s in sample]
        self.wholes = wholes


def counts(pairs):
    return collections.Counter(k for k, yes in pairs if yes)


# ---- hotline requests ----

def minute(text):
    return datetime.datetime.strptime(text[:16], "%Y-%m-%d %H:%M") if text else None


def boston(files):
    c, late = collections.Counter(), set()
    for r in rows(files[0]):
        target, closed, verdict = minute(r["target_dt"]), minute(r["closed_dt"]), r["on_time"]
        met, missed = bool(target and closed and closed <= target), bool(target and closed and closed > target)
        c += counts([("received", True), ("with_target", target), ("without_target", not target), ("closed", closed), ("closed_in_time", met), ("closed_late", missed),
                     ("closed_without_target", closed and not target), ("no_verdict", closed and not verdict),
                     ("same_verdict", (met and verdict == "ONTIME") or (missed and verdict == "OVERDUE")),
                     ("other_verdict", (met and verdict == "OVERDUE") or (missed and verdict == "ONTIME"))])
        if missed or (target and not closed and target < datetime.datetime(2016, 1, 12)):
            late.add(r["case_id"])
    return c, {"late_closing": late}


# ---- inspections ----

def toronto(files):
    c, seen = collections.Counter(), {}
    order = sorted(((r["Inspection Date"], n, i, r) for n, f in enumerate(files) for i, r in enumerate(rows(f))), key=lambda x: x[:3])
    for _, _, _, r in order:
        first = r["Inspection ID"] not in seen
        seen[r["Inspection ID"]] = True
        found = r["Severity"] != ""
        c += counts([("inspections", first), ("inspections_with_findings", first and found), ("conditional_passes", first and r["Establishment Status"] == "Conditional Pass"),
                     ("findings", found), ("ordered", r["Action"] == "Notice to Comply"), ("corrected_at_once", r["Action"] == "Corrected During Inspection"),
                     ("prosecuted", r["Action"] in ("Ticket", "Summons", "Summons and Health Hazard Order")), ("closures", r["Action"] == "Closure Order"),
                     ("convictions", r["Outcome"].startswith("Conviction")), ("fines", r["Amount Fined"] not in ("", "0"))])
    return c, {}


# ---- building permits ----

ACTS = {"01_HOOFD_030_2": "confirm", "08_AWB45_020_2": "ask", "08_AWB45_040": "complete", "06_VD_060_2": "extend", "10_UOV_030": "lay_open", "01_HOOFD_510_2": "decide",
        "08_AWB45_090_2": "leave_aside", "05_EIND_030_2": "terminate", "01_HOOFD_530": "publish", "01_HOOFD_820": "close"}
DAY = datetime.timedelta(days=1)
# How the clock was stopped that ran when the decision was sent, by it or by an earlier act.
FIGURE_OF = {("late_decision", False): "decided_in_time", ("late_decision", True): "decided_late", ("late_extended_decision", True): "extended_decided_late"}


def six_months(day):
    y, m = day.year + (day.month + 5) // 12, (day.month + 5) % 12 + 1
    last = (datetime.date(y + m // 12, m % 12 + 1, 1) - DAY).day
    return datetime.date(y, m, min(day.day, last))


class Term:
    """A term of days, counted day by day: what lies between asking for data and their coming in does not count."""

    def __init__(self, start):
        self.start, self.asked, self.completed, self.extra = start, [], [], 0

    def gaps(self):
        return [(a, self.completed[i] if i < len(self.completed) else None) for i, a in enumerate(self.asked)]

    def due(self, length):
        """None while the time stands still."""
        day, left = self.start, length + self.extra
        while left:
            day += DAY
            inside = [g for g in self.gaps() if g[0] < day and (g[1] is None or day <= g[1])]
            if any(g[1] is None for g in inside):
                return None
            left -= not inside
        return day

    def due_months(self):
        due = six_months(self.start)
        spans, merged = sorted(self.gaps(), key=lambda g: g[0]), []
        for a, b in spans:
            if merged and (merged[-1][1] is None or a <= merged[-1][1]):
                if merged[-1][1] is not None and (b is None or b > merged[-1][1]):
                    merged[-1][1] = b
            else:
                merged.append([a, b])
        for a, b in merged:
            if a >= due:
                continue
            if b is None:
                return None
            due += b - max(a, self.start) if b > self.start else datetime.timedelta(0)
        return due


def permits(files):
    c, late = collections.Counter(), {"late_decision": set(), "late_extended_decision": set()}
    acts = collections.defaultdict(list)
    for r in rows(files[0]):
        acts[r["case_id"]].append(((r["start_date"][:10], 0, ""), "receive"))
    for r in rows(files[1]):
        acts[r["case_id"]].append(((r["timestamp"][:10], 1, r["timestamp"][11:16]), ACTS.get(r["action_code"], "work")))
    for case, its in acts.items():
        term, done, stopped = None, collections.Counter(), False
        for (day, _, _), act in sorted(its, key=lambda x: x[0]):
            day = datetime.date.fromisoformat(day)
            done[act] += 1
            if act == "receive":
                term = Term(day)
                term.asked, term.completed = early_asked(its, day), early_completed(its, day)
            elif act == "ask" and term:
                term.asked.append(day)
            elif act == "complete" and term:
                term.completed.append(day)
            elif act == "extend" and term and not stopped and not done["lay_open"]:
                due = term.due(56)
                term.extra += 42 if due is None or day <= due else 0
            elif act == "extend" and term and not stopped:
                term.extra += 42
            if act in ("decide", "leave_aside", "terminate") and term and not stopped:
                open_draft = done["lay_open"] > 0
                due = term.due_months() if open_draft else term.due(56)
                stopped = ("late_extended_decision" if open_draft else "late_decision", due is not None and day > due)
                if stopped[1]:
                    late[stopped[0]].add(case)
            if act == "decide" and done["decide"] == 1 and stopped in FIGURE_OF:
                c[FIGURE_OF[stopped]] += 1
            c += counts([({"receive": "received", "extend": "extended_terms", "work": "steps"}.get(act, ""), act in ("receive", "extend", "work")),
                         ({"confirm": "confirmed", "ask": "asked_to_complete", "lay_open": "laid_open", "decide": "decided", "leave_aside": "left_aside",
                           "terminate": "terminated"}.get(act, ""), done[act] == 1)])
    return c, late


def early_asked(its, start):
    return [datetime.date.fromisoformat(k[0]) for k, a in sorted(its) if a == "ask" and k < (start.isoformat(), 0, "")]


def early_completed(its, start):
    return [datetime.date.fromisoformat(k[0]) for k, a in sorted(its) if a == "complete" and k < (start.isoformat(), 0, "")]


# ---- receipt of permits ----

def receipt(files):
    c, late = collections.Counter(), set()
    for r in rows(files[0]):
        start, end = r["start_date"][:10], r["end_date"][:10]
        missed = bool(end) and (datetime.date.fromisoformat(end) - datetime.date.fromisoformat(start)).days > 56
        c += counts([("received_applications", True), ("decided_applications", end), ("decided_in_time", end and not missed)])
        if missed:
            late.add(r["case_id"])
    seen = set()
    for r in rows(files[1]):
        key = (r["case_id"], r["activity"], r["timestamp"], r["resource"])
        c += counts([("confirmed", r["activity"].startswith("T05 ")), ("permit_free", r["activity"].startswith("T15 ")), ("held", r["activity"].startswith("T20 "))])
        assert key not in seen, key
        seen.add(key)
    return c, {"late_decision": late}


REGISTERS = [
    Register("boston-311", ["requests.csv.gz"], [whole("hotline_boston311_2015H1")], boston, until="2016-01-12"),
    Register("food-inspections", ["findings.csv.gz"], [whole(*(f"inspection_toronto_dinesafe_{y}" for y in (2009, 2010, 2011)))], toronto),
    Register("building-permits", ["cases.csv.gz", "events.csv.gz"],
             [whole(f"permit_bpic2015_municipality{m}_cases", f"permit_bpic2015_municipality{m}_events") for m in (1, 2, 3)], permits),
    Register("permit-receipt", ["cases.csv.gz", "events.csv.gz"], [whole("permit_wabo_receipt_cases", "permit_wabo_receipt_events")], receipt, own_pack=False),
]
FINES = Register("traffic-fines", ["log.csv.gz"], [whole("penalty_road_traffic_fines_2000-2009")], None, own_pack=False)


def indicator_names(pack):
    text = pack.read_text(encoding="utf-8")
    return re.findall(r"^  (\w+): \{title:", text[text.index("\nindicators:"):], re.M)
