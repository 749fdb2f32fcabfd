"""One training from request to model file: samples, epochs, live reports, stop, resume, export.

Imported only while training, because it needs torch.
"""

import time
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import torch

from graingraph.engine import cpu
from graingraph.engine.declare.injected import Context
from graingraph.engine.declare.model_file import model_hash
from graingraph.engine.problem import Cancelled, Problem
from graingraph.engine.values import Model, PixelClass
from graingraph.engine.values.classes import boundary_index
from graingraph.engine.versions import installed
from graingraph.nodes.learning.apply.exposure import match_exposure, standardised
from graingraph.nodes.learning.apply.familiarity import statistics
from graingraph.nodes.learning.apply.learnt_scale import common_pixel_size
from graingraph.nodes.learning.model.backends import Processor
from graingraph.nodes.learning.model.card import Card
from graingraph.nodes.learning.model.export import export, read_weights
from graingraph.nodes.learning.model.file import read_card
from graingraph.nodes.learning.train import checkpoint, held_out
from graingraph.nodes.learning.train.calibration import Calibration, at_temperature, calibrated
from graingraph.nodes.learning.train.encoder import encoder_network
from graingraph.nodes.learning.train.network import Segmenter, adopt_weights, matching_classes, new_network
from graingraph.nodes.learning.train.pseudo_labels import pseudo_labels
from graingraph.nodes.learning.train.sample import Fineness, Sample, class_frequencies, traced_in_patches
from graingraph.nodes.learning.train.scores import ClassScore, mean_f1, mean_iou
from graingraph.nodes.learning.train.settings import TrainSettings, short_hash
from graingraph.nodes.learning.train.training import Trainer, fit_standardisation

SCORE_EVERY = 5
"""Epochs between two scorings of the held-out images."""


class TrainingRun:
    """A training in progress: what is learnt, what is held out, and what has been reached.

    It ``goes_on`` with what the model that it starts from has learnt: slowly, and with its exposure. Else, and where
    all classes are new to that model, it takes the weights alone: what that model knows of micrographs in general.
    """

    def __init__(
        self,
        samples: list[Sample],
        classes: tuple[PixelClass, ...],
        fine: Fineness,
        settings: TrainSettings,
        *,
        processor: Processor = "automatic",
        start_from: Model | None = None,
        goes_on: bool = True,
        context: Context,
    ) -> None:
        self.start_from = start_from
        self.known = read_card(start_from.path) if start_from else None
        self.known_as = matching_classes(self.known.classes if self.known else (), classes)
        self.goes_on = goes_on and any(index is not None for index in self.known_as)
        if self.known and self.goes_on:
            settings = replace(settings, standardise=bool(self.known.settings.get("standardise")))
        if settings.standardise:
            samples = [replace(s, pixels=standardised(s.pixels)) for s in samples]
        self.classes, self.lines, self.settings, self.context = classes, fine.lines, settings, context
        self.calibration = Calibration()
        self.doubts: dict[str, float | None] = {}
        earlier, learnt = (self.known.held_out.values(), self.known.images.values()) if self.known else ((), ())
        self.learn, self.kept = held_out.split(samples, settings.held_out, settings.seed, earlier, learnt)
        self.of_one = bool(self.kept) and held_out.are_parts_of_one(samples)
        self.learnt_before = [sample.name for sample in self.kept if sample.hash in learnt]
        if settings.extend_patches:
            self.learn = pseudo_labels(self.learn, len(classes), fine.lines)
        self.statistics = statistics([s.pixels for s in self.learn])
        if not settings.standardise:
            self.kept = [replace(s, pixels=match_exposure(s.pixels, self.statistics)) for s in self.kept]
        self.channels = samples[0].pixels.shape[2]
        frequencies = class_frequencies(self.learn, classes)
        self.trainer = Trainer(
            self._network(),
            self.learn,
            settings,
            frequencies,
            tuple(index for index in fine.lines if classes[index].role == "boundary"),
            device_for(processor),
            goes_on=self.goes_on,
            # A faint boundary is better found too often than missed, and patches do not tell how much there is of what.
            whole_areas=boundary_index(classes) is None and not traced_in_patches(self.learn),
        )
        # A class that is new to the model has an untaught last layer.
        self.before = self._scores() if self.goes_on and None not in self.known_as and self.kept else []
        self.history: dict[str, list[float]] = {"loss": [], "epoch": [], "iou": [], "boundary_f1": []}

    def _network(self) -> Segmenter:
        settings, classes = self.settings, len(self.classes)
        if settings.encoder:
            weights = self.context.model_folders.resolve(settings.encoder).path
            network: Segmenter = encoder_network(self.channels, classes, weights, settings.seed)
        else:
            network = new_network(self.channels, classes, settings.network, settings.seed)
        fit_standardisation(network, self.learn)
        if self.start_from and (known := self.known):
            if _kind(known.settings) != _kind(settings.as_dict()):
                raise Problem(
                    f"The training cannot start from {self.start_from.path.name}, a {_kind(known.settings)} network; "
                    "choose the same here, or none."
                )
            adopt_weights(network, read_weights(self.start_from.path), self.known_as, light=self.goes_on)
        return network

    @property
    def advice(self) -> str:
        """What to tell who traced the images; empty where there is nothing."""
        return self.trainer.joins.advice if self.trainer.joins else ""

    @property
    def identity(self) -> str:
        """Hash of everything that decides the result; names the checkpoint."""
        images = [
            (s.name, s.hash, blake2b(s.truth.pixels.tobytes(), digest_size=16).hexdigest())
            for s in (*self.learn, *self.kept)
        ]
        names = [item.name for item in self.classes]
        start = self.start_from.hash if self.start_from else ""
        return short_hash(self.settings.as_dict(), images, names, start, self.goes_on)

    def run(self, folder: Path, recipe_id: str = "") -> Model:
        """Train to the end, or until stopped, and write the model reached into ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        resume = folder / f"{self.identity}.ckpt"
        self._restore(resume)
        note = ""
        threads = torch.get_num_threads()
        try:
            self._epochs(resume, threads)
        except Cancelled:
            if not self.trainer.epoch:
                raise
            note = f"Stopped after {self.trainer.epoch} of {self.trainer.epochs} epochs; train again to go on."
        finally:
            torch.set_num_threads(threads)
        model = self._export(folder, note, recipe_id)
        if not note:
            resume.unlink(missing_ok=True)
        return model.with_note(note) if note else model

    def _restore(self, resume: Path) -> None:
        state = checkpoint.load(resume)
        if state is not None:
            self.trainer.restore(state["trainer"])
            self.history = state["history"]

    def _epochs(self, resume: Path, most_threads: int) -> None:
        began, first, epochs = time.monotonic(), self.trainer.epoch, self.trainer.epochs
        own = 0
        while self.trainer.epoch < epochs:
            epoch = self.trainer.epoch
            own = min(most_threads, cpu.free(own))
            torch.set_num_threads(own)

            def check(part: float, epoch: int = epoch) -> None:
                self.context.check((epoch + part) / epochs, f"Epoch {epoch + 1} of {epochs}")

            self.history["loss"].append(self.trainer.run_epoch(check, own))
            if self.kept and (self.trainer.epoch % SCORE_EVERY == 0 or self.trainer.epoch == epochs):
                self._record(self._scores())
            checkpoint.save(resume, {"trainer": self.trainer.state(), "history": self.history})
            seconds = (time.monotonic() - began) / (self.trainer.epoch - first)
            self._publish(seconds * (epochs - self.trainer.epoch))

    def _scores(self) -> list[ClassScore]:
        divided_by = self.calibration.temperature
        predicted = (at_temperature(self.trainer.predict(sample.pixels), divided_by) for sample in self.kept)
        scores, self.doubts = held_out.score(self.kept, predicted, self.classes, self.lines)
        return scores

    def _record(self, scores: list[ClassScore]) -> None:
        self.history["epoch"].append(self.trainer.epoch)
        self.history["iou"].append(mean_iou(scores))
        self.history["boundary_f1"].append(mean_f1(scores))

    def _publish(self, seconds_left: float) -> None:
        self.context.publish("eta", seconds_left)
        self.context.publish("curve", {key: list(values) for key, values in self.history.items()})
        if saturated(self.history):
            self.context.publish("note", "The held-out score no longer improves; you can stop here.")
        sample = (self.kept or self.learn)[0]
        height, width = (min(256, side) for side in sample.labels.shape)
        top, left = ((side - part) // 2 for side, part in zip(sample.labels.shape, (height, width), strict=True))
        part = np.s_[top : top + height, left : left + width]
        shown = {"pixels": sample.pixels[part], "probabilities": self.trainer.predict(sample.pixels[part])}
        self.context.publish("preview", {**shown, "colors": [item.rgb for item in self.classes]})

    def _export(self, folder: Path, note: str, recipe_id: str) -> Model:
        # Patches lie where classes are plain to see: fitted there, the network would seem surer than it is elsewhere.
        whole = self.kept if self.kept and not traced_in_patches(self.kept) else []
        self.calibration = calibrated((self.trainer.predict(s.pixels), s.labels) for s in whole)
        scores = self._scores() if self.kept else []
        card = replace(self._card(scores, note), recipe_id=recipe_id)
        names = "-".join(item.name for item in self.classes if item.name)[:40].rstrip("-") or "model"
        safe = "".join(c if c.isalnum() or c == "-" else "_" for c in names)
        path = export(self.trainer.average, self.channels, card, folder, safe)
        self.trainer.average.to(self.trainer.device)
        model = Model(path, model_hash(path))
        if self.learnt_before:
            names = ", ".join(self.learnt_before)
            return model.with_note(f"The scores are better than on new images: the model before had learnt {names}.")
        if self.of_one:
            return model.with_note("All images are parts of one micrograph: the scores are better than on a new one.")
        return model if self.kept else model.with_note("No image was held out, so nothing is known about new images.")

    def _card(self, scores: list[ClassScore], note: str) -> Card:
        return Card(
            classes=self.classes,
            size_factor=self.settings.size_factor,
            channels=self.channels,
            settings={
                **self.settings.as_dict(),
                "epochs": self.trainer.epochs,
                "epochs trained": self.trainer.epoch,
            },
            images={s.name: s.hash for s in self.learn},
            held_out={s.name: s.hash for s in self.kept},
            scores=[item.as_dict() for item in scores],
            scores_before=[item.as_dict() for item in self.before],
            statistics={**self.statistics, **self.doubts},
            calibration=self.calibration.as_dict(),
            thin=self.lines,
            um_per_px=common_pixel_size(s.image.scale for s in (*self.learn, *self.kept)),
            started_from=f"{self.start_from.path.name}@{self.start_from.hash}" if self.start_from else "",
            versions=versions(),
            note=note,
        )


def _kind(settings: dict[str, Any]) -> str:
    """The network that a training's settings ask for, in words."""
    encoder = str(settings.get("encoder") or "").partition("@")[0]
    return f"pretrained ({encoder})" if encoder else str(settings.get("network"))


def saturated(history: dict[str, list[float]], rounds: int = 4, gain: float = 0.003) -> bool:
    """Whether the best of the last few held-out scores beats what came before by less than ``gain``."""
    both = [i + f for i, f in zip(history["iou"], history["boundary_f1"], strict=True) if np.isfinite(i + f)]
    return len(both) > 2 * rounds and max(both[-rounds:]) - max(both[:-rounds]) < 2 * gain


def device_for(processor: str) -> str:
    """The torch device of a processor setting; ``Problem`` when it is not there."""
    if processor == "CPU" or (processor == "automatic" and not torch.cuda.is_available()):
        return "cpu"
    number = 0 if processor == "automatic" else int(processor.split()[1])
    if number >= torch.cuda.device_count():
        raise Problem(f"{processor} is not available to PyTorch here; choose automatic or CPU.")
    return f"cuda:{number}"


def versions() -> dict[str, Any]:
    """Versions of what made the model."""
    packages = ("graingraph", "onnx", "onnxruntime", "onnxruntime-gpu")
    return {"torch": str(torch.__version__), "numpy": np.__version__} | installed(packages)
