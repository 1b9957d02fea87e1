"""The admin home: one blueprint behind one check, one file a section."""

from . import home
from .blueprint import bp

__all__ = ["bp", "home"]
