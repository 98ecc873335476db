#!/usr/bin/env python3
"""Review of a whole log against reading it: bench_review.py FAZHI BARE_SPLIT. Best of five rounds each, in one run.

The bar: from the packed log to its findings in at most 4 times `zcat FILE | wc -l` plus a bare split of its lines, in less than 200 MB.
"""
import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
FAZHI, SPLIT = sys.argv[1:3]
WHOLE = ROOT.parent / "shared/data/penalty_road_traffic_fines_2000-2009.csv.gz"
LOG = WHOLE if WHOLE.exists() else ROOT / "examples/traffic-fines/log.csv.gz"
ROUNDS = 5


def timed(command):
    """Seconds and peak memory in MB of a command whose output goes nowhere."""
    with open(os.devnull, "wb") as nowhere:
        start = time.monotonic()
        child = subprocess.Popen(command, shell=True, stdout=nowhere, stderr=nowhere)
        _, _, usage = os.wait4(child.pid, 0)
        return time.monotonic() - start, usage.ru_maxrss / 1024


def best(command):
    rounds = [timed(command) for _ in range(ROUNDS)]
    return min(r[0] for r in rounds), max(r[1] for r in rounds)


review = f"{FAZHI} review --map {ROOT}/examples/traffic-fines/map.yaml {LOG} --format json"
answer = json.loads(subprocess.run(review, shell=True, capture_output=True, check=False).stdout)
lines, _ = best(f"zcat {LOG} | wc -l")
split_us = int(subprocess.run(f"zcat {LOG} | {SPLIT}", shell=True, capture_output=True, check=True).stdout.split()[2])
seconds, memory = best("exec " + review)
base = lines + split_us / 1e6
print(f"review of {LOG.name}: {answer['cases']} cases, {answer['events']} events, {len(answer['list'])} findings in {seconds:.3f} s, {memory:.0f} MB; "
      f"zcat | wc -l {lines:.3f} s, a bare split {split_us / 1e6:.3f} s: {seconds / base:.2f} times their sum (bar 4, 200 MB)")
if LOG != WHOLE:
    print("the whole log is not there: this is the bundled sample, whose start-up weighs more")
