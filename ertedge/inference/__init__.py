"""Trained networks as plain functions: the manifest that vouches for each file, and one file a runtime.

Floor 1: imports only words and errors (``ertedge.types``, ``ertedge.errors``). Perception never imports this room;
whoever composes the process opens a network here and hands it over.
"""
