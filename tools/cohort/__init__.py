"""Simulated people who are offered activities, and the record of what came of it. Host side only.

No public log of CBT recommendations with their outcomes exists, so one is simulated, openly: every parameter of the
simulation names its source or says that it is assumed (``parameters.toml``). ``records`` is the seam: a log of decisions in
the device's own records, whoever wrote it, a simulator or a device.
"""
