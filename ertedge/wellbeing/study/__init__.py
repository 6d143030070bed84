"""A study: its protocol, the sealed allocation, what is due when, what of it leaves the device. Floor 1; pure."""
