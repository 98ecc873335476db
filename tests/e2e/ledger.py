#!/usr/bin/env python3
"""Keys, heads, witnesses and receipts of a data folder, with the real binary, against an implementation of its own of the proofs (tests/support/rfc9162.py)
and the command openssl; and every way to cheat. Prints TAP. usage: ledger.py FAZHI"""
import base64
import concurrent.futures
import contextlib
import fcntl
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from tap import plan, report, says, skip
import rfc9162
import tap

FAZHI = sys.argv[1]
PLACE = ("--place", "330106")
said = []  # everything that the program ever printed


def fazhi(*args, lang="C.UTF-8"):
    done = tap.run(FAZHI, *map(str, args), lang=lang)
    said.append(done.stdout + done.stderr)
    return done


def holds(name, call):
    try:
        call()
        report(True, name)
    except (rfc9162.Wrong, ValueError, KeyError) as e:
        report(False, name, repr(e))


def keys_of(*files):
    return [rfc9162.Key(line) for f in files for line in f.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]


def act(folder, *more, day="2026-02-13"):
    return fazhi("act", folder, "new", "receive", "--type", "reconsideration_case", "act_on=2026-01-19", "known_on=2026-01-20", "applicants=张三丰某", "respondent=区城管局",
                 "--on", day, "--organ", "西湖区政府", *more)


@contextlib.contextmanager
def table_of(folder):
    """Its database, closed again: SQLite would take a file that comes later under the same inode for this one."""
    with contextlib.closing(sqlite3.connect(folder / "log.db")) as db:
        yield db
        db.commit()


def entries_of(folder):
    with table_of(folder) as db:
        return [bytes(b) for (b,) in db.execute("select bytes from entry order by seq")]


def records(folder):
    """Of the keys of the log, as `key list` has them: {record: the rest of its line}."""
    return dict(line.split("\t", 1) for line in fazhi("key", folder, "list").stdout.splitlines())


def head_of(folder):
    return rfc9162.Head(fazhi("head", folder).stdout)


def copy(folder, to):
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(folder, to)
    return to


with tempfile.TemporaryDirectory() as place:
    place = pathlib.Path(place)
    city, trust = place / "city", place / "trust"

    # ---- keys ----
    says("a folder has a key from the start", fazhi("init", city, *PLACE), 0, "in force")
    (first,) = records(city)
    pem = city / "keys" / f"{first}.pem"
    report(oct(pem.stat().st_mode & 0o777) == "0o600" and oct(pem.parent.stat().st_mode & 0o777) == "0o700", "which nobody else may read")
    says("it is SM2 unless asked otherwise", fazhi("key", city, "list"), 0, first, "sm2", "in force", "from entry 1")
    says("its public half is for everybody", fazhi("key", city, "export", "-o", trust), 0)
    holds("and is what its name, type and point say", lambda: keys_of(trust))
    report(json.loads(entries_of(city)[0])["values"]["vkey"] == trust.read_text().strip(), "putting it in force is an entry, with the public key in it")
    if rfc9162.have_openssl:
        done = subprocess.run(["openssl", "pkey", "-in", pem, "-noout", "-pubout", "-text_pub"], capture_output=True, text=True)
        point = re.sub(r"[\s:]", "", done.stdout.split("pub:")[1].split("ASN1")[0])
        report(point == keys_of(trust)[0].public.hex(), "openssl reads the private key and finds the same public one")
    else:
        skip("openssl reads the private key and finds the same public one", "no command openssl")
    says("a folder without a key is asked for", fazhi("init", place / "bare", *PLACE, "--no-key"), 0)
    says("and signs nothing", act(place / "bare"), 0, "entry 1")
    says("so it has no head", fazhi("head", place / "bare"), 2, "no signed head")
    says("and gives no receipts, before anything is entered", act(place / "bare", "--receipt", place / "none"), 2, "no key")
    report(len(entries_of(place / "bare")) == 1, "nothing was entered for it")
    says("a key can come later, of the other algorithm", fazhi("key", place / "bare", "make", "--algorithm", "ed25519", "--origin", "example.cn/log"), 0, "in force")
    says("a log keeps its name", fazhi("key", place / "bare", "make", "--origin", "example.cn/other"), 2, "example.cn/log")
    says("an unknown algorithm is said, and makes nothing", fazhi("init", place / "rsa", *PLACE, "--algorithm", "rsa"), 2, "sm2 or ed25519")
    report(not (place / "rsa").exists(), "no folder is left of it")

    # ---- heads and receipts ----
    receipt = place / "receipt.json"
    says("an act gives its receipt", act(city, "--receipt", receipt, "--qr", place / "receipt.svg"), 0, "entry 2")
    report((place / "receipt.svg").read_text().startswith("<svg"), "as a picture as well")
    for i in range(9):
        act(city)
    head = head_of(city)
    report(head.size == 11 and head.origin == "fazhi/330106" and head.kind == "sm3", "each act signs a head")
    report(head.root == rfc9162.root("sm3", [rfc9162.leaf("sm3", e) for e in entries_of(city)]), "its root is that of RFC 9162 over the entries")
    report(rfc9162.slow_sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0", "SM3 is that of GB/T 32905")
    holds("and its signature is one by openssl", lambda: rfc9162.need(head.check(keys_of(trust)) == 1, "nobody signed"))
    report(len(list((city / "heads").iterdir())) == 1, "only the newest lies in heads/")
    holds("the receipt holds by the second implementation", lambda: rfc9162.check_receipt(receipt.read_text(encoding="utf-8"), keys_of(trust)))
    says("and by fazhi, with no folder at hand", fazhi("verify", receipt, "--trust", trust), 0, "entry 2", "integrity: holds", "completeness: the head is over 2 entries")
    says("in Chinese as well", fazhi("verify", receipt, "--trust", trust, lang="zh_CN.UTF-8"), 0, "真实性：成立", "完整性")
    says("a receipt does not vouch for itself", fazhi("verify", receipt), 2, "--trust")
    for seq in (1, 5, 11):
        done = fazhi("receipt", city, seq)
        holds(f"the receipt of entry {seq} holds by the second implementation", lambda: rfc9162.need(
            rfc9162.check_receipt(done.stdout, keys_of(trust))[0]["seq"] == seq, "another entry"))
    report(json.loads(json.loads(fazhi("receipt", city, "reconsideration_case-4").stdout)["entry"])["seq"] == 4, "a record has the receipt of its last entry")
    says("there is none of an entry that is not there", fazhi("receipt", city, 12), 2, "no entry 12")
    (place / "compact").write_text(rfc9162.compact(receipt.read_text(encoding="utf-8")) + "\n")
    says("what a QR code holds is verified as well", fazhi("verify", place / "compact", "--trust", trust), 0, "integrity: holds")
    says("the same key again gives the same receipt", act(city, "--key", "once", "--receipt", place / "once1"), 0, "entry 12")
    says("for what was done before", act(city, "--key", "once", "--receipt", place / "once2"), 0, "done before")
    report((place / "once1").read_bytes() == (place / "once2").read_bytes(), "byte for byte")

    # ---- every byte of a receipt ----
    whole, accepted, disagree = receipt.read_bytes(), [], []
    def with_byte(i):
        changed = whole[:i] + bytes([whole[i] ^ 1]) + whole[i + 1:]
        file = place / f"changed-{i}"
        file.write_bytes(changed)
        try:
            rfc9162.check_receipt(changed.decode(), keys_of(trust))
            own = True
        except (rfc9162.Wrong, ValueError, KeyError, StopIteration):
            own = False
        done = fazhi("verify", file, "--trust", trust)
        return i, own, done.returncode
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for i, own, code in pool.map(with_byte, range(0, len(whole) - 1, 9)):
            accepted += [i] if code != 1 else []
            disagree += [i] if own else []
    report(not accepted, "no byte of a receipt can be changed", f"{accepted} of {len(whole)}")
    report(not disagree, "and the second implementation says so too", str(disagree))
    (place / "own").write_text(receipt.read_text(encoding="utf-8").rstrip()[:-1] + ',"keys":["' + trust.read_text().strip() + '"]}')
    says("a key that a receipt brings along makes it no receipt", fazhi("verify", place / "own", "--trust", trust), 1, "does not hold")
    says("a receipt is no file of keys", fazhi("verify", receipt, "--trust", receipt), 2, "receipt.json:1")

    # ---- witnesses ----
    w, wpub, state = place / "w.pem", place / "w.pub", place / "w.state"
    says("a witness makes its key", fazhi("witness", w, "--name", "audit.example/w1", "--algorithm", "ed25519", "-o", wpub), 0)
    report(oct(w.stat().st_mode & 0o777) == "0o600" and fazhi("witness", w).stdout == wpub.read_text(), "and can print its public half again")
    says("it is not made twice", fazhi("witness", w, "--name", "audit.example/w1"), 2, "exists")
    says("the log trusts it", fazhi("key", city, "trust", wpub, "--keeper", "市审计局", "--actor", "李四"), 0, "trusted")
    report(json.loads(entries_of(city)[-1])["actor"] == "李四", "which is an entry of whoever did it")
    says("a key of a log is no witness", fazhi("key", city, "trust", trust), 2, "key of a log")
    cosign = lambda file, *more, to=place / "signed": fazhi("cosign", file, "--key", w, "--state", state, "--trust", trust, "-o", to, *more)
    h1, h2 = place / "h1", place / "h2"
    fazhi("head", city, "-o", h1)
    says("a witness signs nothing without a head before it", cosign(h1), 2, "--first")
    says("but the first", cosign(h1, "--first"), 0)
    report(rfc9162.Head((place / "signed").read_text()).check(keys_of(wpub), "witness") == 1, "its signature is one by openssl")
    says("the log takes it back", fazhi("head", city, "--add", place / "signed"), 0, "13 entries: 1")
    says("once", fazhi("head", city, "--add", place / "signed"), 0, "13 entries: 0")
    act(city), act(city)
    fazhi("head", city, "-o", h2)
    says("a later head needs the proof that it continues the first", cosign(h2), 2, "--since 13")
    fazhi("head", city, "--since", 5, "-o", h2)
    says("from where the witness stands", cosign(h2), 2, "--since 13")
    fazhi("head", city, "--since", 13, "-o", h2)
    old, *lines = h2.read_text().split("\n\n")[0].split("\n")
    later = rfc9162.Head(h2.read_text().split("\n\n", 1)[1])
    holds("the proof holds by the second implementation", lambda: rfc9162.check_consistency(
        "sm3", 13, 15, [base64.b64decode(l) for l in lines], rfc9162.Head(h1.read_text()).root, later.root))
    says("and for the witness", cosign(h2), 0)
    says("one who is not trusted changes nothing", fazhi("witness", place / "v.pem", "--name", "v", "-o", place / "v.pub"), 0)
    fazhi("cosign", place / "signed", "--key", place / "v.pem", "--state", place / "v.state", "--trust", trust, "--first", "-o", place / "twice")
    says("its signature is left out", fazhi("head", city, "--add", place / "twice"), 0, "15 entries: 1")
    report("— v " not in fazhi("head", city).stdout and "audit.example/w1" in fazhi("head", city).stdout, "the other is taken")
    says("a head without the log's signature is not signed", fazhi("cosign", h2, "--key", w, "--state", state, "--trust", place / "bare.pub"), 2)
    fazhi("key", place / "bare", "export", "-o", place / "bare.pub")
    says("nor one of another log", fazhi("cosign", h2, "--key", w, "--state", state, "--trust", place / "bare.pub"), 1, "no key of the log that you trust")
    forged = place / "w.state2"
    forged.write_text(h1.read_text())
    says("a state that the witness did not sign is not believed", fazhi("cosign", h2, "--key", w, "--state", forged, "--trust", trust), 1, "no head that this witness has signed")
    with open(f"{state}.lock", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        says("two witnesses with one state are one too many", cosign(h2), 3, "another process")

    # ---- renewal ----
    both = place / "both"
    both.write_text(trust.read_text() + "# the auditors\n\n" + wpub.read_text())
    says("the first receipt has no witness", fazhi("verify", receipt, "--trust", both, "--witnesses", 1), 1, "too few witnesses")
    renewed = place / "renewed.json"
    says("it is renewed to a head that has one", fazhi("receipt", city, "--renew", receipt, "-o", renewed), 0)
    says("and holds", fazhi("verify", renewed, "--trust", both, "--witnesses", 1), 0, "witnesses that you trust: 1", "over 15 entries")
    holds("by the second implementation as well", lambda: rfc9162.need(rfc9162.check_receipt(renewed.read_text(encoding="utf-8"), keys_of(both))[2] == 1, "no witness"))
    says("a new receipt goes under the witnessed head", fazhi("receipt", city, 3, "-o", place / "third"), 0)
    says("at once", fazhi("verify", place / "third", "--trust", both, "--witnesses", 1), 0, "entry 3")
    says("what this log did not give is not renewed", fazhi("receipt", place / "bare", "--renew", receipt), 1, "no receipt of this log")

    # ---- verification of a folder ----
    says("the log is sound, with its heads", fazhi("verify", city), 0, "signed up to entry 15", "witnessed up to 15", "sound: 15 entries")
    says("and by what is kept elsewhere", fazhi("verify", city, "--trust", both, "--head", h1, "--head", place / "signed", "--head", receipt, "--head", renewed), 0, "sound")
    says("a head does not vouch for itself", fazhi("verify", city, "--head", h1), 2, "--trust")

    def tampered(name, statement, *texts):
        other = copy(city, place / "tampered")
        with table_of(other) as db:
            db.execute(statement)
        says(name, fazhi("verify", other), 1, *texts)

    tampered("a kept head of another size is found", "update head set note = (select note from head where size = 3) where size = 5", "head[head] 5")
    tampered("a kept head changed in its signature is found", "update head set note = cast(replace(cast(note as text), 'hash sm3', 'hash sm4') as blob) where size = 5", "head[head] 5")
    tampered("a kept head that is somebody else's is found", "update head set note = cast(replace(cast(note as text), 'fazhi/330106', 'fazhi/330107') as blob) where size = 5", "head[head] 5")
    other = copy(city, place / "tampered")
    (lying,) = (other / "heads").glob("*[0-9].head")
    lying.write_text(re.sub(r"(— fazhi/330106 .{20}).", lambda m: m.group(1) + ("A" if m.group(0)[-1] != "A" else "B"), lying.read_text(encoding="utf-8"), count=1), encoding="utf-8")
    says("a head in heads/ whose signature does not fit is found", fazhi("verify", other), 1, "integrity: broken", "has signed it")
    says("a rebuild keeps heads as they are", fazhi("rebuild", city), 0)
    says("and leaves a sound log", fazhi("verify", city), 0, "signed up to entry 15")

    # ---- a log set back to an older backup ----
    backup = copy(city, place / "backup")
    act(city, "--receipt", place / "late.json"), act(city)
    fazhi("head", city, "-o", place / "late")
    set_back = copy(city, place / "set-back")
    shutil.copy(backup / "log.db", set_back / "log.db")
    before = entries_of(set_back)
    says("an older log beside newer heads enters nothing", act(set_back), 2, "set back to an older state", "17 entries")
    says("nor does the law", fazhi("tick", set_back, "--on", "2026-06-01"), 2, "set back")
    says("nor can a key be made there", fazhi("key", set_back, "make"), 2, "set back")
    report(entries_of(set_back) == before, "nothing was entered")
    says("and it is found", fazhi("verify", set_back), 1, "completeness: broken", "the last 2 are missing")
    older = copy(backup, place / "older")
    says("a whole folder set back looks sound by itself", fazhi("verify", older), 0, "sound: 15")
    says("a head kept elsewhere finds it", fazhi("verify", older, "--trust", trust, "--head", place / "late"), 1, "completeness: broken", "17 entries were signed, and 15 are here")
    says("and a receipt", fazhi("verify", older, "--trust", trust, "--head", place / "late.json"), 1, "completeness: broken", "the last 1 are missing")
    says("in Chinese as well", fazhi("verify", older, "--trust", trust, "--head", place / "late", lang="zh_CN.UTF-8"), 1, "完整性：不成立", "缺少最后2条")
    says("a head that comes back stops it", fazhi("head", older, "--add", place / "late"), 1, "set back")
    says("from then on nothing is entered", act(older), 2, "set back")
    forked = copy(backup, place / "forked")
    for i in range(4):
        act(forked)
    says("a log that went on from a backup, with its own key, is caught by a head", fazhi("verify", forked, "--trust", trust, "--head", place / "late"), 1, "integrity: broken", "rewritten")
    says("by a receipt, with the entry that was changed", fazhi("verify", forked, "--trust", trust, "--head", place / "late.json"), 1, "entry 16 here is not the one")
    fazhi("head", forked, "--since", 15, "-o", place / "fork")
    fazhi("head", city, "--since", 15, "-o", place / "true")
    says("a witness signs the one", cosign(place / "true"), 0)
    says("and never the other", cosign(place / "fork"), 2, "signed last")
    fazhi("head", forked, "--since", 17, "-o", place / "fork")
    says("whatever proof it is shown", cosign(place / "fork"), 1, "does not continue")
    says("a head that comes back shows it", fazhi("head", forked, "--add", place / "late"), 1, "rewritten")
    says("from then on nothing is signed there", act(forked), 2, "the entries of this log are others")

    # ---- a log rewritten as a whole ----
    anew = place / "anew"
    fazhi("init", anew, *PLACE)
    for i in range(20):
        act(anew)
    says("a log made anew with a key of its own looks sound by itself", fazhi("verify", anew), 0, "sound: 21")
    says("keys from elsewhere find it", fazhi("verify", anew, "--trust", trust), 1, "integrity: not shown", "made anew with another key")
    says("heads from elsewhere say what was done", fazhi("verify", anew, "--trust", trust, "--head", place / "late"), 1, "integrity: broken", "rewritten")
    fazhi("receipt", anew, 2, "-o", place / "anew.json")
    says("its receipts hold for nobody", fazhi("verify", place / "anew.json", "--trust", trust), 1, "no key that you trust")
    says("nor are its heads taken in", fazhi("head", city, "--add", next((anew / "heads").iterdir())), 2, "no head that a key of this log has signed")
    rewritten = copy(city, place / "rewritten")
    with table_of(rewritten) as db:
        new = b"".join(bytes(b) for (b,) in db.execute("select bytes from entry where seq = 4")).replace(b"2026-02-13", b"2026-02-12")
        db.execute("update entry set bytes = ?, leaf = ? where seq = 4", (new, rfc9162.leaf("sm3", new)))
    fazhi("rebuild", rewritten)
    says("an entry changed with its leaf and tables is found by the kept heads", fazhi("verify", rewritten), 1, "head[head] 4", "not those that were signed")
    with table_of(rewritten) as db:
        db.execute("delete from head")
    shutil.rmtree(rewritten / "heads")
    fazhi("head", rewritten, "--sign")
    says("without them, signed anew with the log's own key, it looks sound", fazhi("verify", rewritten), 0, "sound")
    says("even for who trusts that key", fazhi("verify", rewritten, "--trust", trust), 0, "sound")
    says("not for who kept a head", fazhi("verify", rewritten, "--trust", trust, "--head", h1), 1, "integrity: broken", "rewritten")

    # ---- replacing and revoking ----
    says("the only key cannot be revoked", fazhi("key", city, "revoke", first, "--ground", "compromised"), 2, "only key")
    says("a key is replaced", fazhi("key", city, "replace"), 0, "replaced")
    second = next(r for r in records(city) if r.startswith("log-") and r != first)
    with table_of(city) as db:
        after, between = [rfc9162.Head(bytes(b).decode()) for (b,) in db.execute("select note from head order by size desc limit 2")]
    fazhi("key", city, "export", "-o", place / "trust2")
    report(len(between.signatures) == 2 and between.check(keys_of(trust)) == 1 and between.check(keys_of(place / "trust2")) == 1, "the head in between is signed by both")
    report(after.check(keys_of(trust)) == 0 and after.check(keys_of(place / "trust2")) == 1, "the next one by the successor alone")
    says("who has only the old key is told", fazhi("verify", city, "--trust", trust), 1, "its key was replaced")
    says("who has the new one is not", fazhi("verify", city, "--trust", place / "trust2"), 0, "sound")
    says("a receipt of then is renewed under the new key", fazhi("receipt", city, "--renew", receipt, "-o", place / "renewed2"), 0)
    says("a replaced key may turn out to have leaked", fazhi("key", city, "revoke", first, "--ground", "compromised", "--explanation", "备份介质遗失"), 0, "tell those")
    says("which those concerned are told", fazhi("act", city, first, "tell_parties", "--as", "administrator"), 0, "entry")
    says("its end stands in the list", fazhi("key", city, "list"), 0, "revoked", "compromised", "in force")
    says("it cannot be ended twice", fazhi("key", city, "revoke", first, "--ground", "lost"), 1)
    signed = place / "by-revoked.json"
    old_folder = copy(backup, place / "thief")  # who has the old key signs on with it
    act(old_folder, "--receipt", signed)
    says("a receipt that the revoked key signed holds for nobody who knows", fazhi("verify", signed, "--trust", place / "trust2"), 1, "no key that you trust")
    thief = copy(city, place / "thief2")  # the entries of now, and of private keys the old one alone
    alone = copy(backup, place / "alone")
    with table_of(alone) as db, table_of(thief) as of:
        for table in ("entry", "private"):
            db.execute(f"delete from {table}")
            rows = of.execute(f"select * from {table}").fetchall()
            db.executemany(f"insert into {table} values ({','.join('?' * len(rows[0]))})", rows)
    fazhi("rebuild", alone)
    says("with the file of the revoked key alone nothing can be entered", act(alone), 2, "is not there")

    # ---- a head that was not signed any more, as after a crash ----
    unsigned = copy(city, place / "unsigned")
    last = head_of(unsigned).size
    with table_of(unsigned) as db:
        db.execute("delete from head where size = ?", (last,))
    for file in (unsigned / "heads").glob("*[0-9].head"):
        file.unlink()
    says("entries without a head are counted, and are no fault", fazhi("verify", unsigned), 0, f"signed up to entry {last - 1}", "not under one yet: 1")
    says("who asks for the head is told", fazhi("head", unsigned), 0, "1 entries are not under a signed head yet")
    says("so is who wants a receipt", fazhi("receipt", unsigned, last), 2, "--sign")
    says("it can be signed later", fazhi("head", unsigned, "--sign"), 0, f"\n{last}\n")
    says("and then all is", fazhi("verify", unsigned), 0, "not under one yet: 0")

    # ---- key files ----
    lost = copy(city, place / "lost")
    (lost / "keys" / f"{second}.pem").unlink()
    before = entries_of(lost)
    says("without its private key nothing is entered", act(lost), 2, "is not there", second)
    report(entries_of(lost) == before, "not a thing")
    says("another key helps", fazhi("key", lost, "make"), 0, "in force")
    says("and the lost one is revoked", fazhi("key", lost, "revoke", second, "--ground", "lost"), 0, "revoked")
    says("then acts go on", act(lost), 0, "entry")
    says("and the log is sound", fazhi("verify", lost), 0, "sound")
    loose = copy(city, place / "loose")
    key_file = loose / "keys" / f"{second}.pem"
    key_file.chmod(0o640)
    says("a private key that others may read is not used", act(loose), 2, "others than its owner", "0640", "chmod 600")
    key_file.chmod(0o600)
    (loose / "keys").chmod(0o755)
    says("nor one in a folder that is open", act(loose), 2, "others than its owner", "chmod 700")
    (loose / "keys").chmod(0o700)
    kept = key_file.read_text()
    key_file.write_text((city / "keys" / f"{first}.pem").read_text())
    says("another key in its place is found", act(loose), 2, "is not that of")
    key_file.write_text(kept.split("\n", 1)[0] + "\n" + (city / "keys" / f"{first}.pem").read_text().split("\n", 1)[1])
    says("also under its public line", act(loose), 2, "not that of the public one")
    key_file.write_text(kept[:-60])
    says("a torn one as well", act(loose), 2, second)
    w.chmod(0o644)
    says("a witness's key that others may read is not used", fazhi("witness", w), 2, "others than its owner")
    w.chmod(0o600)

    # ---- passphrases ----
    word, wrong = place / "word", place / "wrong"
    for file, text in ((word, "长安街上 correct horse\n"), (wrong, "nothing\n")):
        file.write_text(text)
        file.chmod(0o600)
    sealed = place / "sealed"
    says("a key can have a passphrase", fazhi("init", sealed, *PLACE, "--passphrase-file", word), 0, "in force")
    report("ENCRYPTED" in next((sealed / "keys").iterdir()).read_text(), "under which it is encrypted")
    says("without it nothing is entered", act(sealed), 2, "has a passphrase")
    says("nor with a wrong one", act(sealed, "--passphrase-file", wrong), 2, "does not open")
    says("with it everything is", act(sealed, "--passphrase-file", word), 0, "entry 2")
    word.chmod(0o644)
    says("a passphrase that others may read is not used", act(sealed, "--passphrase-file", word), 2, "others than its owner")
    word.chmod(0o600)

    # ---- synthetic folders ----
    same = []
    for name in ("s1", "s2"):
        fazhi("init", place / name, *PLACE, "--synthetic")
        act(place / name), fazhi("tick", place / name, "--on", "2026-03-02"), fazhi("key", place / name, "replace")
        same.append(fazhi("head", place / name).stdout)
    report(same[0] == same[1] and rfc9162.Head(same[0]).size == 5, "two synthetic folders give the same head, signatures included", "\n".join(same))

    # ---- two processes ----
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda i: act(city).returncode, range(8)))
    says("two at once: one is busy, and the log stays sound", fazhi("verify", city), 0, "sound", "not under one yet: 0")
    report(set(done) <= {0, 3} and 0 in done, "and each is told which", str(done))

    # ---- heads and receipts by readers beside a writer ----
    holder = subprocess.Popen([sys.executable, "-c", f"import fcntl,sys,time;f=open({str(city / 'log.db-lock')!r},'r+');fcntl.lockf(f,fcntl.LOCK_EX);print('held',flush=True);sys.stdin.read()"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    holder.stdout.readline()
    says("a head is read beside a writer", fazhi("head", city), 0, "fazhi/330106")
    says("and a receipt written", fazhi("receipt", city, 2), 0, "fazhi_receipt")
    holder.communicate("")

    # ---- what never leaves ----
    secrets = []
    for file in [*(city / "keys").iterdir(), *(place / "sealed" / "keys").iterdir(), w]:
        body = "".join(re.search(r"-----BEGIN[^\n]*\n(.*?)-----END", file.read_text(), re.S).group(1).split())
        secrets += [body[i:i + 24].encode() for i in range(40, len(body) - 24, 24)][:2]
        if "ENCRYPTED" not in file.read_text():
            der = base64.b64decode(body)
            scalar = der.split(b"\x04\x20", 1)[1][:32]
            secrets += [scalar, scalar.hex().encode(), scalar[:30].hex().upper().encode(), base64.b64encode(scalar)[:40]]
    secrets += ["correct horse".encode()]
    everything = ["\n".join(said).encode()]
    for file in place.rglob("*"):
        if file.is_file() and file.parent.name != "keys" and file.suffix != ".pem" and file != word:
            everything.append(file.read_bytes())
    leaked = sum(s in text for s in secrets for text in everything)
    report(len(secrets) > 10 and leaked == 0, "no private key or passphrase is in any output, table, head or receipt", str(leaked))
    report(not any("张三丰某".encode() in e for e in everything[:1]) and "张三丰某" not in receipt.read_text(encoding="utf-8"), "nor a personal value in a receipt or message")
plan()
