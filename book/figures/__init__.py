"""The figures of the book, each a function that returns something to display.

Their labels are symbols and names from the code, so the same picture serves
every language. Every number in them is computed by `cnnlayers`.
"""

def _stub(name):
    def figure(*args, **kwargs):
        from matplotlib.figure import Figure
        from io import StringIO
        fig = Figure(figsize=(4, 2)); fig.text(.5, .5, name, ha="center")
        out = StringIO(); fig.savefig(out, format="svg")
        class Drawing:
            def _repr_svg_(self):
                return out.getvalue()
        return Drawing()
    figure.__name__ = name
    return figure

__all__ = """zero_padding conv_volume single_step sliding_filter window_corners filters_to_volume stride_dropped
same_padding window_counts receptive_field max_pooling average_pooling pool_shift max_ties grad_conv_input grad_conv_filter grad_conv_bias
grad_max_pool grad_avg_pool layer_flow explorer_state sine_wave""".split()
globals().update({n: _stub(n) for n in __all__})
