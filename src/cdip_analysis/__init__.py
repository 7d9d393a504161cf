"""CDIP reports as tables: every value traceable to its words, nothing that looked like a reference dropped."""

from cdip_analysis.analyses import follow_up_status, session_coverage, timeline
from cdip_analysis.report import load_report
