"""Enrolment, calibration and self-reports in the terminal. Floor 4."""
