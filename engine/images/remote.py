"""Images under a URL: found by its listing, fetched when they are hashed or read, known by their content as all are."""

import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

import orjson

from graingraph.engine.files import hash_bytes, write_atomically
from graingraph.engine.images.files import (
    EVERY_PAGE,
    MAX_TEXT_BYTES,
    SUFFIXES,
    find_images,
    hashes_of,
    names_of_texts,
)
from graingraph.engine.images.pages import page_of, pages_of, split_page
from graingraph.engine.place import Missing, Stated, is_remote, without_login
from graingraph.engine.problem import Problem
from graingraph.engine.remote_files import RemoteFile, fetched_folder, remote_place

AT_ONCE = 16
"""How many files are asked for together."""
MAX_NOTES_BYTES = 50_000_000
"""How long the notes of hashes may become before they are begun anew."""
Listing = Mapping[str, Stated | None]


@dataclass(frozen=True, eq=False)
class RemoteFolder:
    """A folder under a URL, with what lies in it and in the one above: files that a setting names are found there."""

    where: str
    files: Listing
    above: Listing = field(default_factory=dict)
    _found: dict[str, RemoteFile] = field(default_factory=dict, init=False, repr=False)
    """What was looked at already: every image of the folder, and every step, asks for the same files."""

    def find(self, name: str) -> Path | None:
        """The file of that name here or in the folder above, fetched. ``Problem`` where it cannot be."""
        for where, files in ((self.where, self.files), (self.where.rpartition("/")[0], self.above)):
            if name in files:
                if name not in self._found:
                    self._found[name] = RemoteFile.looked_at(where, name, files[name])
                return self._found[name].fetch()
        return None


@dataclass(frozen=True)
class RemoteImage:
    """An image under a URL: a file, or a page of it (0 for none named)."""

    file: RemoteFile
    folder: RemoteFolder = field(compare=False)
    page: int = 0

    @property
    def path(self) -> Path:
        """Where it lies on this machine once it was fetched."""
        return self._paged(self.file.path)

    @property
    def id(self) -> str:
        """What changes with it."""
        return f"{self.file.id} {self.page}"

    @property
    def named(self) -> Path:
        """Its address as a path, from which it gets its name."""
        return Path(self.url.partition("://")[2])

    @property
    def url(self) -> str:
        """Its address, as it may be written down."""
        return f"{self.file.url} [page {self.page}]" if self.page else self.file.url

    @property
    def file_url(self) -> str:
        """The address of its file, of whatever page."""
        return self.file.url

    def fetch(self) -> Path:
        """The image on this machine. ``Problem`` where it cannot be fetched, or is another by now."""
        return self._paged(self.file.fetch())

    def _paged(self, path: Path) -> Path:
        return page_of(path, self.page) if self.page else path


class Listings:
    """What lies in folders under URLs: each is listed once, however many of its images are named."""

    def __init__(self) -> None:
        self._known: dict[str, Listing | Problem] = {}

    def of(self, where: str) -> Listing:
        """The files in a folder. Raises ``Problem``."""
        if where not in self._known:
            try:
                self._known[where] = remote_place(where).listed()
            except Problem as problem:
                self._known[where] = problem
        known = self._known[where]
        if isinstance(known, Problem):
            raise known
        return known

    def learn(self, where: str, files: Listing) -> None:
        """Take what a list of more than this folder says of it."""
        self._known[where] = files


def find_anywhere(places: Iterable[str], listings: Listings | None = None) -> list[Path | RemoteImage]:
    """Like ``find_images``, with URLs (of files, folders or patterns) besides. ``Problem`` if one matches nothing.

    ``listings`` are for several calls, so that none asks again for what another has been told.
    """
    listings = listings or Listings()
    found: list[Path | RemoteImage] = []
    for place in places:
        found += _images_under(place, listings) if is_remote(place) else find_images([place])
    return found


def with_page(image: Path | RemoteImage, page: int) -> Path | RemoteImage:
    """A page of an image file as an image of its own."""
    if isinstance(image, RemoteImage):
        return replace(image, page=page)
    return page_of(image, page)


def _images_under(url: str, listings: Listings) -> list[RemoteImage]:
    pages = url.endswith(EVERY_PAGE)
    url = url.removesuffix(EVERY_PAGE).rstrip("/")
    named, page = split_page(Path(url.rpartition("/")[2]))
    if page:
        url = f"{url.rpartition('/')[0]}/{named.name}"
    begin = 3 + url.index("://")
    sign = re.search(r"[*\[]" if url.startswith("http") else r"[*?\[]", url[begin:])
    if sign:
        where, pattern = url[: begin + sign.start()].rpartition("/")[0], url
        images = _matching(where, pattern.removeprefix(where + "/"), listings)
        if not images:
            raise Problem(f"No file matches {without_login(url)}; check the pattern.")
    elif urlsplit(url).path.lower().endswith(SUFFIXES):
        where, _, name = url.rpartition("/")
        images = _looked_at([(_folder(where, listings), name)])
    else:
        folder = _folder(url, listings)
        images = _looked_at((folder, name) for name in sorted(folder.files) if _is_image(name))
        if not images:
            raise Problem(f"{without_login(url)} has no image ({', '.join(SUFFIXES)}); check the address.")
    if pages:
        return [replace(one, page=split_page(path)[1]) for one in images for path in pages_of(one.fetch())]
    return [replace(one, page=page) for one in images]


def _is_image(name: str) -> bool:
    return name.lower().endswith(SUFFIXES) and not name.startswith(".")


def _folder(where: str, listings: Listings) -> RemoteFolder:
    """A folder with what lies in it; HTTP servers that list nothing still have the files that are named."""
    above = where.rpartition("/")[0]
    with_above = above.count("/") > 2 or (above.count("/") == 2 and not above.endswith("/"))
    known: Listing = {}
    if with_above:
        with suppress(Problem):  # one may be allowed to look into the folder alone
            known = listings.of(above)
    try:
        files = listings.of(where)
    except Problem:
        if not where.startswith("http"):
            raise
        files = {}
    return RemoteFolder(where, files, known)


def _matching(where: str, pattern: str, listings: Listings) -> list[RemoteImage]:
    from fsspec.utils import glob_translate

    if "/" not in pattern:
        folder = _folder(where, listings)
        wanted = re.compile(glob_translate(pattern))
        return _looked_at((folder, name) for name in sorted(folder.files) if wanted.match(name) and _is_image(name))
    wanted, folders = re.compile(glob_translate(pattern)), dict[str, dict[str, Stated | None]]()
    tree = remote_place(where).tree()
    for name, stated in tree.items():
        folders.setdefault(name.rpartition("/")[0], {})[name.rpartition("/")[2]] = stated
    for inside, files in folders.items():
        listings.learn(f"{where}/{inside}".rstrip("/"), files)
    chosen = []
    for inside, files in sorted(folders.items()):
        path = f"{inside}/" if inside else ""
        names = [name for name in sorted(files) if wanted.match(path + name) and _is_image(name)]
        if names:
            folder = _folder(f"{where}/{inside}".rstrip("/"), listings)
            chosen += [(folder, name) for name in names]
    return _looked_at(chosen)


def _looked_at(named: Iterable[tuple[RemoteFolder, str]]) -> list[RemoteImage]:
    """Images by folder and name, with what is said of each, and the texts beside it."""

    def look(one: tuple[RemoteFolder, str]) -> RemoteImage:
        folder, name = one
        texts = []
        for text in names_of_texts(name):
            if text in folder.files:
                with suppress(Missing):
                    texts.append(RemoteFile.looked_at(folder.where, text, folder.files[text]))
        beside = tuple(file for file in texts if file.stated.size < MAX_TEXT_BYTES)
        known = RemoteFile.looked_at(folder.where, name, folder.files.get(name))
        return RemoteImage(RemoteFile(folder.where, name, known.stated, beside), folder)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(look, named))


# what is remembered of their content -----------------------------------------------------------------------------


def remembered_hashes(images: Iterable[RemoteImage]) -> dict[RemoteImage, tuple[str, str]]:
    """The hash of each image's content, texts beside it included, and that of the picture alone.

    What is known of an image as it is now is not fetched again. For one that cannot be fetched, a hash of its address:
    it fails when it is read.
    """
    images = list(images)
    noted: dict[str, tuple[str, str]] = {}
    with suppress(OSError):
        if _notes().stat().st_size <= MAX_NOTES_BYTES:
            noted = dict(_read(_notes().read_bytes()))
    new = [image for image in images if image.id not in noted]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = {image: hashes for image, hashes in zip(new, pool.map(_hashes, new), strict=True) if hashes}
    if found:
        noted |= {image.id: hashes for image, hashes in found.items()}
        lines = (orjson.dumps([key, *hashes], option=orjson.OPT_APPEND_NEWLINE) for key, hashes in noted.items())
        with suppress(Problem):  # on a full disk they are not remembered
            write_atomically(_notes(), b"".join(lines), durable=False)
    return {image: noted.get(image.id) or _unreadable(image) for image in images}


def _unreadable(image: RemoteImage) -> tuple[str, str]:
    digest = hash_bytes(b"unreadable", image.url.encode())
    return digest, digest


def _hashes(image: RemoteImage) -> tuple[str, str] | None:
    try:
        path = image.fetch()
    except Problem:
        return None
    return hashes_of(path)


def _notes() -> Path:
    return fetched_folder() / "hashes.jsonl"


def _read(data: bytes) -> Iterator[tuple[str, tuple[str, str]]]:
    for line in data.splitlines():
        with suppress(ValueError, TypeError):
            key, content, picture = orjson.loads(line)
            if all(isinstance(one, str) for one in (key, content, picture)):
                yield key, (content, picture)
