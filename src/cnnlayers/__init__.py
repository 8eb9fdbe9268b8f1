"""The layers of a convolutional network in NumPy, forward and backward.

The functions here choose the fastest way for the shapes they meet. `cnnlayers.loops` holds the
same functions as the explicit loops that the book explains; both return the same.
"""

from cnnlayers.fast import (
    conv_backward,
    conv_forward,
    conv_single_step,
    create_mask_from_window,
    distribute_value,
    pool_backward,
    pool_forward,
    zero_pad,
)
from cnnlayers.gradients import GradientCheck, gradient_check

__version__ = "1.0.0"

__all__ = [
    "GradientCheck",
    "conv_backward",
    "conv_forward",
    "conv_single_step",
    "create_mask_from_window",
    "distribute_value",
    "gradient_check",
    "pool_backward",
    "pool_forward",
    "zero_pad",
]
