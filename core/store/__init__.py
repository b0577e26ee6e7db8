"""Projects, drawings, uploads and requests: tables and artifacts.

:class:`Store` is the one door; :func:`load_dataset` reads a project's data as the user
corrected them.
"""

from core.store.load import load_dataset
from core.store.records import BlockRow, Deletion, Project, Request, StoredHypothesis, Upload
from core.store.store import Store

__all__ = ["BlockRow", "Deletion", "Project", "Request", "Store", "StoredHypothesis", "Upload", "load_dataset"]
