"""How large a graph that comes as text may be: far beyond what anyone draws, short of what stalls the app."""

MAX_BYTES = 5_000_000
MAX_NODES = 1_000
MAX_ARROWS = 50_000
MAX_DEPTH = 50
MAX_TOKENS = 300_000
MAX_NAME = 500
