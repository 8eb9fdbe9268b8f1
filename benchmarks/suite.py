"""What is measured: layers of well-known shapes, each forward and backward."""

from dataclasses import dataclass, replace
from math import prod

import numpy as np


@dataclass(frozen=True)
class Case:
    """One layer of one shape.

    Attributes
    ----------
    name
        Short name, unique within a kind.
    kind
        "conv", "max" or "average".
    shape
        Shape (m, n_H_prev, n_W_prev, n_C_prev) of A_prev.
    f, stride, pad
        Hyperparameters; pad is 0 for pooling.
    n_C
        Number of filters; that of the input's channels for pooling.
    dtype
        "float32" or "float64".
    """

    name: str
    kind: str
    shape: tuple[int, int, int, int]
    f: int
    stride: int
    pad: int
    n_C: int
    dtype: str

    @property
    def output_shape(self) -> tuple[int, int, int, int]:
        """Shape (m, n_H, n_W, n_C) of the layer's output."""
        m, n_H_prev, n_W_prev, _ = self.shape
        n_H, n_W = ((n - self.f + 2 * self.pad) // self.stride + 1 for n in (n_H_prev, n_W_prev))
        return m, n_H, n_W, self.n_C

    @property
    def steps(self) -> int:
        """Multiplications of a convolution, comparisons or additions of a pool."""
        return prod(self.output_shape) * self.f**2 * (self.shape[3] if self.kind == "conv" else 1)

    def hparameters(self) -> dict[str, int]:
        """Give the hyperparameters as the layer wants them."""
        if self.kind == "conv":
            return {"stride": self.stride, "pad": self.pad}
        return {"f": self.f, "stride": self.stride}

    def with_batch(self, m: int) -> "Case":
        """Give the same layer another batch size."""
        return replace(self, shape=(m, *self.shape[1:]))

    def arrays(self) -> dict[str, np.ndarray]:
        """Draw A_prev, the gradient of the output, and for a convolution W and b."""
        rng = np.random.default_rng(1)
        shapes = {"A_prev": self.shape, "dZ": self.output_shape}
        if self.kind == "conv":
            n_C_prev = self.shape[3]
            shapes |= {"W": (self.f, self.f, n_C_prev, self.n_C), "b": (1, 1, 1, self.n_C)}
        return {k: rng.standard_normal(s, dtype=np.dtype(self.dtype)) for k, s in shapes.items()}


# name, shape of A_prev, number of filters, f, stride, pad
CONVOLUTIONS = (
    ("book", (2, 5, 7, 4), 8, 3, 2, 1),
    ("LeNet-1", (64, 28, 28, 1), 6, 5, 1, 0),
    ("LeNet-2", (64, 14, 14, 6), 16, 5, 1, 0),
    ("3→64", (32, 32, 32, 3), 64, 3, 1, 1),
    ("64→64", (32, 32, 32, 64), 64, 3, 1, 1),
    ("128→128", (32, 16, 16, 128), 128, 3, 1, 1),
    ("7×7/2", (8, 224, 224, 3), 64, 7, 2, 3),
    ("1×1", (16, 28, 28, 256), 64, 1, 1, 0),
    ("64→128/2", (32, 32, 32, 64), 128, 3, 2, 1),
)
POOLED = {"A": (32, 32, 32, 64), "B": (8, 112, 112, 64)}
POOLS = ((2, 2), (3, 2), (3, 1))  # f, stride


def cases(dtypes: tuple[str, ...] = ("float32", "float64")) -> list[Case]:
    """List every layer of the suite."""
    found: list[Case] = []
    for dtype in dtypes:
        for name, shape, n_C, f, stride, pad in CONVOLUTIONS:
            found.append(Case(name, "conv", shape, f, stride, pad, n_C, dtype))
        for kind in ("max", "average"):
            for letter, shape in POOLED.items():
                for f, stride in POOLS:
                    name = f"{letter} {f}×{f}/{stride}"
                    found.append(Case(name, kind, shape, f, stride, 0, shape[3], dtype))
    return found
