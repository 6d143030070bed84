"""The service inside the device. Generated from ``protos/ertedge/sensor/v1``; never edited."""
