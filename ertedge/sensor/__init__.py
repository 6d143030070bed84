"""The sensor process, which alone has the camera, the microphone and the perception models, and has no network.

Floor 2: imports floors 0 and 1, and the generated messages. The core process uses two files of this room alone, ``client``
and ``wire``, which load neither device libraries nor models.
"""
