"""The keys of a person: Ed25519 for recipes, and a certificate with a key (PKCS #12) for reports.

In files, ``NAME.key`` and ``NAME.p12`` are readable by their owner alone, and encrypted where there is a passphrase. In
the user's keyring both private keys are one secret, and ``NAME.crt`` is the certificate alone. ``NAME.pub`` is what
others get to see. A company's own certificate does as well: name its ``.p12`` file.
"""

import base64
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from graingraph.engine.problem import Problem
from graingraph.engine.release.user_keyring import find_secret, keep_secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.x509 import Certificate

KIND = "ed25519:"
_NAME = re.compile(r"[^\W_][\w .@'-]{0,79}")
_MISSING = "Signing takes the package cryptography: pip install 'graingraph[sign]'."
VALID = timedelta(days=3650)


def keys_folder() -> Path:
    """Where this user's keys lie (``GRAINGRAPH_KEYS`` overrides it)."""
    import platformdirs

    override = os.environ.get("GRAINGRAPH_KEYS")
    return Path(override) if override else platformdirs.user_data_path("graingraph", False) / "keys"


@dataclass(frozen=True)
class Key:
    """A person's key: ``name``, ``public`` as policies list it, and the private half."""

    name: str
    public: str
    private: "Ed25519PrivateKey"

    def sign(self, data: bytes) -> str:
        """The signature of the data, base64."""
        return base64.b64encode(self.private.sign(data)).decode()


def is_signed(public: str, data: bytes, signature: str) -> bool:
    """Whether the signature (base64) of the data is by the owner of this public key."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        raise Problem(_MISSING) from None
    if not public.startswith(KIND):
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public.removeprefix(KIND), validate=True))
        key.verify(base64.b64decode(signature, validate=True), data)
    except (InvalidSignature, ValueError):
        return False
    return True


@dataclass(frozen=True)
class SigningCertificate:
    """A certificate with its private key (PKCS #12), to sign reports with; ``where`` tells what it was read from."""

    pkcs12: bytes
    where: str


def make_key(
    name: str, passphrase: bytes | None = None, folder: Path | None = None, *, in_keyring: bool = False
) -> str:
    """Make the keys of a person and return the public one. ``Problem`` where there are some of that name already.

    In the user's keyring they need no ``passphrase``.
    """
    try:
        from cryptography.hazmat.primitives import serialization as form
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import pkcs12
    except ImportError:
        raise Problem(_MISSING) from None
    if not _NAME.fullmatch(name):
        raise Problem(f"'{name[:80]}' is no name of a key; take letters, digits, spaces and . - ' @.")
    place = folder or keys_folder()
    hidden = form.BestAvailableEncryption(passphrase) if passphrase else form.NoEncryption()
    private = Ed25519PrivateKey.generate()
    public = KIND + base64.b64encode(private.public_key().public_bytes_raw()).decode()
    for_reports = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(name, for_reports)
    if in_keyring:
        if (place / f"{name}.pub").exists():
            raise _taken(name, place)
        plain = (form.Encoding.DER, form.PrivateFormat.PKCS8, form.NoEncryption())
        secrets = (private.private_bytes(*plain), for_reports.private_bytes(*plain))
        keep_secret(public, " ".join(base64.b64encode(one).decode() for one in secrets))
        files = {f"{name}.crt": certificate.public_bytes(form.Encoding.PEM)}
    else:
        packed = pkcs12.serialize_key_and_certificates(name.encode(), for_reports, certificate, None, hidden)
        files = {
            f"{name}.key": private.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, hidden),
            f"{name}.p12": packed,
        }
    _write_new(place, {**files, f"{name}.pub": f"{public}\n".encode()}, name)
    return public


def _write_new(place: Path, files: Mapping[str, bytes], name: str) -> None:
    try:
        place.mkdir(parents=True, exist_ok=True)
        for file, content in files.items():
            mode = 0o600 if file.endswith((".key", ".p12")) else 0o644
            descriptor = os.open(place / file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(descriptor, "wb") as target:
                target.write(content)
    except FileExistsError:
        raise _taken(name, place) from None
    except OSError as error:
        raise Problem(f"Keys cannot be kept in {place} ({error.strerror}); set GRAINGRAPH_KEYS to a folder.") from None


def _taken(name: str, place: Path) -> Problem:
    return Problem(f"There are keys of {name} in {place} already; choose another name.")


def _certificate(name: str, key: "EllipticCurvePrivateKey") -> "Certificate":
    """A certificate that the person issues: it shows every change of a report; who signed, to those who know it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import NameOID

    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    now = datetime.now(UTC)
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + VALID)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )


def load_key(name: str, passphrase: bytes | None = None, folder: Path | None = None) -> Key:
    """The key of a person, by name or by the file ``NAME.key``. Raises ``Problem``."""
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key
    except ImportError:
        raise Problem(_MISSING) from None
    if is_in_keyring(name, folder):
        path, private = Path(name), load_der_private_key(_secrets(name, folder)[0], None)
    else:
        path = _file(name, ".key", folder)
        try:
            private = load_pem_private_key(path.read_bytes(), passphrase)
        except (TypeError, ValueError) as error:
            raise Problem(f"{path} cannot be opened ({error}); is the passphrase right?") from None
        except OSError as error:
            raise Problem(f"{path} cannot be read ({error.strerror}).") from None
    if not isinstance(private, Ed25519PrivateKey):
        raise Problem(f"{path} holds another kind of key; make one with: graingraph keys --new NAME")
    public = KIND + base64.b64encode(private.public_key().public_bytes_raw()).decode()
    return Key(path.stem, public, private)


def signing_certificate(name: str, folder: Path | None = None) -> SigningCertificate:
    """What to sign reports with: a person's own, or a PKCS #12 file that is named. Raises ``Problem``."""
    if is_in_keyring(name, folder):
        return SigningCertificate(_packed(name, folder), f"The certificate of {name} in the keyring")
    path = _file(name, ".p12", folder)
    try:
        return SigningCertificate(path.read_bytes(), str(path))
    except OSError as error:
        raise Problem(f"{path} cannot be read ({error.strerror}).") from None


def _packed(name: str, folder: Path | None) -> bytes:
    """The certificate of a person whose keys are in the keyring, with its key: for this process alone."""
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import NoEncryption, load_der_private_key, pkcs12
    from cryptography.x509 import load_pem_x509_certificate

    path = (folder or keys_folder()) / f"{name}.crt"
    try:
        certificate = load_pem_x509_certificate(path.read_bytes())
        key = load_der_private_key(_secrets(name, folder)[1], None)
        assert isinstance(key, EllipticCurvePrivateKey)
        return pkcs12.serialize_key_and_certificates(name.encode(), key, certificate, None, NoEncryption())
    except OSError as error:
        raise Problem(f"{path} cannot be read ({error.strerror}).") from None
    except ValueError as error:
        raise Problem(f"{path} is no certificate of this key ({error}); make new keys.") from None


def is_in_keyring(name: str, folder: Path | None = None) -> bool:
    """Whether the keys of this name are in the user's keyring, where they need no passphrase."""
    return bool(_NAME.fullmatch(name)) and ((folder or keys_folder()) / f"{name}.crt").is_file()


def _secrets(name: str, folder: Path | None) -> list[bytes]:
    """The private keys of a person in the keyring (PKCS #8): that for recipes, that for reports."""
    found = find_secret(known_keys(folder).get(name, ""))
    try:
        recipes, reports = (base64.b64decode(part, validate=True) for part in (found or "").split(" "))
    except ValueError:
        raise Problem(f"The keyring has no key of {name}, as it was made by another user or machine.") from None
    return [recipes, reports]


def known_keys(folder: Path | None = None) -> dict[str, str]:
    """The public keys in the folder by name."""
    place = folder or keys_folder()
    return {path.stem: path.read_text("utf-8").strip() for path in sorted(place.glob("*.pub"))}


def _file(name: str, suffix: str, folder: Path | None) -> Path:
    named = Path(name)
    if named.suffix in (suffix, ".pfx") and named.is_file():
        return named
    path = (folder or keys_folder()) / f"{name}{suffix}"
    if not _NAME.fullmatch(name) or not path.is_file():
        known = ", ".join(known_keys(folder)) or "none"
        raise Problem(f"There is no key {name}; this user has {known}. Make one with: graingraph keys --new NAME")
    return path
