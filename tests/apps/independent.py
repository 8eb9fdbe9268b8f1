"""What the explorer has to show, computed without cnnlayers: plain loops over windows."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Case:
    """A state whose numbers are all in its address."""

    op: str
    x: np.ndarray  # (n_H, n_W, n_C)
    k: np.ndarray  # (f, f, n_C)
    stride: int
    pad: int
    bias: float
    h: int
    w: int
    c: int
    ties: str = "all"
    f: int = 0

    def __post_init__(self):
        self.f = self.f or len(self.k)
        self.padded = self.x
        if self.op == "conv":
            self.padded = np.pad(self.x, ((self.pad, self.pad), (self.pad, self.pad), (0, 0)))
        self.n_H, self.n_W = (
            len(range(0, n - self.f + 1, self.stride)) for n in self.padded.shape[:2]
        )
        self.n_C = 1 if self.op == "conv" else self.x.shape[2]

    def query(self, **more: str) -> str:
        def numbers(volume):
            channels = np.moveaxis(volume, -1, 0)
            return "~".join(";".join(",".join(f"{v:g}" for v in r) for r in c) for c in channels)

        given = {
            "op": self.op,
            "input": "own",
            "x": numbers(self.x),
            "stride": self.stride,
            "h": self.h,
            "w": self.w,
        }
        if self.op == "conv":
            given |= {"k": numbers(self.k), "pad": self.pad, "bias": self.bias}
        else:
            given |= {"f": self.f, "c": self.c, "ties": self.ties}
        return "&".join(f"{key}={value}" for key, value in (given | more).items())

    def window(self, h: int, w: int) -> np.ndarray:
        top, left = h * self.stride, w * self.stride
        return self.padded[top : top + self.f, left : left + self.f]

    def output(self) -> np.ndarray:
        Z = np.empty((self.n_H, self.n_W, self.n_C))
        for h in range(self.n_H):
            for w in range(self.n_W):
                window = self.window(h, w)
                if self.op == "conv":
                    Z[h, w, 0] = (window * self.k).sum() + self.bias
                else:
                    Z[h, w] = window.max((0, 1)) if self.op == "max" else window.mean((0, 1))
        return Z

    def gradients(self, dZ: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
        """What the cells up to (h, w, c) send back, in the order of the book's loops."""
        dA, dW, db = np.zeros(self.padded.shape), np.zeros(self.k.shape), 0.0
        for h, w, c in np.ndindex(dZ.shape):
            if (h, w, c) > (self.h, self.w, self.c):
                break
            dz, top, left = dZ[h, w, c], h * self.stride, w * self.stride
            if self.op == "conv":
                dA[top : top + self.f, left : left + self.f] += self.k * dz
                dW += self.window(h, w) * dz
                db += dz
                continue
            window = self.window(h, w)[:, :, c]
            if self.op == "average":
                share = np.full((self.f, self.f), dz / self.f**2)
            elif self.ties == "first":
                share = np.zeros(self.f**2)
                share[window.argmax()] = dz
                share = share.reshape(self.f, self.f)
            else:
                share = (window == window.max()) * dz
            dA[top : top + self.f, left : left + self.f, c] += share
        n_H, n_W = self.x.shape[:2]
        pad = (dA.shape[0] - n_H) // 2
        return dA[pad : pad + n_H, pad : pad + n_W], dW, db

    def pad_of(self) -> int:
        return (len(self.padded) - len(self.x)) // 2

    def gradient_of_pixel(self, dZ: np.ndarray, row: int, column: int, c: int) -> list[float]:
        """What each window adds to the gradient of a pixel, window by window."""
        row, column, terms = row + self.pad_of(), column + self.pad_of(), []
        for h, w in np.ndindex(self.n_H, self.n_W):
            i, j = row - h * self.stride, column - w * self.stride
            if not (0 <= i < self.f and 0 <= j < self.f):
                continue
            if self.op == "conv":
                terms.append(dZ[h, w, 0] * self.k[i, j, c])
            elif self.op == "average":
                terms.append(dZ[h, w, c] / self.f**2)
            else:
                window = self.window(h, w)[:, :, c]
                first = i * self.f + j == window.argmax()
                wins = first if self.ties == "first" else window[i, j] == window.max()
                terms.append(dZ[h, w, c] * wins)
        return terms


def draw(rng: np.random.Generator) -> Case:
    """A random case with numbers of one decimal and now and then a tie."""
    while True:
        op = rng.choice(["conv", "max", "average"])
        f, channels = int(rng.integers(1, 5)), int(rng.choice([1, 1, 3]))
        shape = (*rng.integers(2, 9, size=2), channels)
        case = Case(
            op=str(op),
            x=rng.integers(-9, 10, shape) / float(rng.choice([1, 10])),
            k=rng.integers(-30, 31, (f, f, channels)) / 10,
            stride=int(rng.integers(1, 4)),
            pad=int(rng.integers(0, 3)),
            bias=int(rng.integers(-20, 21)) / 10,
            h=0,
            w=0,
            c=0,
            ties=str(rng.choice(["all", "first"])),
        )
        if case.n_H and case.n_W:
            case.h, case.w, case.c = (int(rng.integers(n)) for n in (case.n_H, case.n_W, case.n_C))
            return case
