"""The steps that make the database what it is, numbered, each applied once with its record in one transaction. Floor 1.

A step that has been released is never changed; a change of the tables is a new step at the end. ``sqlite-utils`` keeps the
record of what was applied and wraps each step with its record in a transaction. A record of a step that is not listed here
means that a newer ertedge wrote the database.
"""

from __future__ import annotations

from sqlite_utils import Migrations

from ertedge.store.migrations.step_0001_states_and_ledger import create_states_and_ledger
from ertedge.store.migrations.step_0002_suggestions import create_suggestions
from ertedge.store.migrations.step_0003_safety import create_safety
from ertedge.store.migrations.step_0004_profiles import tell_people_apart
from ertedge.store.migrations.step_0005_people import create_people
from ertedge.store.migrations.step_0006_assessments import create_assessments
from ertedge.store.migrations.step_0007_faces_and_calibration import create_faces_and_calibration
from ertedge.store.migrations.step_0008_study import create_study
from ertedge.store.migrations.step_0009_state_hours import create_state_hours
from ertedge.store.migrations.step_0010_face_network import create_face_network

steps = Migrations("ertedge")
steps(name="0001_states_and_ledger")(create_states_and_ledger)
steps(name="0002_suggestions")(create_suggestions)
steps(name="0003_safety")(create_safety)
steps(name="0004_profiles")(tell_people_apart)
steps(name="0005_people")(create_people)
steps(name="0006_assessments")(create_assessments)
steps(name="0007_faces_and_calibration")(create_faces_and_calibration)
steps(name="0008_study")(create_study)
steps(name="0009_state_hours")(create_state_hours)
steps(name="0010_face_network")(create_face_network)
