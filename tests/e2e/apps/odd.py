"""The app, with ways to fit that go wrong as a test wants it: see ``tests.e2e.odd_fits``.

It must stand beside a ``pages`` folder (a link will do), as ``app.py`` does.
"""

import runpy

import streamlit as st

from core.jobs import JobService
from core.jobs.flow import Work
from tests.e2e import odd_fits
from tests.e2e.conftest import ROOT
from ui import session


@st.cache_resource(show_spinner=False)
def odd_jobs() -> JobService:
    service = JobService(session.get_store(), work=Work(fit=odd_fits.fit), warm=False)
    service.start()
    return service


session.get_jobs = odd_jobs
runpy.run_path(str(ROOT / "app.py"))
