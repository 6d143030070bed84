"""Train the recommender, export it and measure it: ``python -m tools.train_recommender --root DATA --out RUN``.

Host side only. Everything that is simulated, tuned or trained lands in the run folder; started again, only what is missing
is made.

- ``--protocol ship``: simulate people under three logging policies (or read ``--cohort`` files), tune on part of them with
  the Efficient Dandelion Optimizer (``--tune`` epochs), train, export to ``--models`` with its manifest entry. With
  ``--own-people`` a first network decides for so many more, and the one that ships is trained on all of them. Trials are
  short, and what learns fast need not end well: the tuner's recipe and the one it started from are both trained at full
  length, and what ships is the one that held-out people speak for.
- ``--protocol variants``: the same data, trained without attention, and with the other of the two recipes; with a copy of
  what ships, each in a folder of its own under ``RUN/variants``, for ``python -m tools.evaluate recommender``.
- ``--protocol tuners``: Efficient DO against TPE and random search at an equal number of epochs.

People are held out for every choice; the score is in nats per rating, each given the person's earlier ones, and per offer.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import torch
import typer

from ertedge.errors import ErtedgeError
from ertedge.recommend.catalogue import load_catalogue
from ertedge.types import Activity
from tools.dandelion.halving import Rungs
from tools.evaluation.report import Figure, Report, print_report
from tools.recommender.chooser import NO_ATTENTION, TUNED, UNTUNED, WHOLE, RecommenderChooser
from tools.recommender.cohorts import of_chooser, of_files, of_logging
from tools.recommender.data import Corpus, join, split
from tools.recommender.release import FILE, Released, release
from tools.recommender.training import Recipe, Score, Training, recipe_of, train
from tools.recommender.tuning import TUNERS, Search, Trials, compare, parameters_of, recipe_from

HELD_OUT = 0.15
TUNED_PEOPLE, TUNED_DECISIONS, TUNED_RUNGS = 200, 24, (3, 9)
"""On how many people, and decisions of each a step, a candidate is tried, and the epochs of the rungs: at least 57 steps,
where a whole training has 1,530. Few people and steps ask for another recipe than many do, so what wins is only proposed."""
OWN_SHARE = 0.05
"""What our own policy spreads evenly while it makes logs to train on."""


@dataclass(frozen=True, slots=True)
class Work:
    """What every protocol starts from."""

    activities: tuple[Activity, ...]
    cohorts: tuple[Path, ...]
    people: int
    own_people: int
    recipe: Recipe
    budget: int
    tuner: str
    compared_seeds: int
    seed: int
    out: Path
    models: Path
    command: str

    @property
    def activity_ids(self) -> tuple[str, ...]:
        """The ids in the order of the network's indices."""
        return tuple(activity.activity_id for activity in self.activities)

    @property
    def provenance(self) -> str:
        """What the model was trained on, in words."""
        if self.cohorts:
            return f"Trained on the logs {', '.join(path.name for path in self.cohorts)}"
        return (
            f"Trained on {self.people} simulated people (mood generator, training ranges, 8 weeks) under three logging "
            f"policies" + (f" and {self.own_people} under the recommender itself" if self.own_people else "")
        )

    def logged(self) -> Corpus:
        """The people that others decided for."""
        if self.cohorts:
            return of_files(self.cohorts, self.activities)
        return of_logging(self.people, self.activities, self.seed, self.out / "cohorts")

    def trained(self, name: str, corpus: Corpus, recipe: Recipe) -> Training:
        """The training ``name``, run to its end if the run folder does not hold that yet."""
        learners, held_out = split(corpus.people, HELD_OUT, self.seed)
        training = Training(corpus, learners, held_out, known=len(self.activities), recipe=recipe, seed=self.seed)
        (self.out / name).mkdir(parents=True, exist_ok=True)
        train(training, self.out / name / "training.pt", lambda epoch, score: _tell(name, epoch, recipe, score))
        return training

    def released(self, training: Training, corpus: Corpus, models: Path) -> Released:
        """The best epoch of ``training``, exported to ``models``."""
        network, deviation = training.take_best()
        return release(
            network,
            deviation,
            corpus,
            split(corpus.people, HELD_OUT, self.seed)[1],
            activity_ids=self.activity_ids,
            models=models,
            command=self.command,
            provenance=self.provenance,
        )


@dataclass(frozen=True, slots=True)
class Finalist:
    """A recipe that was trained at full length, by the name of its training."""

    name: str
    recipe: Recipe
    training: Training


def ship(work: Work) -> Report:
    """Make the model that ships."""
    corpus = whole_corpus(work)
    ranked = finalists(work, corpus)
    best = ranked[0]
    released = work.released(best.training, corpus, work.models)
    figures = _figures(work, best.training, released, "whole")
    figures += [Figure("full_length_loss", each.training.best.loss, "nats", len(ranked), each.name) for each in ranked]
    return Report("recommender, the model that ships", tuple(figures), (f"what ships is the recipe {best.name!r}",))


def variants(work: Work) -> Report:
    """Make the ablations beside a copy of what ships."""
    folder = work.out / "variants"
    corpus = whole_corpus(work)
    ranked = finalists(work, corpus)
    best = ranked[0]
    plain = replace(best.recipe, shape=replace(best.recipe.shape, attention=False))
    made = {WHOLE: best.training, NO_ATTENTION: work.trained(NO_ATTENTION, corpus, plain)}
    if len(ranked) > 1:
        made[ranked[1].name] = ranked[1].training
    figures: list[Figure] = []
    for name, training in made.items():
        figures += _figures(work, training, work.released(training, corpus, folder / name), name)
    return Report("recommender, variants", tuple(figures), (f"what ships is the recipe {best.name!r}",))


def finalists(work: Work, corpus: Corpus) -> list[Finalist]:
    """The recipe that the tuner started from and the one it found, trained at full length, the better on held-out people
    first; where they are alike the start."""
    recipes = {UNTUNED: work.recipe}
    if work.budget:
        recipes[TUNED] = tuned_recipe(work)
    trained = [Finalist(name, recipe, work.trained(name, corpus, recipe)) for name, recipe in recipes.items()]
    return sorted(trained, key=lambda each: each.training.best.loss)


def tuned_recipe(work: Work) -> Recipe:
    """The recipe that the tuner found."""
    path = work.out / "recipe.json"
    if path.exists():
        return recipe_of(json.loads(path.read_text(encoding="utf-8")))
    trials = _trials(work)
    start, saved = parameters_of(work.recipe), work.out / "tuning.json"
    found = TUNERS[work.tuner](Search(trials.loss, trials.rungs, work.budget, start, saved), work.seed)
    recipe = recipe_from(found.parameters, work.recipe)
    path.write_text(json.dumps(asdict(recipe), indent=2) + "\n", encoding="utf-8")
    return recipe


def whole_corpus(work: Work) -> Corpus:
    """What others decided, and what a first network, trained on that, decided itself.

    Without the second a network has never seen the histories that it brings about.
    """
    logged = work.logged()
    if not work.own_people or work.cohorts:
        return logged
    folder = work.out / "first" / "models"
    if not (folder / FILE).exists():
        short = replace(work.recipe, epochs=max(1, work.recipe.epochs // 3))
        work.released(work.trained("first", logged, short), logged, folder)
    chooser = RecommenderChooser("own", folder, work.activities, exploration_share=OWN_SHARE)
    return join([logged, of_chooser(chooser, work.own_people, work.activities, work.seed + 100, work.out / "cohorts")])


def _figures(work: Work, training: Training, released: Released, of: str) -> list[Figure]:
    ratings, offers, offered = (released.entry.metric[place].n for place in (0, 2, 5))
    prior = released.prior
    return [
        Figure("loss", training.best.loss, "nats", ratings, of),
        Figure("rating_nats", prior.nats[1], "nats", ratings, of),
        Figure("rating_nats_network_alone", prior.nats[0], "nats", ratings, of),
        Figure("uptake_nats", prior.uptake_nats[1], "nats", offers, of),
        Figure("uptake_nats_network_alone", prior.uptake_nats[0], "nats", offers, of),
        *([] if released.error.held is None else [Figure("interval_holds", released.error.held, "share", offered, of)]),
        Figure("size", float(released.exported.size_bytes), "bytes", 1, of),
        Figure("difference_from_torch", released.exported.difference, "", 3, of),
        Figure("epochs", float(len(training.scores)), "epochs", len(work.activities), of),
    ]


def _tell(name: str, epoch: int, recipe: Recipe, score: Score) -> None:
    print(
        f"{name}: epoch {epoch} of {recipe.epochs}, held out {score.ratings:.4f} nats a rating, {score.uptake:.4f} an offer",
        file=sys.stderr,
        flush=True,
    )


def tuners(work: Work) -> Report:
    """Compare the tuners at equal cost."""
    trials = _trials(work)
    seeds = [work.seed + i for i in range(work.compared_seeds)]
    figures = compare(trials, work.budget, seeds, work.out / "tuners")
    notes = (
        f"held-out loss of the best candidate after {work.budget} epochs in all, {trials.rungs.resources[-1]} a candidate, "
        f"{trials.people} people; only the dandelion stops candidates early",
    )
    return Report("who tunes the recommender", tuple(figures), notes)


def _trials(work: Work) -> Trials:
    corpus = work.logged()
    base, people = replace(work.recipe, decisions=TUNED_DECISIONS), min(corpus.people, TUNED_PEOPLE)
    return Trials(corpus, len(work.activities), base, people, Rungs(TUNED_RUNGS), work.seed)


PROTOCOLS: dict[str, Callable[[Work], Report]] = {"ship": ship, "variants": variants, "tuners": tuners}


def main(
    *,
    root: Annotated[Path, typer.Option(help="The folder that the paths of --cohort start from.", exists=True)],
    out: Annotated[Path, typer.Option(help="The run folder; started again, a run goes on.")] = Path("runs/recommender"),
    models: Annotated[Path, typer.Option(help="Where the model that ships goes.")] = Path("models"),
    protocol: Annotated[Literal["ship", "variants", "tuners"], typer.Option(help="What to do.")] = "ship",
    cohort: Annotated[list[Path] | None, typer.Option(help="A log to train on instead; may be given again.")] = None,
    people: Annotated[int, typer.Option(help="People simulated under the logging policies.", min=12)] = 1200,
    own_people: Annotated[int, typer.Option(help="People simulated under the recommender itself.", min=0)] = 0,
    tune: Annotated[int, typer.Option(help="Epochs of tuning, all trials together; 0: no tuning.", min=0)] = 0,
    tuner: Annotated[Literal["dandelion", "tpe", "random"], typer.Option(help="Who tunes.")] = "dandelion",
    compared_seeds: Annotated[int, typer.Option(help="Seeds of each tuner, with --protocol tuners.", min=1)] = 3,
    epochs: Annotated[int, typer.Option(help="Epochs of each network.", min=1)] = Recipe().epochs,
    threads: Annotated[int, typer.Option(help="Threads of torch.", min=1)] = 1,
    seed: Annotated[int, typer.Option(help="Seed of all that is random.")] = 1,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout, nothing else.")] = False,
) -> None:
    """Train the recommender."""
    torch.set_num_threads(threads)
    sizes = f"--people {people} --own-people {own_people} --tune {tune} --epochs {epochs}"
    command = f"python -m tools.train_recommender --root DATA --out RUN {sizes} --seed {seed}"
    try:
        work = Work(
            activities=load_catalogue().activities(),
            cohorts=tuple(root / path for path in cohort or ()),
            people=people,
            own_people=own_people,
            recipe=replace(Recipe(), epochs=epochs),
            budget=tune,
            tuner=tuner,
            compared_seeds=compared_seeds,
            seed=seed,
            out=out,
            models=models,
            command=command,
        )
        out.mkdir(parents=True, exist_ok=True)
        report = PROTOCOLS[protocol](work)
    except (ErtedgeError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    print_report(report, as_json=json_)


if __name__ == "__main__":
    typer.run(main)
