"""Where frames and sound come from: one file a device API, one protocol each, bounded buffers.

Floor 1: imports only types, errors and config. Nothing is opened and no device library is imported before ``open()``.
"""
