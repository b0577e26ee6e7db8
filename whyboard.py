"""Whyboard under its own name: ``import whyboard`` gives what ``core`` gives.

Streamlit looks for a component's files beside the module that bears its distribution's
name; without this module it would not find those of the drawing component.
"""

from core import __all__

__all__ = list(__all__)
