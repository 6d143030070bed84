"""Tests of `ertedge-ctl`."""
