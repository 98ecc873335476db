"""The YAML that packs are written in, as dicts, lists and strings: block maps and lists, flow maps and lists, quotes, folded lines,
comments. For tests that look at packs without fazhi; it trusts the file, which fazhi has checked."""
import re

CLOSING = {"{": "}", "[": "]"}


def uncommented(line):
    """Without a comment, which begins at a # that follows a blank and stands in no quotes."""
    quote = None
    for i, c in enumerate(line):
        if quote:
            quote = None if c == quote else quote
        elif c in "\"'" and (i == 0 or line[i - 1] in " [{,:"):
            quote = c
        elif c == "#" and (i == 0 or line[i - 1] == " "):
            return line[:i].rstrip()
    return line.rstrip()


class Flow:
    """A value on one line, lines already joined."""

    def __init__(self, text):
        self.text, self.at = text, 0

    def blanks(self):
        while self.at < len(self.text) and self.text[self.at] == " ":
            self.at += 1

    def take(self, c):
        self.blanks()
        if self.text.startswith(c, self.at):
            self.at += len(c)
            return True
        return False

    def value(self, nested):
        self.blanks()
        c = self.text[self.at:self.at + 1]
        if c == "{":
            return self.items("}", {})
        if c == "[":
            return self.items("]", [])
        if c in "\"'" and c:
            end = self.text.index(c, self.at + 1)
            word, self.at = self.text[self.at + 1:end], end + 1
            return word
        stop = re.compile(r",|\]|\}|: |:$" if nested else r": |:$|$").search(self.text, self.at)
        end = stop.start() if stop else len(self.text)
        word, self.at = self.text[self.at:end].strip(), end
        return word

    def items(self, closing, into):
        self.at += 1
        while not self.take(closing):
            key = self.value(True)
            if isinstance(into, dict):
                assert self.take(":"), self.text[self.at:]
                into[key] = self.value(True)
            else:
                into.append(key)
            self.take(",")
        return into


def balanced(text):
    text = re.sub(r"\"[^\"]*\"|'[^']*'", "", text)
    return text.count("{") + text.count("[") <= text.count("}") + text.count("]")


class Block:
    def __init__(self, text):
        lines = [uncommented(l) for l in text.split("\n")]
        self.lines = [(len(l) - len(l.lstrip()), l.strip()) for l in lines if l.strip()]
        self.at = 0

    def indent(self):
        return self.lines[self.at][0] if self.at < len(self.lines) else -1

    def scalar(self, text, indent):
        """What stands behind `key:` or `-`, with the lines it goes on over."""
        opens = text[0] in "{["
        while self.indent() > indent if not opens else not balanced(text):
            text += " " + self.lines[self.at][1]
            self.at += 1
        return Flow(text).value(True) if text[0] in "{[\"'" else text

    def block(self):
        indent = self.indent()
        return self.list(indent) if self.lines[self.at][1].startswith("-") else self.map(indent)

    def map(self, indent):
        out = {}
        while self.indent() == indent and not self.lines[self.at][1].startswith("- "):
            flow = Flow(self.lines[self.at][1])
            key = flow.value(False)
            rest = flow.text[flow.at + 1:].strip()
            self.at += 1
            nested = self.indent() > indent or (self.indent() == indent and self.lines[self.at][1].startswith("- "))
            out[key] = self.scalar(rest, indent) if rest else self.block() if nested else ""
        return out

    def list(self, indent):
        out = []
        while self.indent() == indent and self.lines[self.at][1].startswith("-"):
            rest = self.lines[self.at][1][1:].strip()
            if re.match(r"[a-z_]+:( |$)", rest):
                self.lines[self.at] = (indent + 2, rest)
                out.append(self.map(indent + 2))
            else:
                self.at += 1
                out.append(self.scalar(rest, indent) if rest else self.block())
        return out


def load(text):
    return Block(text).block()
