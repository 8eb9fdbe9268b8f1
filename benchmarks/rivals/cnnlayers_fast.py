"""The package's public functions."""

from benchmarks.suite import Case


def prepare(case: Case, variant: str):
    import cnnlayers.fast as layers

    return of_module(layers, case)


def of_module(layers, case: Case):
    a = case.arrays()
    if case.kind == "conv":
        hparameters = {"stride": case.stride, "pad": case.pad}
        forward = lambda: layers.conv_forward(a["A_prev"], a["W"], a["b"], hparameters)
        _, cache = forward()
        backward = lambda: layers.conv_backward(a["dZ"], cache)
    else:
        hparameters = {"f": case.f, "stride": case.stride}
        forward = lambda: layers.pool_forward(a["A_prev"], hparameters, case.kind)
        _, cache = forward()
        backward = lambda: layers.pool_backward(a["dZ"], cache, case.kind)
    return {"forward": forward, "backward": backward}
