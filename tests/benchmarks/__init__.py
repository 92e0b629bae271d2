"""Benchmarks, side by side with Segment's runtime; run by `python -m tests.benchmarks`, not by pytest."""
