"""Make ``apps/network/trained.npz``: the first network that the chapter on digits trains.

::

    python -m tools.make_weights
"""

import numpy as np

from apps.network.course import TRAINED, accuracy
from apps.network.pictures import examples
from cnnlayers.digits import Parameters, network_parameters, train


def make() -> Parameters:
    """Train as the chapter does, with its first seed; half the precision is enough to read by."""
    X, y, _, _ = examples()
    rng = np.random.default_rng(0)
    parameters, _ = train(network_parameters(rng), X, y, rng)
    return {name: value.astype(np.float32) for name, value in parameters.items()}


if __name__ == "__main__":
    made = make()
    np.savez_compressed(TRAINED, **made)
    share = accuracy({name: value.astype(float) for name, value in made.items()})
    print(f"{100 * share:.1f} % of the test digits, {TRAINED.stat().st_size} bytes: {TRAINED}")
