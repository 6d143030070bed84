"""Messages and services of the public API. Generated from ``protos/ertedge/v1``; never edited."""
