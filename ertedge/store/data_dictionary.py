"""What each column of each personal table means to the person it is about, and how it is written for them. Floor 1.

An export goes through ``PERSONAL_TABLES`` and writes what stands here; a test fails for a column that nobody has explained.
"""

from __future__ import annotations

from ertedge.store.export_form import Exported, Field, Form
from ertedge.store.rows import MODALITIES, PROBABILITY_COLUMNS, share_columns
from ertedge.types import EMOTIONS

_PERSON = Field("profile_id", "the number of your profile")
_WHEN = Field("wall_time_ns", "when it was", Form.TIME)
_SYNTHETIC = Field("synthetic", "whether it came from the demo or a simulation, and is not about you", Form.FLAG)
_REQUEST = Field("request_id", "the name that a program gave its request, by which a repetition is known")


def _states() -> tuple[Field, ...]:
    shares: list[Field] = []
    for modality in MODALITIES:
        weight, quality, reasons, *said = share_columns(modality)
        what = modality.value
        shares += [
            Field(weight, f"how much the {what} counted, from 0 to 1; empty: there was none", Form.FRACTION),
            Field(quality, f"how well the {what} could be read, from 0 to 1", Form.FRACTION),
            Field(reasons, f"why the {what} could not be read, or not well", Form.REASONS),
            *(
                Field(column, f"how probable the {what} made {emotion}", Form.FRACTION, f"{what}_{emotion}")
                for column, emotion in zip(said, EMOTIONS, strict=True)
            ),
        ]
    return (
        Field("sequence", "its number"),
        _WHEN,
        Field("timestamp_ns", "when it was, in nanoseconds since the device was switched on"),
        Field("since_ns", "since when the emotion held, in the same nanoseconds"),
        Field("emotion", "what the device took you to feel; unknown: it could not tell", Form.EMOTION),
        Field("valence", "how pleasant, from -1 to 1", Form.FRACTION),
        Field("arousal", "how excited, from -1 to 1", Form.FRACTION),
        Field("confidence", "how sure the device was, from 0 to 1", Form.FRACTION),
        Field("reasons", "why it could not tell, if it could not", Form.REASONS),
        _SYNTHETIC,
        Field("state_count", "how many moments it sums up: older ones are kept as one a minute"),
        *(
            Field(column, f"how probable {emotion} was, from 0 to 1", Form.FRACTION, f"probability_{emotion}")
            for column, emotion in zip(PROBABILITY_COLUMNS, EMOTIONS, strict=True)
        ),
        *shares,
        _PERSON,
    )


_SUGGESTIONS = (
    Field("suggestion_id", "its number"),
    _PERSON,
    Field("decision_id", "the number of the decision that it came from"),
    Field("wall_time_ns", "when it was offered", Form.TIME),
    Field("expire_wall_time_ns", "until when the offer stood", Form.TIME),
    Field("activity_id", "the activity"),
    Field("activity_version", "which version of its text"),
    Field("title", "what the activity is called"),
    Field("minutes", "how long it takes, in minutes"),
    Field("reason", "the reason that you were given"),
    Field("trigger", "what it was offered on: a state that lasted, a time of day, or your own request"),
    Field("propensity", "how probable it was that just this was offered, from 0 to 1"),
    Field("expected_helpfulness", "how helpful it was expected to be, from -1 to 1"),
    Field("expected_sd", "how uncertain that was, as a standard deviation"),
    Field("emotion", "what you were taken to feel"),
    Field("valence_before", "how pleasant you were taken to feel before, from -1 to 1"),
    Field("arousal_before", "how excited you were taken to be before, from -1 to 1"),
    Field("status", "what has become of it"),
    Field("helpfulness", "how much you said it helped, from 1 to 5; 0: you did not say"),
    Field("valence_after", "how pleasant you were taken to feel some minutes after, from -1 to 1"),
    Field("arousal_after", "how excited you were taken to be some minutes after, from -1 to 1"),
    Field("snooze_until_wall_time_ns", "until when you put it off", Form.TIME),
    Field("update_wall_time_ns", "when it last changed", Form.TIME),
    _SYNTHETIC,
)

_LABELS = (
    Field("label_id", "its number"),
    _PERSON,
    _WHEN,
    Field("emotion", "what you said that you felt"),
    Field("source", "where you said it: in a guided session, or in daily use"),
    Field("session_id", "the number of the guided session; 0: none"),
    _SYNTHETIC,
    Field("valence", "how pleasant, from -1 to 1, where you pointed at it"),
    Field("arousal", "how excited, from -1 to 1, where you pointed at it"),
    *(
        field
        for what in ("face", "voice")
        for field in (
            Field(f"{what}_quality", f"how well the {what} could be read just before, from 0 to 1"),
            Field(f"{what}_probabilities", f"how probable the {what} made each of the seven emotions", Form.FLOATS),
            Field(
                f"{what}_embedding",
                f"what was measured of the {what}, as numbers from which no picture, and no sound, can be made",
                Form.FLOATS,
            ),
        )
    ),
    _REQUEST,
)

EXPORTED: tuple[Exported, ...] = (
    Exported(
        "profiles",
        "profile",
        "Your profile.",
        (
            _PERSON,
            Field("display_name", "your name on this device"),
            Field("language", "your language, ISO 639-1; empty: the device's"),
            Field("create_wall_time_ns", "when it was made", Form.TIME),
            Field("update_wall_time_ns", "when it last changed", Form.TIME),
            Field("etag", "a mark that changes with it"),
            _REQUEST,
        ),
    ),
    Exported(
        "consent_receipts",
        "consents",
        "What you agreed to and what you took back, each with the text that you were shown.",
        (
            Field("receipt_id", "its number"),
            _PERSON,
            Field("purpose", "what it is about"),
            Field("given", "whether you agreed; false: you took it back", Form.FLAG),
            Field("text_version", "which version of the text"),
            Field("text_language", "its language, ISO 639-1"),
            Field("text_digest", "the SHA-256 of the text, by which it can be proven which it was"),
            _WHEN,
        ),
    ),
    Exported(
        "selected_profile",
        "selected",
        "That you said it is you in front of the device.",
        (Field("one", "always 1"), _PERSON, _WHEN),
    ),
    Exported("states", "states", "What the device took you to feel, moment by moment.", _states()),
    Exported(
        "ledger",
        "privacy_ledger",
        "What was done on the device with what is yours, or for your privacy.",
        (
            Field("entry_id", "its number"),
            _WHEN,
            Field("event", "what was done"),
            Field("subject", "to what"),
            Field("detail", "the same as a sentence"),
            _PERSON,
        ),
    ),
    Exported(
        "decisions",
        "decisions",
        "When the device considered a suggestion for you, what it knew then, and why it chose what it did, or silence.",
        (
            Field("decision_id", "its number"),
            _PERSON,
            _WHEN,
            Field("trigger", "what it was considered on"),
            Field("offer_propensity", "how probable it was that anything was offered, from 0 to 1"),
            Field("chosen", "the activity; empty: none"),
            Field("silence", "why nothing was offered, where nothing was"),
            Field("policy", "the rule that decided"),
            Field("model", "the version of the model that was asked"),
            _SYNTHETIC,
            Field("context", "what was known: the time, and a summary of the minutes before", Form.JSON),
            Field("candidates", "what could have been offered, and what was expected of each", Form.JSON),
        ),
    ),
    Exported("suggestions", "suggestions", "What was suggested to you, and what became of it.", _SUGGESTIONS),
    Exported(
        "responses",
        "responses",
        "What you did with suggestions.",
        (
            Field("response_id", "its number"),
            _PERSON,
            _REQUEST,
            Field("suggestion_id", "the number of the suggestion"),
            _WHEN,
            Field("kind", "what you did"),
            Field("rating", "how much you said it helped, from 1 to 5; 0: you did not say"),
            Field("snooze_seconds", "for how long you put it off, in seconds"),
        ),
    ),
    Exported(
        "requests",
        "requests",
        "When you asked for a suggestion, and which you got.",
        (_PERSON, _REQUEST, Field("suggestion_id", "the number of the suggestion"), _WHEN),
    ),
    Exported(
        "learning",
        "learning",
        "What the device has learnt of what helps you, as the numbers that its model computes with.",
        (
            _PERSON,
            _SYNTHETIC,
            Field("wall_time_ns", "when it was last changed", Form.TIME),
            Field("model", "the version of the model that they belong to"),
            Field("state", "the numbers, as that model stores them, in Base64", Form.BYTES),
            Field("forgotten_id", "nothing is learnt from suggestions up to this number, since you had it forgotten"),
        ),
    ),
    Exported(
        "safety_notices",
        "safety_notices",
        "When the device asked how you are because it was worried.",
        (
            Field("notice_id", "its number"),
            _PERSON,
            _WHEN,
            Field("kind", "whether it asked gently, or put help first"),
            Field("cause", "what it was raised by"),
            Field("message", "what you were told"),
            Field("open", "whether it is still open", Form.FLAG),
            Field("ask_count", "how often you were asked"),
            Field("ask_wall_time_ns", "when you would be asked again", Form.TIME),
            Field("response", "what you answered last"),
            Field("response_wall_time_ns", "when you answered", Form.TIME),
            _SYNTHETIC,
        ),
    ),
    Exported(
        "safety_answers",
        "safety_answers",
        "That you answered such a notice. What you said in words was never written down.",
        (
            Field("answer_id", "its number"),
            _PERSON,
            _REQUEST,
            Field("notice_id", "the number of the notice"),
            Field("response", "what you answered"),
            Field("finding", "how grave what you said was taken to be: 0 not, 1 worrying, 2 a crisis"),
            _WHEN,
        ),
    ),
    Exported(
        "safety_watch",
        "safety_watch",
        "How far the device is in watching over your safety, so that a restart forgets nothing.",
        (
            _PERSON,
            Field("wall_time_ns", "when it was last written", Form.TIME),
            Field("record", "how far it is", Form.JSON),
        ),
    ),
    Exported(
        "safety_plan",
        "safety_plan",
        "Your safety plan.",
        (_PERSON, Field("plan", "the plan, step by step", Form.JSON)),
    ),
    Exported(
        "enrolled_faces",
        "enrolled_faces",
        "What the device recognises your face by.",
        (
            Field("face_id", "its number"),
            _PERSON,
            Field("embedding", "what was measured of your face, as numbers; there is no picture", Form.FLOATS),
            _WHEN,
        ),
    ),
    Exported(
        "calibration_labels", "calibration_labels", "What you said that you felt, for the device to learn.", _LABELS
    ),
    Exported(
        "calibration_sessions",
        "calibration_sessions",
        "Guided sessions in which you showed and said what you felt.",
        (
            Field("session_id", "its number"),
            _PERSON,
            Field("begin_wall_time_ns", "when it was begun", Form.TIME),
            _SYNTHETIC,
            Field("plan", "the emotions that it goes through", Form.JSON),
            Field("next_take", "how many of them are done"),
            Field("skipped", "the emotions that you did not want to be asked for", Form.JSON),
        ),
    ),
    Exported(
        "assessments",
        "assessments",
        "Questionnaires that you filled in.",
        (
            Field("assessment_id", "its number"),
            _PERSON,
            Field("questionnaire", "which questionnaire"),
            Field("version", "which version of it"),
            Field("language", "its language, ISO 639-1"),
            Field("status", "how far it is"),
            Field("wall_time_ns", "when you began", Form.TIME),
            Field("update_wall_time_ns", "when it last changed", Form.TIME),
            Field("complete_wall_time_ns", "when you finished; empty: not yet", Form.TIME),
            Field("flags", "what in it should not wait", Form.JSON),
            Field("response", "your answers, as a FHIR R4 QuestionnaireResponse", Form.JSON),
        ),
    ),
    Exported(
        "assessment_amendments",
        "assessment_amendments",
        "Answers of a finished questionnaire that you changed later.",
        (
            Field("amendment_id", "its number"),
            _PERSON,
            Field("assessment_id", "the number of the questionnaire that you filled in"),
            _WHEN,
            Field("link_id", "which item"),
            Field("code_before", "the answer before"),
            Field("code_after", "the answer after"),
            Field("reason", "why, in your words"),
        ),
    ),
    Exported(
        "assessment_requests",
        "assessment_requests",
        "Requests of programs about questionnaires, so that a repetition is known.",
        (
            _PERSON,
            _REQUEST,
            Field("assessment_id", "the number of the questionnaire that you filled in"),
            Field("what", "what was asked"),
            _WHEN,
        ),
    ),
    Exported(
        "assessment_reminders",
        "assessment_reminders",
        "Reminders of a questionnaire that is due.",
        (
            _PERSON,
            Field("questionnaire", "which questionnaire"),
            Field("wall_time_ns", "when you were reminded", Form.TIME),
            Field("expire_wall_time_ns", "until when the reminder stands", Form.TIME),
            Field("dismissed", "whether you put it away", Form.FLAG),
        ),
    ),
    Exported(
        "study_participants",
        "study",
        "That you take part in a study.",
        (
            Field("participant_id", "your number in it"),
            Field("study_id", "which study"),
            _PERSON,
            Field("stratum", "the stratum that you were counted to"),
            Field("slot", "your place in its sealed sequence, by which the study tells you your group once it may"),
            Field("enrol_wall_time_ns", "when you joined", Form.TIME),
            Field("characteristics", "what you said of yourself at the beginning", Form.JSON),
            Field("withdraw_wall_time_ns", "when you left; empty: you did not", Form.TIME),
            Field("withdraw_reason", "why, in your words"),
            _REQUEST,
        ),
    ),
    Exported(
        "study_events",
        "study_events",
        "Adverse events that were recorded of you in a study.",
        (
            Field("event_id", "its number"),
            Field("participant_id", "your number in the study"),
            _PERSON,
            Field("onset_wall_time_ns", "when it began", Form.TIME),
            Field("category", "of what kind"),
            Field("seriousness", "how serious"),
            Field("severity", "how severe"),
            Field("relatedness", "whether the study may be the cause"),
            Field("outcome", "how it ended"),
            Field("description", "what happened"),
            Field("record_wall_time_ns", "when it was recorded", Form.TIME),
            Field("update_wall_time_ns", "when it last changed", Form.TIME),
            _REQUEST,
        ),
    ),
)
