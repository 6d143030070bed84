"""A randomised study on this device: enrolment, groups, follow-up, outcomes. Floor 2."""
