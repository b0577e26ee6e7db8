"""The web app: page set-up and navigation. The pages are in ``pages/``."""

import streamlit as st

from ui import frame

st.set_page_config(page_title="Whyboard", page_icon=frame.ICON, layout="wide")
frame.run()
