"""The only place beside ``app.py`` and ``pages/`` that imports streamlit."""
