# The types of the public names, which their loading at first use hides from a type checker.
from cdip_analysis.analyses import action_label as action_label
from cdip_analysis.citations import cite as cite
from cdip_analysis.corpus import Corpus as Corpus
from cdip_analysis.corpus import compare as compare
from cdip_analysis.corpus import load_corpus as load_corpus
from cdip_analysis.csv_package import export_csv as export_csv
from cdip_analysis.csv_package import read_csv as read_csv
from cdip_analysis.display import notebook as notebook
from cdip_analysis.excel import export_excel as export_excel
from cdip_analysis.excel_import import read_excel as read_excel
from cdip_analysis.figure import alt_text as alt_text
from cdip_analysis.figure import save_figure as save_figure
from cdip_analysis.header import read_header as read_header
from cdip_analysis.model import Citation as Citation
from cdip_analysis.model import Header as Header
from cdip_analysis.model import Passage as Passage
from cdip_analysis.model import ReportError as ReportError
from cdip_analysis.note import brief as brief
from cdip_analysis.note import cite_as as cite_as
from cdip_analysis.plots import plot_attention as plot_attention
from cdip_analysis.plots import plot_coverage as plot_coverage
from cdip_analysis.plots import plot_follow_up as plot_follow_up
from cdip_analysis.plots import plot_timeline as plot_timeline
from cdip_analysis.questions import agenda as agenda
from cdip_analysis.questions import cited_passages as cited_passages
from cdip_analysis.questions import commitments as commitments
from cdip_analysis.questions import evidence as evidence
from cdip_analysis.questions import find_text as find_text
from cdip_analysis.questions import follow_up_status as follow_up_status
from cdip_analysis.questions import reading_list as reading_list
from cdip_analysis.questions import session_coverage as session_coverage
from cdip_analysis.questions import speakers as speakers
from cdip_analysis.questions import timeline as timeline
from cdip_analysis.reader_page import export_reader as export_reader
from cdip_analysis.report import Report as Report
from cdip_analysis.report import load_report as load_report

__all__: list[str]
__version__: str
