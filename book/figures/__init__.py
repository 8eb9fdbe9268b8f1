"""The figures of the book, each a function that returns something to display.

Their labels are symbols and names from the code, so the same picture serves
every language. Every number in them is computed by `cnnlayers`.
"""

from .columns import dilated_filter, network, pool_by_axes, uneven_padding, unfold
from .convolution import (
    conv_volume,
    filters_to_volume,
    receptive_field,
    same_padding,
    single_step,
    stride_dropped,
    window_corners,
    window_counts,
    zero_padding,
)
from .explorer import explorer_state
from .gradients import (
    grad_avg_pool,
    grad_conv_bias,
    grad_conv_filter,
    grad_conv_input,
    grad_max_pool,
    layer_flow,
)
from .photo import photo_pixels
from .pooling import average_pooling, max_pooling, max_ties, pool_shift
from .reading import network_state
from .sine import sine_wave
from .sizes import output_sizes
from .sliding import sliding_filter
from .speed import ideas, speed

__all__ = [
    "average_pooling",
    "conv_volume",
    "dilated_filter",
    "explorer_state",
    "filters_to_volume",
    "grad_avg_pool",
    "grad_conv_bias",
    "grad_conv_filter",
    "grad_conv_input",
    "grad_max_pool",
    "ideas",
    "layer_flow",
    "max_pooling",
    "max_ties",
    "network",
    "network_state",
    "output_sizes",
    "photo_pixels",
    "pool_by_axes",
    "pool_shift",
    "receptive_field",
    "same_padding",
    "sine_wave",
    "single_step",
    "sliding_filter",
    "speed",
    "stride_dropped",
    "uneven_padding",
    "unfold",
    "window_corners",
    "window_counts",
    "zero_padding",
]
