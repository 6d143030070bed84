"""What the drift monitor's reference is made of, and the faults on which it is tried. Host only;
``tools.measure_drift`` uses it.

A *session* is one person before one device in one set of circumstances (light, distance, room, microphone): a run of
readings, as the device's own perception gives them through the exported files. Sessions differ from one another as
people and rooms do, readings within a session as moments do; the reference needs to know both.
"""
