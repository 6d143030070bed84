"""Who is in front of the device, and what is learnt of them: presence, enrolment, calibration. Floor 2."""
