"""Writes a workbook (.xlsx) by hand: shared and inline strings, numbers, dates by number format, errors."""
import datetime
import zipfile
from xml.sax.saxutils import escape

REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


class Raw(str):
    """A cell as its XML."""


def letters(i):
    return (letters(i // 26 - 1) if i >= 26 else "") + chr(65 + i % 26)


def cell(at, v, strings):
    if isinstance(v, Raw):
        return v.replace("<c", f'<c r="{at}"', 1)
    if isinstance(v, (datetime.date, datetime.datetime)):
        days = v - (datetime.datetime if isinstance(v, datetime.datetime) else datetime.date)(1899, 12, 30)
        return f'<c r="{at}" s="{2 if isinstance(v, datetime.datetime) else 1}"><v>{days / datetime.timedelta(days=1)!r}</v></c>'
    if isinstance(v, (int, float)):
        return f'<c r="{at}"><v>{v!r}</v></c>'
    if v == "":
        return ""
    i = strings.setdefault(v, len(strings))
    return f'<c r="{at}" t="s"><v>{i}</v></c>'


def sheet_xml(rows, strings):
    body = "".join(f'<row r="{r}">' + "".join(cell(f"{letters(c)}{r}", v, strings) for c, v in enumerate(row)) + "</row>" for r, row in enumerate(rows, 1) if row)
    return f"<worksheet><sheetData>{body}</sheetData></worksheet>"


def write(path, sheets):
    """sheets: {name: rows}; an empty row is left out and keeps its number."""
    strings = {}
    parts = {f"xl/s{i}.xml": sheet_xml(rows, strings) for i, rows in enumerate(sheets.values())}
    parts["[Content_Types].xml"] = "<Types/>"
    parts["_rels/.rels"] = f'<Relationships><Relationship Id="b" Type="{REL}/officeDocument" Target="xl/book.xml"/></Relationships>'
    parts["xl/book.xml"] = ('<workbook xmlns:r="r"><sheets>' + "".join(f'<sheet name="{escape(n)}" sheetId="{i + 1}" r:id="s{i}"/>' for i, n in enumerate(sheets))
                            + "</sheets></workbook>")
    parts["xl/_rels/book.xml.rels"] = ("<Relationships>" + "".join(f'<Relationship Id="s{i}" Type="{REL}/worksheet" Target="s{i}.xml"/>' for i in range(len(sheets)))
                                       + f'<Relationship Id="t" Type="{REL}/sharedStrings" Target="t.xml"/><Relationship Id="f" Type="{REL}/styles" Target="f.xml"/></Relationships>')
    parts["xl/t.xml"] = "<sst>" + "".join(f'<si><t xml:space="preserve">{escape(s)}</t></si>' for s in strings) + "</sst>"
    parts["xl/f.xml"] = '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/></cellXfs></styleSheet>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        for name, text in parts.items():
            z.writestr(name, text)
