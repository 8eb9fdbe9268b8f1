"""What the public functions accept and return."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any] | np.integer[Any] | np.bool_]
FloatArray = NDArray[np.floating[Any]]
Scalar = float | np.floating[Any]
Mask = NDArray[np.bool_]
Mode = Literal["max", "average"]
Ties = Literal["all", "first"]
ConvCache = tuple[FloatArray, FloatArray, FloatArray, dict[str, int]]
ConvGradients = tuple[FloatArray, FloatArray, FloatArray]
PoolCache = tuple[FloatArray, dict[str, int]]
DenseCache = tuple[FloatArray, FloatArray, FloatArray]
DenseGradients = tuple[FloatArray, FloatArray, FloatArray]
Labels = NDArray[np.integer[Any]]
LossCache = tuple[FloatArray, Labels]
VolumeShape = tuple[int, int, int, int]
