"""Anjuan's verifier (核验程序): judges a certificate off-line with the standard library alone.

It stands apart from the archive on purpose: a court, a bank or a citizen can read all of it in an afternoon.
"""

VERSION = "1"
