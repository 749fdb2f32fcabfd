"""The models that a recipe applies."""

from graingraph.engine.declare.settings import ModelFile, Setting
from graingraph.engine.recipe.parts import Step
from graingraph.engine.recipe.recipe import Recipe


def applied(recipe: Recipe) -> dict[str, str]:
    """The model that each node applies, by node."""
    return {
        node: step.settings[setting.name]
        for node, step in recipe.steps.items()
        for setting in (step.declared.settings if step.declared else ())
        if is_applied(step, setting) and step.settings.get(setting.name)
    }


def applied_setting(step: Step) -> Setting | None:
    """The setting that names the model that a node applies, or that its training has made; None where it has none."""
    settings = step.declared.settings if step.declared else ()
    return next((setting for setting in settings if is_applied(step, setting)), None)


def is_applied(step: Step, setting: Setting) -> bool:
    """Whether a setting names a model that is applied; what a training starts from is needed only to train again."""
    training = step.declared.trained if step.declared else None
    return setting.kind is ModelFile and (training is None or setting.name == training.product)
