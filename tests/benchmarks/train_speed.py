"""Speed of training, as ratios in one run: ``python -m tests.benchmarks.train_speed``.

Processor time, all threads together. Compares an epoch of the training loop with a bare torch loop over
the same ready batches, and bf16 with full precision.
"""

import argparse
import time

import torch

from graingraph.app.samples.brass import make
from graingraph.engine.values import ClassMap, Image, PixelClass
from graingraph.nodes.learning.train.losses import segmentation_loss
from graingraph.nodes.learning.train.network import new_network
from graingraph.nodes.learning.train.sample import class_frequencies, make_sample
from graingraph.nodes.learning.train.settings import TrainSettings
from graingraph.nodes.learning.train.training import Trainer, fit_standardisation

CLASSES = (PixelClass("grain"), PixelClass("grain boundary"))


def trainer() -> Trainer:
    sample = make(3)
    truth = ClassMap(sample.truth["boundaries"].astype("uint8"), classes=CLASSES)
    samples = [make_sample("brass", Image(sample.pixels), truth, 3, 0.5, (1,))]
    network = new_network(3, 2, "small", 1)
    fit_standardisation(network, samples)
    return Trainer(network, samples, TrainSettings(), class_frequencies(samples, CLASSES), (1,))


def bare_epoch(course: Trainer, batches: list[tuple[torch.Tensor, torch.Tensor]]) -> None:
    """Forward, loss, backward and step, and nothing else."""
    network = course.network.train()
    for pixels, labels in batches:
        with torch.autocast("cpu", torch.bfloat16, enabled=course.half_precision):
            scores = network.head(network.features(network.standardise(pixels)))
        loss = segmentation_loss(scores, labels, course.weights, course.boundaries)
        course.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        course.optimiser.step()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=0)
    asked = parser.parse_args()
    if asked.threads:
        torch.set_num_threads(asked.threads)
    course = trainer()
    batches = list(course.batches(0))
    times: dict[str, list[float]] = {"bare loop": [], "epoch": [], "epoch in full precision": []}
    for _ in range(asked.rounds + 1):  # the first round warms up
        for name in times:
            precision = course.half_precision
            course.half_precision = precision and name != "epoch in full precision"
            began = time.process_time()
            bare_epoch(course, batches) if name == "bare loop" else course.run_epoch(cores=asked.threads or 1)
            times[name].append(time.process_time() - began)
            course.half_precision = precision
    best = {name: min(found[1:]) for name, found in times.items()}
    for name, seconds in best.items():
        print(f"{name:26s} {seconds:7.2f} s   {seconds / best['bare loop']:.3f} of the bare loop")


if __name__ == "__main__":
    main()
