"""The explorer's state as a static picture."""

from ._canvas import Canvas, Drawing


def explorer_state(query: str) -> Drawing:
    """Draw what the explorer shows at an address."""
    canvas = Canvas()
    canvas.code(4, 1, query)
    return canvas.drawing()
