"""Receipts, heads and proofs a second time, slow and obvious, from RFC 9162 2.1, C2SP's signed-note and tlog-witness, and the page of src/ledger/receipt.h.
Digests are hashlib's (or SM3 as GB/T 32905 writes it, where hashlib has none); signatures are checked by the command `openssl`."""
import base64
import hashlib
import json
import pathlib
import shutil
import subprocess
import tempfile

ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")
SM2_SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
TYPES = {b"\x01": ("ed25519", "log"), b"\x04": ("ed25519", "witness"), b"\xfffazhi/sm2-note/v1": ("sm2", "log"), b"\xfffazhi/sm2-cosignature/v1": ("sm2", "witness")}


class Wrong(Exception):
    pass


def need(holds, why):
    if not holds:
        raise Wrong(why)


# ---- digests ----


def slow_sm3(data):
    """GB/T 32905-2016 5."""
    mask = 0xFFFFFFFF
    rol = lambda x, n: (x << n % 32 | x >> (32 - n % 32)) & mask if n % 32 else x
    data += b"\x80" + bytes(-(len(data) + 9) % 64) + (8 * len(data)).to_bytes(8, "big")
    v = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    for i in range(0, len(data), 64):
        w = [int.from_bytes(data[i + 4 * k:i + 4 * k + 4], "big") for k in range(16)]
        for j in range(16, 68):
            x = w[j - 16] ^ w[j - 9] ^ rol(w[j - 3], 15)
            w.append(x ^ rol(x, 15) ^ rol(x, 23) ^ rol(w[j - 13], 7) ^ w[j - 6])
        a, b, c, d, e, f, g, h = v
        for j in range(64):
            ss1 = rol((rol(a, 12) + e + rol(0x79CC4519 if j < 16 else 0x7A879D8A, j)) & mask, 7)
            ff = a ^ b ^ c if j < 16 else a & b | a & c | b & c
            gg = e ^ f ^ g if j < 16 else e & f | ~e & mask & g
            t1 = (ff + d + (ss1 ^ rol(a, 12)) + (w[j] ^ w[j + 4])) & mask
            t2 = (gg + h + ss1 + w[j]) & mask
            a, b, c, d, e, f, g, h = t1, a, rol(b, 9), c, t2 ^ rol(t2, 9) ^ rol(t2, 17), e, rol(f, 19), g
        v = [x ^ y for x, y in zip(v, (a, b, c, d, e, f, g, h))]
    return b"".join(x.to_bytes(4, "big") for x in v)


def digest(kind, data):
    if kind == "sha256":
        return hashlib.sha256(data).digest()
    return hashlib.new("sm3", data).digest() if "sm3" in hashlib.algorithms_available else slow_sm3(data)


# ---- RFC 9162 2.1 ----


def leaf(kind, data):
    return digest(kind, b"\x00" + data)


def node(kind, left, right):
    return digest(kind, b"\x01" + left + right)


def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def root(kind, leaves):
    """MTH(D_n)"""
    if not leaves:
        return digest(kind, b"")
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return node(kind, root(kind, leaves[:k]), root(kind, leaves[k:]))


def root_of_path(kind, m, n, at, path):
    """The root that PATH(m, D_n) leads to, by the definition: the last hash of the path is the subtree beside the one with leaf m."""
    if n == 1:
        need(not path, "the proof is too long")
        return at
    need(path, "the proof is too short")
    k = split(n)
    if m < k:
        return node(kind, root_of_path(kind, m, k, at, path[:-1]), path[-1])
    return node(kind, path[-1], root_of_path(kind, m - k, n - k, at, path[:-1]))


def roots_of_proof(kind, m, n, proof, whole, old):
    """The roots of m and of n leaves that SUBPROOF(m, D_n, whole) leads to."""
    if m == n:
        if whole:
            need(not proof, "the proof is too long")
            return old, old
        need(len(proof) == 1, "the proof is too short")
        return proof[0], proof[0]
    need(proof, "the proof is too short")
    k = split(n)
    if m <= k:
        first, second = roots_of_proof(kind, m, k, proof[:-1], whole, old)
        return first, node(kind, second, proof[-1])
    first, second = roots_of_proof(kind, m - k, n - k, proof[:-1], False, old)
    return node(kind, proof[-1], first), node(kind, proof[-1], second)


def check_consistency(kind, m, n, proof, old, new):
    need(0 < m <= n, "a log only grows")
    need(roots_of_proof(kind, m, n, proof, True, old) == (old, new), "the later head does not continue the earlier one")


# ---- keys and notes ----


class Key:
    def __init__(self, vkey):
        self.name, key_id, data = vkey.strip().split("+", 2)
        data = base64.b64decode(data, validate=True)
        self.id = bytes.fromhex(key_id)
        need(hashlib.sha256(self.name.encode() + b"\n" + data).digest()[:4] == self.id, "the id does not fit the key")
        kind = next(t for t in sorted(TYPES, key=len, reverse=True) if data.startswith(t) and len(data) - len(t) in (32, 65))
        self.algorithm, self.role = TYPES[kind]
        self.public = data[len(kind):]

    def pem(self):
        der = (ED25519_SPKI if self.algorithm == "ed25519" else SM2_SPKI) + self.public
        return "-----BEGIN PUBLIC KEY-----\n" + base64.encodebytes(der).decode() + "-----END PUBLIC KEY-----\n"

    def check(self, message, signature):
        """By the command openssl."""
        with tempfile.TemporaryDirectory() as place:
            place = pathlib.Path(place)
            (place / "key").write_text(self.pem())
            (place / "message").write_bytes(message)
            (place / "signature").write_bytes(signature if self.algorithm == "ed25519" else der_of(signature))
            more = [] if self.algorithm == "ed25519" else ["-digest", "sm3", "-pkeyopt", "distid:1234567812345678"]
            done = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", place / "key", "-rawin", "-in", place / "message", "-sigfile", place / "signature", *more],
                                  capture_output=True, text=True, timeout=30)
        need(done.returncode == 0, "the signature does not fit")


def der_of(raw):
    """r and s side by side as SEQUENCE { INTEGER, INTEGER }."""
    parts = b""
    for half in (raw[:32], raw[32:]):
        number = half.lstrip(b"\x00") or b"\x00"
        number = (b"\x00" if number[0] & 0x80 else b"") + number
        parts += b"\x02" + bytes([len(number)]) + number
    return b"\x30" + bytes([len(parts)]) + parts


have_openssl = bool(shutil.which("openssl"))


class Head:
    def __init__(self, note):
        text, _, lines = note.rpartition("\n\n")
        self.text = text + "\n"
        self.origin, size, self.root, *more = text.split("\n")
        self.size, self.root = int(size), base64.b64decode(self.root, validate=True)
        self.kind = next((line[5:] for line in more if line.startswith("hash ")), "sha256")
        self.signatures = []
        for line in lines.strip("\n").split("\n"):
            dash, name, data = line.split(" ")
            need(dash == "\u2014", "no signature line")
            data = base64.b64decode(data, validate=True)
            self.signatures.append((name, data[:4], data[4:]))

    def check(self, keys, role="log"):
        """How many of these keys have signed; a signature of one of them that does not fit is wrong."""
        n = 0
        for key in keys:
            for name, key_id, data in self.signatures:
                if key.role != role or (name, key_id) != (key.name, key.id):
                    continue
                message = self.text.encode()
                if role == "witness":
                    message = b"cosignature/v1\ntime %d\n" % int.from_bytes(data[:8], "big") + message
                    data = data[8:]
                if have_openssl:
                    key.check(message, data)
                n += 1
        return n


# ---- receipts ----


def check_receipt(text, keys):
    """The entry, its head, and how many of the witnesses among `keys` have signed; Wrong when it does not hold."""
    r = json.loads(text)
    need(list(r) in (["fazhi_receipt", "entry", "inclusion", "checkpoint"], ["fazhi_receipt", "entry", "inclusion", "checkpoint", "consistency", "later"]), "other keys")
    entry, first = json.loads(r["entry"]), Head(r["checkpoint"])
    path = [base64.b64decode(h, validate=True) for h in r["inclusion"]]
    need(0 < entry["seq"] <= first.size, "the head is over fewer entries")
    need(root_of_path(first.kind, entry["seq"] - 1, first.size, leaf(first.kind, r["entry"].encode()), path) == first.root, "the entry is not in the tree")
    last = first
    if "later" in r:
        last = Head(r["later"])
        need((last.origin, last.kind) == (first.origin, first.kind), "another log")
        check_consistency(first.kind, first.size, last.size, [base64.b64decode(h, validate=True) for h in r["consistency"]], first.root, last.root)
    need(last.check([k for k in keys if k.name == last.origin]) > 0, "no key to trust has signed")
    return entry, last, last.check(keys, "witness")


def compact(text):
    """The receipt as its QR code holds it (RFC 9285 and src/ledger/receipt.h)."""
    r = json.loads(text)
    long = lambda s: len(s.encode()).to_bytes(2, "big") + s.encode()
    path = lambda p: bytes([len(p)]) + b"".join(map(base64.b64decode, p))
    data = long(r["entry"]) + path(r["inclusion"]) + long(r["checkpoint"])
    if "later" in r:
        data += path(r["consistency"]) + long(r["later"])
    letters, out = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", ""
    for i in range(0, len(data), 2):
        pair = data[i:i + 2]
        v = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            out += letters[v % 45]
            v //= 45
    return "FZ1:" + out
