"""What runs on a host and never on the device: data sets, training, quantization, evaluation, benchmarks.

May import ``ertedge`` (training and device share the same feature code); ``ertedge`` never imports this package.
"""
