"""Word and PDF files made by hand, for tests: the smallest that have what a test is about."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence

# ---- Word ------------------------------------------------------------------------------------------------------------

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"


def docx(body: str, method: int = zipfile.ZIP_DEFLATED, /, **parts: str) -> bytes:
    """A Word file with this body, and with these parts beside it (`rels` for the links of the body)."""
    files: dict[str, str | bytes] = {
        "_rels/.rels": f'<Relationships xmlns="{RELS}"><Relationship Id="rId1" Type="{OFFICE}" '
        'Target="word/document.xml"/></Relationships>',
        "word/document.xml": f"<w:document {W} {R} {MC}><w:body>{body}</w:body></w:document>",
    }
    for name, xml in parts.items():
        if name == "rels":
            files["word/_rels/document.xml.rels"] = f'<Relationships xmlns="{RELS}">{xml}</Relationships>'
        else:
            files[f"word/{name}.xml"] = f"<w:{name} {W} {R} {MC}>{xml}</w:{name}>"
    return packed(files, method)


def xml(text: str) -> str:
    """Write a shorthand out: tags and attributes without their prefix, [words] as a run, [words|properties] as one with them.

    >>> xml("<p>[a ][b|<vanish/>]</p>")
    "<w:p><w:r><w:t xml:space='preserve'>a </w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t xml:space='preserve'>b</w:t></w:r></w:p>"
    """
    text = re.sub(r"\[([^][|]*)\|([^][|]*)\]", r"<r><rPr>\2</rPr><t xml:space='preserve'>\1</t></r>", text)
    text = re.sub(r"\[([^][|]*)\]", r"<r><t xml:space='preserve'>\1</t></r>", text)
    return re.sub(r"<[^<>]+>", lambda tag: re.sub(r"(^</?(?=\w+[\s/>])|\s(?=\w+=))", r"\1w:", tag[0]), text)


def packed(files: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def p(text: str = "", properties: str = "", inner: str = "") -> str:
    run = f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>' if text else ""
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{run}{inner}</w:p>"


def r(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{p(text)}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    return f"<w:tr>{f'<w:trPr>{properties}</w:trPr>' if properties else ''}{''.join(cells)}</w:tr>"


def listed(number: int, level: int = 0) -> str:
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'


def level(at: int, form: str, label: str, start: int = 1) -> str:
    return (
        f'<w:lvl w:ilvl="{at}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{label}"/></w:lvl>'
    )


# ---- PDF -------------------------------------------------------------------------------------------------------------

Text = tuple[float, float, float, str]  # from the left, from the top, size, words


def pdf(*pages: Sequence[Text], extra: str = "", resources: str = "", trailer: str = "", links: str = "") -> bytes:
    """A PDF with these words at these places, in Helvetica; `extra` is drawn on each page, `links` are on each."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for page in pages:
        words = "".join(f"BT /F1 {size} Tf {x} {800 - y} Td ({text}) Tj ET\n" for x, y, size, text in page) + extra
        objects.append(f"<< /Length {len(words)} >>\nstream\n{words}endstream")
        contents = len(objects)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {contents} 0 R "
            f"/Resources << /Font << /F1 3 0 R >> {resources} >> /Annots [{links}] >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    return pdf_of(objects, trailer)


def pdf_of(objects: Sequence[str], trailer: str = "") -> bytes:
    """A PDF of these objects, numbered from 1, the catalogue first; bytes of streams are characters up to 255."""
    out, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n"
    return out.encode("latin-1")
