"""The running example: numbers small enough to follow with a pencil.

The figures draw them and the chapters work with them, so that a reader meets
the same few arrays from the first convolution to the last gradient.
"""

import numpy as np

_X = np.array(
    [
        [1, 3, 6, 1, 2],
        [0, 4, 3, 2, 0],
        [0, 1, 3, 8, 1],
        [2, 1, 5, 0, 4],
        [1, 0, 2, 1, 3],
    ],
    dtype=float,
)
# Left column minus right column: it answers to vertical edges.
_W = np.array([[1, 0, -1], [1, 0, -1], [1, 0, -1]], dtype=float)

X = _X[None, :, :, None]  # (1, 5, 5, 1), what the sliding filter reads
A_prev = X[:, :4, :4]  # (1, 4, 4, 1), its top left part: pooling and the gradients
W = _W[:, :, None, None]  # (3, 3, 1, 1)
b = np.ones((1, 1, 1, 1))
hparameters = {"stride": 1, "pad": 0}

# One filter and its transpose, for what needs two output channels.
filters = np.stack([_W, _W.T], axis=-1)[:, :, None, :]  # (3, 3, 1, 2)
biases = np.array([1.0, 0.0]).reshape(1, 1, 1, 2)

pool_hparameters = {"f": 2, "stride": 2}
# A window with two equal maxima, top left.
tied = np.array([[4, 4, 1, 0], [2, 4, 0, 3], [1, 0, 2, 2], [5, 1, 2, 2]], dtype=float)[
    None, :, :, None
]  # (1, 4, 4, 1)

# What arrives at the output of conv_forward(A_prev, W, b, hparameters)
dZ = np.array([[1, 2], [-1, 3]], dtype=float)[None, :, :, None]
# and of pool_forward(A_prev, pool_hparameters)
dA = np.array([[4, 8], [-4, 12]], dtype=float)[None, :, :, None]

# The same input in an address of the explorer: "op=conv&" + query_X + …
query_X = "input=own&x=" + ";".join(",".join(f"{v:g}" for v in row) for row in _X)
query_A_prev = "input=own&x=" + ";".join(",".join(f"{v:g}" for v in row) for row in _X[:4, :4])
query_W = "filter=own&k=" + ";".join(",".join(f"{v:g}" for v in row) for row in _W) + "&bias=1"
