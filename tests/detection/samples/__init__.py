"""Labelled samples of the rule detectors: one module a detector, ``SAMPLES`` in it. Its known traps are among them."""
