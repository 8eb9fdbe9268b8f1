"""States as readers reach them: one control, one cell after the other."""

from hypothesis import strategies as st

from apps.explorer.moves import change, edit
from apps.explorer.state import CONTROLS, State
from apps.shared.typed import Refused

CHANGES = st.lists(
    st.one_of(
        st.sampled_from(
            [(key, value) for key, control in CONTROLS.items() for value in control.options]
        ),
        st.sampled_from(
            [
                (key, n)
                for key, control in CONTROLS.items()
                if control.kind == "whole"
                for n in range(control.low, min(control.high, 12) + 1)
            ]
        ),
        st.tuples(st.just("bias"), st.floats(-999, 999, allow_nan=False)),
        st.tuples(st.just("bias"), st.sampled_from(["0,5", "−2", "1e2"])),
    ),
    max_size=12,
)
EDITS = st.lists(
    st.tuples(
        st.sampled_from("xk"),
        st.tuples(*[st.integers(0, 8)] * 3),
        st.floats(-99, 99, allow_nan=False),
    ),
    max_size=3,
)


def reached(changes, edits) -> State:
    """A state as a reader reaches it: one control, one cell after the other."""
    state = State()
    for key, value in changes:
        try:
            state = change(state, key, value)
        except Refused:
            continue
    for grid, cell, value in edits:
        try:
            state = edit(state, grid, cell, value)
        except Refused:
            continue
    return state
