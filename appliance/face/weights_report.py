"""What `mynavisit face weights` says of a weights set: enough to decide whether to trust it."""

from __future__ import annotations

from dataclasses import asdict

from appliance.face.evidence_file import DEFAULT_EVIDENCE, Bands
from appliance.face.weights_shelf import KnownWeights


def known_as_json(known: KnownWeights) -> dict[str, object]:
    """Return one weights set under the names of the command line."""
    said: dict[str, object] = {
        "file": str(known.path),
        "sha256": known.sha256,
        "shipped": known.path == DEFAULT_EVIDENCE,
        "in_use": known.is_in_use,
        "sound": known.evidence is not None,
    }
    evidence = known.evidence
    if evidence is None:
        return {**said, "refused": known.trouble}
    return {
        **said,
        "name": evidence.name,
        "source": evidence.source,
        "licence": evidence.licence,
        "licence_note": " ".join(evidence.licence_note.split()),
        "template": asdict(evidence.way),
        "thresholds": asdict(evidence.bands),
        "identity_thresholds": identity_as_json(evidence.identity),
        "hashes": {
            pinned.file: pinned.sha256
            for pinned in (evidence.landmarks, evidence.embedding, evidence.cohort.pinned)
        },
        "measured": [asdict(row) for row in evidence.measured],
        "identity_measured": [asdict(row) for row in evidence.identity_measured],
    }


def identity_as_json(identity: Bands) -> dict[str, float]:
    """Return the bands of two live pictures under the names of the evidence file."""
    return {"held_from": identity.match_from, "unsure_from": identity.look_closely_from}
