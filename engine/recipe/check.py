"""Checking a recipe without pixels: every problem that can be known before anything runs."""

from dataclasses import dataclass
from typing import Any, Literal

from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.declare.node import Pin
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import models
from graingraph.engine.recipe.parts import SettingRef, Step, Wire
from graingraph.engine.recipe.recipe import Recipe


@dataclass(frozen=True)
class Finding:
    """One thing to know before running: an "error" stops the run, a "warning" does not."""

    severity: Literal["error", "warning"]
    node: str | None
    message: str

    def __str__(self) -> str:
        return f"{self.severity}: {f'node {self.node}: ' if self.node else ''}{self.message}"


def check(recipe: Recipe, folders: ModelFolders) -> list[Finding]:
    """All findings, errors first, in the order of the graph; models are looked for in these ``folders``."""
    findings = [] if recipe.steps else [Finding("error", None, "The recipe has no nodes; add a Load node first.")]
    arriving: dict[str, list[Wire]] = {}
    for wire in recipe.wires:
        arriving.setdefault(wire.target, []).append(wire)
    for node in recipe.order:
        step = recipe.steps[node]
        if step.declared is None:
            findings.append(Finding("error", node, step.unknown))
            continue
        findings += _settings(node, step, folders)
        findings += _inputs(recipe, node, step, arriving.get(node, []))
        findings += _product(node, step)
    findings += _exposed(recipe)
    findings += _links(recipe)
    return sorted(findings, key=lambda finding: finding.severity)


def require_sound(recipe: Recipe, folders: ModelFolders) -> list[Finding]:
    """Raise ``Problem`` with the first error, if there is one; return the warnings otherwise."""
    findings = check(recipe, folders)
    for finding in findings:
        if finding.severity == "error":
            raise Problem(finding.message, node=finding.node)
    return findings


def _settings(node: str, step: Step, folders: ModelFolders) -> list[Finding]:
    findings = []
    assert step.declared is not None
    for setting in step.declared.settings:
        try:
            value = setting.normalise(step.settings.get(setting.name, setting.default))
        except ValueError as error:
            findings.append(Finding("error", node, f"{error}."))
            continue
        if setting.is_missing(step.settings) and not step.muted:
            findings.append(Finding("error", node, step.declared.missing(setting)))
        if models.is_applied(step, setting) and value and setting.applies(step.settings):
            try:
                folders.resolve(value)
            except Problem as problem:
                findings.append(Finding("error", node, problem.message))
    return findings


def _inputs(recipe: Recipe, node: str, step: Step, arriving: list[Wire]) -> list[Finding]:
    findings = []
    assert step.declared is not None
    for wire in arriving:
        reason = recipe.mismatch(wire) or recipe.scattered(wire)
        if reason:
            findings.append(Finding("error", node, reason))
        elif _gathers_once(recipe, wire):
            findings.append(
                Finding(
                    "error", node, f"{wire.input} gathers every image, but {wire.source} exists only once per batch."
                )
            )
    for pin in _missing(recipe, node):
        severity: Literal["error", "warning"] = "warning" if step.declared.on_request else "error"
        findings.append(Finding(severity, node, f"Its input {pin.name} ({pin}) is not wired; connect something to it."))
    if step.muted and (lost := step.declared.without_stand_in):
        findings.append(Finding("error", node, f"It cannot be muted: none of its inputs can stand in for {lost.name}."))
    return findings


def _gathers_once(recipe: Recipe, wire: Wire) -> bool:
    declared = recipe.steps[wire.target].declared
    pin = declared.input(wire.input) if declared else None
    if pin is None or not pin.gathers or wire.source not in recipe.per_batch:
        return False
    # Where an input is missing, nothing of an image arrives; that is a finding of its own.
    return not any(_missing(recipe, node) for node in (wire.source, *recipe.ancestors(wire.source)))


def _missing(recipe: Recipe, node: str) -> list[Pin]:
    """The inputs of a step that it needs and that nothing is wired into."""
    declared = recipe.steps[node].declared
    inputs = declared.inputs if declared else ()
    return [pin for pin in inputs if not pin.optional and recipe.wire_into(node, pin.name) is None]


def _product(node: str, step: Step) -> list[Finding]:
    assert step.declared is not None
    if step.untrained:
        return [Finding("warning", node, "It needs training: trace some images, then train (graingraph train).")]
    return []


def disagreeing(recipe: Recipe) -> list[dict[SettingRef, Any]]:
    """The links whose settings have not one value, as in a file that was written by hand: what each has."""
    found = []
    for link in recipe.links:
        there = {ref: recipe.steps[ref.node].settings.get(ref.setting) for ref in sorted(link)}
        if any(value != next(iter(there.values())) for value in there.values()):
            found.append(there)
    return found


def _links(recipe: Recipe) -> list[Finding]:
    findings = []
    for link in recipe.links:
        for ref in sorted(link):
            if recipe.setting(*ref) is None:
                findings.append(Finding("warning", ref.node, f"The linked setting {ref} is not there; unlink it."))
    for values in disagreeing(recipe):
        said = ", ".join(f"{ref} {value}" for ref, value in values.items())
        text = f"Linked settings differ ({said}); set one of them, and all have its value."
        findings.append(Finding("warning", next(iter(values)).node, text))
    return findings


def _exposed(recipe: Recipe) -> list[Finding]:
    findings = []
    for item in recipe.exposed:
        if recipe.setting(item.node, item.setting) is None:
            text = f"The exposed setting {item.node}.{item.setting} is not there; remove it."
            findings.append(Finding("warning", item.node, text))
    return findings
