"""What the cells of the chapters import: figures, listings, the running example."""

from . import example, figures
from .api import api_page
from .listing import show_file, show_source
from .style import style

__all__ = ["api_page", "example", "figures", "show_file", "show_source", "style"]
