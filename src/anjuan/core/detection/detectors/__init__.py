"""One detector a file: ``DETECTOR`` is what the catalogue of detectors picks up."""
