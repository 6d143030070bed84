"""The core process: estimates, states, their history, the device. Floor 2; imports no device and no runtime of models."""
