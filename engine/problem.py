"""The one exception that reaches a person, and the one sentence it carries."""


class Problem(Exception):
    """Something a user can understand and mend.

    ``message`` is one sentence saying what is wrong and what to do about it.
    The evaluation adds where it happened: ``node`` (the node's id in the recipe) and ``image`` (the file's name).
    """

    def __init__(self, message: str, *, node: str | None = None, image: str | None = None) -> None:
        message = " ".join(message.splitlines())  # what it quotes from a file may hold line breaks
        super().__init__(message)
        self.message = message
        self.node = node
        self.image = image

    def at(self, node: str | None = None, image: str | None = None) -> "Problem":
        """Return the same problem with the place where it happened filled in, where it was still unknown."""
        return type(self)(self.message, node=self.node or node, image=self.image or image)

    def __reduce__(self) -> tuple:
        """Cross process borders with the place intact."""
        return _rebuild, (type(self), self.message, self.node, self.image)

    def __str__(self) -> str:
        where = ", ".join(
            part
            for part in (
                f"image {self.image}" if self.image else "",
                f"node {self.node}" if self.node else "",
            )
            if part
        )
        return f"{where}: {self.message}" if where else self.message


def _rebuild(kind: type[Problem], message: str, node: str | None, image: str | None) -> Problem:
    return kind(message, node=node, image=image)


def unexpected(error: Exception, what: str) -> Problem:
    """What to say of an error that nobody foresaw: ``what`` failed.

    What the operating system refuses (a full disk, a folder without permission) and too little memory are not the
    program's mistakes; everything else is to be reported.
    """
    if isinstance(error, OSError):
        file = f" of {error.filename}" if error.filename else ""
        reason = error.strerror or str(error) or type(error).__name__
        return Problem(f"{what} failed because{file} ({reason}); free some space, or check the file and its folder.")
    if isinstance(error, MemoryError):
        return Problem(f"{what} failed because the memory is full; close other programs, or use smaller images.")
    return Problem(f"{what} failed ({type(error).__name__}: {error}); please report it.")


class NeedsTraining(Problem):
    """A step waits for a model that has not been trained or chosen yet; nothing is wrong with it."""


class NotWired(Problem):
    """A step whose input nobody has wired yet; nothing is wrong with it."""


class Cancelled(Exception):
    """The person, or a newer edit, stopped this computation; nothing is wrong."""


def pass_on_ctrl_c(error: Exception) -> None:
    """Raise the ``KeyboardInterrupt`` that lies behind an error, if one does."""
    if came_of_ctrl_c(error):
        raise KeyboardInterrupt from error


def came_of_ctrl_c(error: BaseException) -> bool:
    """Whether a ``KeyboardInterrupt`` lies behind an error.

    Ctrl-C that arrives within a compiled function comes out of it as a ``SystemError``.
    """
    behind: BaseException | None = error
    while behind is not None:
        if isinstance(behind, KeyboardInterrupt):
            return True
        behind = behind.__cause__ or behind.__context__
    return False
