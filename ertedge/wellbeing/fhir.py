"""A questionnaire's file: a FHIR R4 ``Questionnaire`` in JSON, checked, and made into the record. Floor 1.

Of R4 (hl7.org/fhir/R4/questionnaire.html) this reads groups, displays and choices. Answers stand at the item
(``answerOption``) or once for many items in a contained ``ValueSet`` (``answerValueSet`` of ``#id``); what each counts is
the ``ordinalValue`` extension. Elements of R4 that only describe the resource are read over. One that would change what is
asked and that this cannot do, such as ``enableWhen``, is a fault: to ask something else than was published would be worse.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import ConfigDict, Field, ValidationError, field_validator

from ertedge.config import Section, faults_of
from ertedge.types.assessments import AnswerChoice, Questionnaire, QuestionnaireItem

ORDINAL_VALUE = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
_WHAT_IT_IS = ("identifier", "derivedFrom", "purpose", "code", "subjectType", "useContext", "jurisdiction", "extension")
_WHERE_FROM = ("meta", "text", "publisher", "contact", "date", "approvalDate", "lastReviewDate", "effectivePeriod")
RESOURCE_ELEMENTS = frozenset((*_WHAT_IT_IS, *_WHERE_FROM, "implicitRules", "experimental"))
"""Elements of a ``Questionnaire`` that change nothing of what is asked."""
ITEM_ELEMENTS = frozenset(["id", "extension", "definition", "code", "required", "readOnly", "maxLength"])
CANNOT = {
    "enableWhen": "asks an item only after certain answers",
    "enableBehavior": "asks an item only after certain answers",
    "initial": "answers an item before the person does",
    "modifierExtension": "may change the meaning of everything else",
}
"""Elements that would change what is asked."""
DEPTH_MOST = 32
IDENTIFIER = r"^[A-Za-z0-9\-\.]{1,64}$"
"""FHIR's own pattern of an id."""


class _Listed(Section):
    @field_validator("*", mode="before")
    @classmethod
    def _lists_are_tuples(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value


class _Described(_Listed):
    """A part of which R4 has many more elements, none of which changes what is asked."""

    model_config = ConfigDict(extra="ignore")


class _Coding(_Described):
    system: str = ""
    code: str = Field(min_length=1, max_length=64)
    display: str = ""


class _Extension(_Described):
    url: str
    valueDecimal: float | None = None  # noqa: N815 (FHIR's names, here and below)


class _AnswerOption(_Listed):
    valueCoding: _Coding  # noqa: N815
    extension: tuple[_Extension, ...] = ()


class _Item(_Listed):
    linkId: str = Field(min_length=1, max_length=64)  # noqa: N815
    type: Literal["group", "display", "choice"]
    text: str = ""
    prefix: str = ""
    repeats: bool = False
    answerOption: tuple[_AnswerOption, ...] = ()  # noqa: N815
    answerValueSet: str = ""  # noqa: N815
    item: tuple[_Item, ...] = ()


class _Concept(_Described):
    code: str = Field(min_length=1, max_length=64)
    display: str = ""
    extension: tuple[_Extension, ...] = ()


class _Include(_Described):
    system: str = ""
    concept: tuple[_Concept, ...] = ()


class _Compose(_Described):
    include: tuple[_Include, ...] = ()


class _ValueSet(_Described):
    resourceType: Literal["ValueSet"]  # noqa: N815
    id: str = Field(pattern=IDENTIFIER)
    compose: _Compose = _Compose()


class _Resource(_Listed):
    resourceType: Literal["Questionnaire"]  # noqa: N815
    id: str = Field(pattern=IDENTIFIER)
    url: str = Field(pattern=r"^[a-z][a-z0-9+.\-]*:\S+$")
    version: str = Field(min_length=1, max_length=32)
    language: str = Field(pattern=r"^[a-z]{2}$")
    title: str = Field(min_length=1, max_length=200)
    name: str = ""
    status: Literal["draft", "active", "retired", "unknown"]
    description: str = Field(min_length=1, max_length=2000)
    copyright: str = Field(min_length=1, max_length=2000)
    contained: tuple[_ValueSet, ...] = ()
    item: tuple[_Item, ...] = Field(min_length=1)


def read_questionnaire(document: Mapping[str, Any]) -> tuple[Questionnaire | None, list[str]]:
    """The questionnaire in ``document``, and every fault found in it; None where there are any.

    Its instruction is the resource's ``description``; its attribution the first paragraph of ``copyright``, its terms what
    follows there.
    """
    faults: list[str] = []
    try:
        resource = _Resource.model_validate(_described(document, RESOURCE_ELEMENTS, "", faults))
    except ValidationError as error:
        return None, faults + faults_of(error, _Resource)
    value_sets = {each.id: _choices_of_set(each) for each in resource.contained}
    items: list[QuestionnaireItem] = []
    for where, item, groups in _flat(resource.item, "item"):
        faults += _item_faults(where, item, value_sets)
        if item.type == "choice":
            choices = value_sets.get(item.answerValueSet.removeprefix("#"), ()) or _choices(item.answerOption)
            items.append(QuestionnaireItem(item.linkId, item.prefix, item.text, choices, groups))
    faults += _whole_faults(resource, items)
    if faults:
        return None, faults
    attribution, _, terms = resource.copyright.partition("\n\n")
    record = Questionnaire(
        questionnaire_id=resource.id,
        url=resource.url,
        version=resource.version,
        language=resource.language,
        title=resource.title,
        instruction=resource.description,
        attribution=attribution,
        terms=terms,
        items=tuple(items),
    )
    return record, []


def _described(
    document: Mapping[str, Any], plain: frozenset[str], where: str, faults: list[str], depth: int = 0
) -> dict[str, Any]:
    """``document`` without what only describes; what cannot be done is a fault."""
    kept: dict[str, Any] = {}
    if depth > DEPTH_MOST:
        faults.append(f"{where}: more than {DEPTH_MOST} items stand within each other, which nobody could follow")
        return kept
    for name, value in document.items():
        place = f"{where}{name}"
        if name in CANNOT:
            faults.append(
                f"{place}: {CANNOT[name]}, which cannot be done here; leave it out only if its authors allow it"
            )
        elif name == "item" and isinstance(value, list):
            kept[name] = [
                _described(each, ITEM_ELEMENTS, f"{place}.{index}.", faults, depth + 1)
                if isinstance(each, Mapping)
                else each
                for index, each in enumerate(value)
            ]
        elif name not in plain and not name.startswith("_"):
            kept[name] = value
    return kept


def _flat(
    items: Sequence[_Item], where: str, groups: tuple[str, ...] = ()
) -> Iterator[tuple[str, _Item, tuple[str, ...]]]:
    """Every item with where it stands and the items that it stands in."""
    for index, item in enumerate(items):
        yield f"{where}.{index}", item, groups
        yield from _flat(item.item, f"{where}.{index}.item", (*groups, item.linkId))


def _item_faults(where: str, item: _Item, value_sets: Mapping[str, tuple[AnswerChoice, ...]]) -> Iterator[str]:
    here = f"{where} ({item.linkId})"
    if item.type != "group" and not item.text.strip():
        yield f"{here}: text is missing"
    if item.type != "choice":
        if item.answerOption or item.answerValueSet:
            yield f"{here}: has answers, but its type is {item.type}; make it choice"
        return
    if item.item:
        yield f"{here}: has items below it, which stand for nothing without their answer; put them beside it"
    if item.repeats:
        yield f"{here}: repeats, but an item has one answer here"
    if bool(item.answerOption) is bool(item.answerValueSet):
        yield f"{here}: needs either answerOption or answerValueSet"
    elif item.answerValueSet and item.answerValueSet.removeprefix("#") not in value_sets:
        known = ", ".join(f"#{name}" for name in value_sets) or "none"
        yield f"{here}: answerValueSet {item.answerValueSet!r} is not contained; contained are: {known}"
    yield from _choice_faults(here, value_sets.get(item.answerValueSet.removeprefix("#"), _choices(item.answerOption)))


def _choice_faults(here: str, choices: Sequence[AnswerChoice]) -> Iterator[str]:
    if 0 < len(choices) < 2:
        yield f"{here}: has one answer; give at least two"
    if len(choices) > 9:
        yield f"{here}: has {len(choices)} answers; at most 9 can be given with a digit"
    for code, count in Counter(choice.code for choice in choices).items():
        if count > 1:
            yield f"{here}: answer {code!r} stands {count} times; give each a code of its own"
    for choice in choices:
        if not choice.text.strip():
            yield f"{here}: answer {choice.code!r} has no display"


def _whole_faults(resource: _Resource, items: Sequence[QuestionnaireItem]) -> Iterator[str]:
    if not items:
        yield "item: there is no item of type choice, so nothing is asked"
    for link_id, count in Counter(item.linkId for _, item, _ in _flat(resource.item, "item")).items():
        if count > 1:
            yield f"item: linkId {link_id!r} stands {count} times; give each item its own"
    if resource.status == "retired":
        yield "status: is retired; use the version that came after it"
    if re.search(r"[\x00-\x09\x0b-\x1f\x7f]", resource.description + resource.copyright):
        yield "description, copyright: hold control characters; keep to text"


def _choices(options: Iterable[_AnswerOption]) -> tuple[AnswerChoice, ...]:
    return tuple(
        AnswerChoice(each.valueCoding.code, each.valueCoding.display, _ordinal(each.extension), each.valueCoding.system)
        for each in options
    )


def _choices_of_set(value_set: _ValueSet) -> tuple[AnswerChoice, ...]:
    return tuple(
        AnswerChoice(concept.code, concept.display, _ordinal(concept.extension), include.system)
        for include in value_set.compose.include
        for concept in include.concept
    )


def _ordinal(extensions: Iterable[_Extension]) -> int | None:
    """What an answer counts; None where it says nothing, or no whole number."""
    found = next((each.valueDecimal for each in extensions if each.url == ORDINAL_VALUE), None)
    return int(found) if found is not None and float(found).is_integer() else None
