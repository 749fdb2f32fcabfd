from pathlib import Path

from graingraph.app.document.image_edits import add_images, look_at_something, new_recipe, remove_images
from graingraph.app.document.names import output_title, title_in
from graingraph.app.document.session import OutputRef, Session
from graingraph.app.document.start import start_session
from graingraph.engine.recipe.recipe import Recipe
from tests.support.recipes import chain

A, B, C = (Path(f"/steel/{name}.tif") for name in "abc")


def test_the_first_new_image_is_shown_and_an_empty_recipe_begins_to_read_it():
    session = Session()
    add_images(session, [A, B])
    assert (session.images, session.image) == ((A, B), A)
    assert [step.type for step in session.recipe.steps.values()] == ["Load"]
    assert session.viewed == OutputRef("load", "image")
    add_images(session, [B, C])
    assert (session.images, session.image) == ((A, B, C), C)
    assert len(session.recipe.steps) == 1
    while session.undo_label:
        session.undo()
    assert (session.images, session.image, dict(session.recipe.steps)) == ((), None, {})


def test_a_new_recipe_looks_at_the_image_in_the_tray_and_is_not_changed_by_it(tmp_path: Path):
    for session in (start_session(tmp_path, images=[A, B]), Session(recipe=chain(), images=(A, B), image=B)):
        image = session.image
        new_recipe(session)
        assert [step.type for step in session.recipe.steps.values()] == ["Load"]
        assert (session.viewed, session.image) == (OutputRef("load", "image"), image)
        assert not session.dirty
        assert session.undo_label == ""
        session.close()
    assert start_session(tmp_path, images=[A]).viewed == OutputRef("load", "image")
    assert not start_session(tmp_path).recipe.steps


def test_a_locked_recipe_gets_no_node():
    session = Session(recipe=Recipe().with_exposed((), locked=True))
    add_images(session, [A])
    assert not session.recipe.steps


def test_a_removed_image_makes_room_for_its_neighbour_and_comes_back():
    session = Session(recipe=chain(("Load",)), images=(A, B, C), image=B)
    remove_images(session, [B])
    assert (session.images, session.image, session.undo_label) == ((A, C), C, "Remove 1 image")
    remove_images(session, [C])
    assert (session.images, session.image) == ((A,), A)
    remove_images(session, [C])
    session.undo()
    session.undo()
    assert (session.images, session.image) == ((A, B, C), B)


def test_what_is_viewed_already_stays():
    session = Session(recipe=chain(("Load", "Threshold")), images=(A,), image=A)
    session.view("threshold")
    look_at_something(session)
    assert session.viewed == OutputRef("threshold", "mask")


def test_nodes_are_called_by_their_titles():
    recipe = chain(("Load", "Filter", "Filter", "Threshold"))
    assert [title_in(recipe, node) for node in recipe.order] == ["Load", "Filter", "Filter 2", "Threshold"]
    assert title_in(recipe, "gone") == "gone"
    assert output_title(recipe, OutputRef("load", "image")) == "Load"
