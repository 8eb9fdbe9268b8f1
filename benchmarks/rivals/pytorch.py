"""PyTorch on the CPU with two threads, in either of its layouts."""

from benchmarks.suite import Case


def prepare(case: Case, variant: str):
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(2)
    layout = torch.channels_last if variant == "NHWC" else torch.contiguous_format
    t = {k: torch.from_numpy(v) for k, v in case.arrays().items()}
    x = t["A_prev"].permute(0, 3, 1, 2).contiguous(memory_format=layout)
    g = t["dZ"].permute(0, 3, 1, 2).contiguous(memory_format=layout)
    if case.kind == "conv":
        w = t["W"].permute(3, 2, 0, 1).contiguous(memory_format=layout)
        inputs = [x, w, t["b"].reshape(-1).clone()]

        def layer(x, w, b):
            return F.conv2d(x, w, b, stride=case.stride, padding=case.pad)
    else:
        inputs = [x]
        pool = F.max_pool2d if case.kind == "max" else F.avg_pool2d

        def layer(x):
            return pool(x, case.f, case.stride)

    def forward():
        with torch.no_grad():
            return layer(*inputs)

    leaves = [
        v.detach().clone(memory_format=torch.preserve_format).requires_grad_() for v in inputs
    ]
    out = layer(*leaves)

    def backward():
        return torch.autograd.grad(out, leaves, g, retain_graph=True)

    return {"forward": forward, "backward": backward}
