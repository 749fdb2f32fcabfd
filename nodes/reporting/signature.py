"""Signing reports (PAdES, ETSI EN 319 142, by pyHanko): any PDF reader shows who signed, and one flipped byte."""

import io
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graingraph.engine.problem import Problem
from graingraph.engine.release.keys import SigningCertificate

if TYPE_CHECKING:
    from pyhanko.sign.signers import SimpleSigner

_MISSING = "Signing reports takes the package pyHanko: pip install 'graingraph[sign]'."


@dataclass(frozen=True)
class Signed:
    """A signature in a report: by whom, when by the signer's clock, and whether everything is as it was signed.

    ``fingerprint`` is the SHA-256 of the certificate, by which a person is known for whose certificate nobody vouches.
    """

    signer: str
    at: str
    fingerprint: str
    whole: bool

    def __str__(self) -> str:
        state = "nothing was changed since" if self.whole else "it was CHANGED since"
        return f"Signed by {self.signer} at {self.at}; {state}. Certificate SHA-256 {self.fingerprint}."


def open_signer(certificate: SigningCertificate, passphrase: bytes | None = None) -> "SimpleSigner":
    """What signs with this certificate and its key. ``Problem`` where they cannot be opened."""
    try:
        from pyhanko.sign.signers import SimpleSigner
    except ImportError:
        raise Problem(_MISSING) from None
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)  # what is wrong is said here
    signer = SimpleSigner.load_pkcs12_data(certificate.pkcs12, [], passphrase=passphrase)
    if signer is None:
        raise Problem(f"{certificate.where} cannot be opened; is the passphrase right?")
    return signer


def sign_report(data: bytes, signer: "SimpleSigner", reason: str = "") -> bytes:
    """The report with a signature that certifies it: no change of it is allowed afterwards."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign import signers
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
    from pyhanko.sign.general import SigningError

    facts = signers.PdfSignatureMetadata(
        field_name="Signature",
        reason=reason or None,
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    try:
        signed = signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(data)), facts, signer=signer)
    except (PdfError, SigningError) as error:
        raise Problem(f"The report cannot be signed ({error}).") from None
    return bytes(signed.getbuffer())


def signatures_of(report: Path) -> list[Signed]:
    """The signatures in a report, each checked over the whole file; none in one that was never signed."""
    try:
        from pyhanko.pdf_utils.reader import PdfFileReader
    except ImportError:
        raise Problem(_MISSING) from None
    for library in ("pyhanko", "pyhanko_certvalidator"):
        logging.getLogger(library).setLevel(logging.CRITICAL)
    try:
        with report.open("rb") as file:
            return [_checked(one) for one in PdfFileReader(file).embedded_signatures]
    except OSError as error:
        raise Problem(f"{report} cannot be read ({error.strerror}); check the name and the folder.") from None
    except Exception:  # a damaged file makes the reader stumble in many ways
        raise Problem(f"{report.name} is damaged, or is no report; use another copy.") from None


def _checked(embedded: Any) -> Signed:
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    certificate = embedded.signer_cert
    context = ValidationContext(trust_roots=[certificate], allow_fetching=False)
    status = validate_pdf_signature(embedded, context)
    at = embedded.self_reported_timestamp
    return Signed(
        certificate.subject.native.get("common_name", certificate.subject.human_friendly),
        at.isoformat(timespec="seconds") if at else "a time that it does not tell",
        certificate.sha256.hex(),
        bool(status.intact and status.valid and embedded.coverage.name == "ENTIRE_FILE" and _is_padded(embedded)),
    )


def _is_padded(embedded: Any) -> bool:
    """Whether the room that is left behind the signature itself is empty: the one place that no signature covers."""
    from asn1crypto import parser

    content = bytes(embedded.sig_object.raw_get("/Contents"))
    return not any(content[parser.peek(content) :])
