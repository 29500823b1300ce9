"""Anjuan (案卷): the records archive of social-insurance business."""

VERSION = "0.1.0"
