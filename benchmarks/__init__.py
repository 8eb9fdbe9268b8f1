"""Times the layers beside other implementations, as ratios: ``python -m benchmarks``."""
