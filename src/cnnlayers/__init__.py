"""The layers of a convolutional network in NumPy, forward and backward.

The functions here choose the fastest way for the shapes they meet. `cnnlayers.loops` holds the
same functions as the explicit loops that the book explains; both return the same.
"""

from cnnlayers.columns import col2im, im2col
from cnnlayers.digits import load_digits
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
from cnnlayers.network import (
    cross_entropy_backward,
    cross_entropy_forward,
    dense_backward,
    dense_forward,
    flatten_backward,
    flatten_forward,
    relu_backward,
    relu_forward,
    softmax,
)
from cnnlayers.torch_weights import weights_from_torch, weights_to_torch
from cnnlayers.training import initialize, sgd_momentum

__version__ = "1.0.0"

__all__ = [
    "GradientCheck",
    "col2im",
    "conv_backward",
    "conv_forward",
    "conv_single_step",
    "create_mask_from_window",
    "cross_entropy_backward",
    "cross_entropy_forward",
    "dense_backward",
    "dense_forward",
    "distribute_value",
    "flatten_backward",
    "flatten_forward",
    "gradient_check",
    "im2col",
    "initialize",
    "load_digits",
    "pool_backward",
    "pool_forward",
    "relu_backward",
    "relu_forward",
    "sgd_momentum",
    "softmax",
    "weights_from_torch",
    "weights_to_torch",
    "zero_pad",
]
