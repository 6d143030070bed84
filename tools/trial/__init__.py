"""Trials of the device: analysed from its exports, and simulated on the device's own code. Host side only.

``python -m tools.trial analyse`` reads what ``ertedge-ctl study export`` wrote and makes one HTML report. ``simulate`` runs
a whole trial through the daemon's code, whose effect on people is an assumption (``assumptions.toml``) and never a finding.
"""
