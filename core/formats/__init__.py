"""Text to hypothesis and back: DAGitty, DOT, GraphML and the native JSON."""
