#!/usr/bin/env python3
"""Import of a whole log with proofs against a bare `.import` of the same file: bench_import.py FAZHI. Best of three rounds each, in one run.

The bars: at least 100,000 rows a second, and at most 5 times `sqlite3 .import`. Then the log is verified and its tables made anew, timed once each.
"""
import gzip
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
FAZHI = sys.argv[1]
WHOLE = ROOT.parent / "shared/data/penalty_road_traffic_fines_2000-2009.csv.gz"
LOG = WHOLE if WHOLE.exists() else ROOT / "examples/traffic-fines/log.csv.gz"
ROUNDS = 3


def timed(*command, **more):
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
    _, status, usage = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit(f"{command} ended with {status}")
    return time.monotonic() - start, usage.ru_maxrss / 1024


with tempfile.TemporaryDirectory(dir=".") as place:
    place = pathlib.Path(place)
    csv = place / "log.csv"
    csv.write_bytes(gzip.decompress(LOG.read_bytes()))
    rows = csv.read_bytes().count(b"\n") - 1
    ours, bare, memory = [], [], 0
    for _ in range(ROUNDS):
        shutil.rmtree(place / "city", ignore_errors=True)
        subprocess.run([FAZHI, "init", place / "city", "--place", "330106", "--synthetic"], check=True, stdout=subprocess.DEVNULL)
        seconds, used = timed(FAZHI, "import", place / "city", "--map", ROOT / "examples/traffic-fines/map.yaml", csv)
        ours.append(seconds)
        memory = max(memory, used)
        if shutil.which("sqlite3"):
            (place / "bare.db").unlink(missing_ok=True)
            bare.append(timed("sqlite3", place / "bare.db", ".mode csv", f".import {csv} log")[0])
    beside = f"sqlite3 .import {min(bare):.3f} s: {min(ours) / min(bare):.2f} times (bar 5)" if bare else "sqlite3 is not installed: nothing to hold it against"
    print(f"import of {LOG.name}: {rows} rows in {min(ours):.3f} s, {rows / min(ours):,.0f} rows/s (bar 100,000), {memory:.0f} MB; {beside}")
    print(f"verified in {timed(FAZHI, 'verify', place / 'city')[0]:.3f} s, rebuilt in {timed(FAZHI, 'rebuild', place / 'city')[0]:.3f} s")
    if LOG != WHOLE:
        print("the whole log is not there: this is the bundled sample, whose start-up weighs more")
