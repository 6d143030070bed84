"""The host's side of ertedge: data sets, training, quantization, evaluation, benchmarks. The device never imports it."""
