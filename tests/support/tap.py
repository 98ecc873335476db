"""What the end-to-end tests share: TAP on standard output, and the command under test in a fixed locale."""
import os
import pathlib
import subprocess

ROOT = pathlib.Path(os.environ.get("FZ_ROOT", "."))
SHARED = pathlib.Path(os.environ.get("FZ_SHARED", ROOT / ".." / "shared"))
number = 0


def report(ok, name, detail=""):
    global number
    number += 1
    print(f"{'ok' if ok else 'not ok'} {number} - {name}")
    if not ok:
        print("# " + detail.replace("\n", "\n# "))


def says(name, done, code, *texts, never=()):
    """A command that was run: its exit status, and what its output has in it and has not."""
    out = done.stdout + done.stderr
    fine = done.returncode == code and all(t in out for t in texts) and not any(t in out for t in never)
    report(fine, name, f"exit {done.returncode}, expected {code}: {texts}\n{out[:1500]}")
    return done


def skip(name, why):
    global number
    number += 1
    print(f"ok {number} - {name} # SKIP {why}")


def plan():
    print(f"1..{number}")


def run(*command, lang="C.UTF-8", timeout=60):
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=dict(os.environ, LC_ALL=lang))
