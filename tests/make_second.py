"""Write the second document: a short report to another committee, with an annex of other columns, in two languages.

Its wording is that of real documents of the Standing Committee on the Law of Trademarks; its content is made up. Run
``python tests/make_second.py`` with LibreOffice installed to write tests/samples/second anew.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import docx
from docx.shared import Cm

FOLDER = Path(__file__).parent / "samples" / "second"
EN = """E
SCT/40/9
ORIGINAL: ENGLISH
DATE: OCTOBER 15, 2018
Standing Committee on the Law of Trademarks, Industrial Designs and Geographical Indications
Fortieth Session
Geneva, November 12 to 16, 2018
REPORT ON THE FOLLOW-UP TO ITS DECISIONS
prepared by the Secretariat
(1) At its thirty-eighth session, held from October 30 to November 2, 2017, the Committee requested the Secretariat to report on the follow-up to its decisions.
(2) The present document should be read with document SCT/39/8 and with paragraphs 12 to 18 of document SCT/38/6.
(3) The annex to this document contains a table of the measures taken. At its thirty-ninth session, the Committee took note of document SCT/39/2.
(4) The SCT is invited to consider the contents of this document.
[Annex follows]
ANNEX"""
FR = """F
SCT/40/9
ORIGINAL : ANGLAIS
DATE : 15 OCTOBRE 2018
Comité permanent du droit des marques, des dessins et modèles industriels et des indications géographiques
Quarantième session
Genève, 12 – 16 novembre 2018
RAPPORT SUR LA SUITE DONNÉE À SES DÉCISIONS
établi par le Secrétariat
(1) À sa trente-huitième session, tenue du 30 octobre au 2 novembre 2017, le comité a demandé au Secrétariat de faire rapport sur la suite donnée à ses décisions.
(2) Le présent document doit être lu avec le document SCT/39/8 et avec les paragraphes 12 à 18 du document SCT/38/6.
(3) L’annexe du présent document contient un tableau des mesures prises. À sa trente-neuvième session, le comité a pris note du document SCT/39/2.
(4) Le SCT est invité à examiner le contenu du présent document.
[L’annexe suit]
ANNEXE"""
TABLES = {
    "en": [
        ("Recommendation", "Steps taken", "Where discussed", "State"),
        ("A study on country names", "The study was presented as document SCT/39/2", "Paragraphs 20 to 31 of document SCT/39/10", "done"),
        ("An information meeting", "It was held on April 24, 2018, in Geneva", "Paragraphs 40 and 41 of document SCT/39/10", "done"),
        ("A survey of members", "The questionnaire is in document SCT/40/3", "", "open"),
    ],
    "fr": [
        ("Recommandation", "Mesures prises", "Examen", "État"),
        ("Une étude sur les noms de pays", "L’étude a été présentée dans le document SCT/39/2", "Paragraphes 20 à 31 du document SCT/39/10", "achevé"),
        ("Une réunion d’information", "Elle s’est tenue le 24 avril 2018 à Genève", "Paragraphes 40 et 41 du document SCT/39/10", "achevé"),
        ("Une enquête auprès des membres", "Le questionnaire figure dans le document SCT/40/3", "", "en cours"),
    ],
}  # fmt: skip
WIDTHS = (1.9, 4.4, 4.4, 1.6)  # cm: narrow enough that a PDF breaks the first heading
END = {"en": "[End of Annex and of document]", "fr": "[Fin de l’annexe et du document]"}


def main() -> None:
    """Write the Word files, and let LibreOffice write the PDF files."""
    FOLDER.mkdir(exist_ok=True)
    for language, text in (("en", EN), ("fr", FR)):
        document = docx.Document()
        for line in text.split("\n"):
            document.add_paragraph(line)
        rows = TABLES[language]
        table = document.add_table(len(rows), 4, style="Table Grid")
        table.autofit = False
        for cells, words in zip(table.rows, rows, strict=True):
            for cell, said, width in zip(cells.cells, words, WIDTHS, strict=True):
                cell.text, cell.width = said, Cm(width)
        document.add_paragraph(END[language])
        path = FOLDER / f"sct-40-9.{language}.docx"
        document.save(str(path))
        convert = ["soffice", "--headless", "--convert-to", "pdf", "--outdir", str(FOLDER), str(path)]
        subprocess.run(convert, check=True, capture_output=True, timeout=180)


if __name__ == "__main__":
    main()
