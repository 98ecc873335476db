#!/usr/bin/env python3
"""Adds up single tests over meson's logs: tools/count-tests.py TESTLOG.json...

A test that speaks TAP counts as many as it reports; one that does not counts as one, by meson's verdict. A TAP test that ends
before its plan is fulfilled, or that fails as a process with every point passed (a leak found at exit, say), is a failure as
well, and so is a log that is not there.

cmocka reports a skipped test as `not ok 2 # SKIP name`, which meson's own reader of TAP takes for a failure: such programs are
declared without `protocol: 'tap'`, and print the reason as a `# ...` line just before skip().

Prints the output of what failed, then why each skipped test was skipped, then one line: N passed, N failed, N skipped.
Exit: 0 when something was counted and nothing failed, 1 otherwise.
"""

import json
import re
import sys

PLAN = re.compile(r"^\s*1\.\.(\d+)\s*(?:#\s*skip\S*\s*(.*))?$", re.IGNORECASE)
POINT = re.compile(r"^\s*(not )?ok\s+(\d+)\b\s*(?:-\s*)?(.*)$")
SKIP = re.compile(r"#\s*skip\S*\s*(.*)$", re.IGNORECASE)
MESON_PASSED = {"OK", "EXPECTEDFAIL"}


class Count:
    def __init__(self):
        self.passed = 0
        self.failed = []  # names
        self.skipped = []  # (name, reason)


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1].lstrip("# ") if lines else "no reason given"


def skip_reason(words, name, before):
    """What follows `# SKIP`, or, where that is only the test's name (cmocka), the comment or message just before it."""
    if words and words != name:
        return words
    return before.strip().lstrip("# ") or "no reason given"


def count_tap(test, output, count):
    """Counts the points of one program; returns how many were planned and how many reported."""
    planned = reported = 0
    before = ""
    for line in output.splitlines():
        plan, point = PLAN.match(line), POINT.match(line)
        if plan:
            planned += int(plan[1])
            if plan[2] is not None:
                count.skipped.append((test, plan[2] or "no reason given"))
        elif point:
            reported += 1
            count_point(test, point, before, count)
        before = "" if plan or point else line
    return planned, reported


def count_point(test, point, before, count):
    skip = SKIP.search(point[3])
    name = point[3][: skip.start()].strip() if skip else point[3].strip()
    if skip:
        name = name or skip[1].strip()
        count.skipped.append((f"{test}: {name}", skip_reason(skip[1].strip(), name, before)))
    elif point[1]:
        count.failed.append(f"{test}: {name}")
    else:
        count.passed += 1


def count_verdict(test, result, output, count):
    if result == "SKIP":
        count.skipped.append((test, last_line(output)))
    elif result in MESON_PASSED:
        count.passed += 1
    else:
        count.failed.append(f"{test}: {result.lower()}")


def speaks_tap(output):
    return any(PLAN.match(line) or POINT.match(line) for line in output.splitlines())


def count_test(entry, count):
    test, result = entry["name"], entry["result"]
    stdout, stderr = entry.get("stdout") or "", entry.get("stderr") or ""
    if not speaks_tap(stdout):
        count_verdict(test, result, stdout or stderr, count)
        return
    failed_before = len(count.failed)
    planned, reported = count_tap(test, stdout, count)
    if planned != reported:
        count.failed.append(f"{test}: planned {planned} tests and reported {reported}")
    elif result not in MESON_PASSED | {"SKIP"} and len(count.failed) == failed_before:
        count.failed.append(f"{test}: {result.lower()}, exit status {entry.get('returncode')}")


def count_log(path, count):
    try:
        with open(path, encoding="utf-8", errors="replace") as log:
            entries = [json.loads(line) for line in log if line.strip()]
    except (OSError, ValueError) as problem:
        count.failed.append(f"{path}: no readable log ({problem}); what went wrong is said above")
        return
    for entry in entries:
        failed_before = len(count.failed)
        count_test(entry, count)
        if len(count.failed) > failed_before:
            print(f"---- {entry['name']} ({entry['result'].lower()})")
            print(entry.get("stdout") or "", entry.get("stderr") or "", sep="")


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: tools/count-tests.py TESTLOG.json...")
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    count = Count()
    for path in sys.argv[1:]:
        count_log(path, count)
    for name in count.failed:
        print(f"failed   {name}")
    for name, reason in count.skipped:
        print(f"skipped  {name}: {reason}")
    print(f"{count.passed} passed, {len(count.failed)} failed, {len(count.skipped)} skipped")
    return 1 if count.failed or not count.passed else 0


if __name__ == "__main__":
    sys.exit(main())
