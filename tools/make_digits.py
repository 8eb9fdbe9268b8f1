"""Make ``src/cnnlayers/data/digits.npz`` from the copy that scikit-learn's wheel carries.

::

    python -m tools.make_digits
"""

import gzip
import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

DIGITS = Path(__file__).parents[1] / "src" / "cnnlayers" / "data" / "digits.npz"
WHEEL = "scikit-learn==1.9.1"
TABLE = "sklearn/datasets/data/digits.csv.gz"  # 64 counts of 0 to 16 and the digit, in each line


def make(table: bytes) -> None:
    """Write the images and their labels as the small integers they are."""
    numbers = np.loadtxt(io.BytesIO(gzip.decompress(table)), delimiter=",", dtype=np.uint8)
    np.savez_compressed(DIGITS, images=numbers[:, :64].reshape(-1, 8, 8), labels=numbers[:, 64])
    print(f"{len(numbers)} digits, {DIGITS.stat().st_size} bytes: {DIGITS}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        download = ["-m", "pip", "download", "--no-deps", "--quiet", "--dest", folder, WHEEL]
        subprocess.run([sys.executable, *download], check=True)
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            make(wheel.read(TABLE))
