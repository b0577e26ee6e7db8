"""Projects, drawings, uploads and requests: tables and artifacts."""
